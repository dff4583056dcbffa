import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const ENTRY = new URL('host.mjs', import.meta.url).pathname;

interface Reply {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

export interface RaceOptions {
  readonly databaseUrl: string;
  readonly authUrl: string;
  /** How wrong the clock of the process is. */
  readonly clockOffMinutes: number;
}

/** The library in a process of its own. */
export class RaceHost {
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #numbers = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => {
      const { number, result, error } = message as Reply;
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    });
  }

  static async start(options: RaceOptions): Promise<RaceHost> {
    const child = fork(ENTRY, [], {
      env: { PATH: process.env['PATH'], RACE: JSON.stringify(options) },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const host = new RaceHost(child);
    const ready = new Promise((resolve, reject) => host.#waiting.set(0, { resolve, reject }));
    const gone = once(child, 'exit').then(() => Promise.reject(new Error(`The host did not start: ${complaint}`)));
    gone.catch(() => undefined);
    await Promise.race([ready, gone]);
    return host;
  }

  do<Result>(task: 'connect' | 'ask', input: unknown): Promise<Result> {
    const number = (this.#numbers += 1);
    const done = new Promise<unknown>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    this.child.send({ number, task, input });
    return done as Promise<Result>;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
