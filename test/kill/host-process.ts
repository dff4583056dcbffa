import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const ENTRY = new URL('host.mjs', import.meta.url).pathname;

/** Elly in a process that dies when it is told to, without a chance to tidy up. */
export class HostProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it answers requests. */
  static async start(env: Readonly<Record<string, string>>): Promise<HostProcess> {
    const child = spawn(process.execPath, [ENTRY], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    for await (const line of createInterface(child.stdout)) {
      if (line.startsWith('http')) {
        child.stdout.resume();
        return new HostProcess(line, child);
      }
    }
    throw new Error(`Elly did not start: ${complaint}`);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await gone;
  }
}
