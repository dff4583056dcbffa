import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const ENTRY = new URL('worker.mjs', import.meta.url).pathname;

export interface WorkerSpec {
  readonly databaseUrl: string;
  readonly atsUrl: string;
  /** Lets it find what is due, as a process in production does. */
  readonly schedule: boolean;
}

export interface Order {
  readonly action: 'begin' | 'begin-by-key' | 'again' | 'finish' | 'sync' | 'disconnect';
  readonly person?: { readonly workspaceId: string; readonly userId: string; readonly browser: string };
  readonly connectionId?: string;
  readonly state?: string;
  /** The person says no at the ATS. */
  readonly refused?: boolean;
  /** The process kills itself before this statement or request of the action, counted from 1. */
  readonly dieBeforeStep?: number;
  /** Instead of a number: before the first statement that has this in it. */
  readonly dieBeforeStatement?: string;
  /** Counts from the first request on: what is before it is not of interest. */
  readonly fromFirstRequest?: boolean;
}

export interface Answer {
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly steps: number;
}

/** The library in a process of its own. */
export class CrashWorker {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly lines: AsyncIterator<string>,
  ) {}

  static async start(spec: WorkerSpec): Promise<CrashWorker> {
    const child = spawn(process.execPath, [ENTRY, JSON.stringify(spec)], { env: { PATH: process.env['PATH'] } });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.stdin.on('error', () => undefined);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.value !== 'ready') throw new Error(`The worker did not start: ${complaint}`);
    return new CrashWorker(child, lines);
  }

  /** Null when the process died on the way. */
  async do(order: Order): Promise<Answer | null> {
    this.child.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await this.lines.next();
    return line.done === true ? null : (JSON.parse(line.value) as Answer);
  }

  /** As `do`, for what has to succeed. */
  async must(order: Order): Promise<unknown> {
    const answer = await this.do(order);
    if (answer === null || answer.error !== undefined) {
      throw new Error(`${order.action} failed: ${answer?.message ?? 'the process died'}`);
    }
    return answer.result;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
