import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../../node_modules/.bin');

/** What npm tells the scripts that it runs is about this repository, and would lead an npm elsewhere astray. */
const OURS = /^npm_(config_(local_prefix|workspaces?|include_workspace_root|prefix)$|lifecycle_|package_|command$)/;

/** As a person's shell, with Node 24 first on the path. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name) && name !== 'NODE_OPTIONS');
  return { ...Object.fromEntries(kept), PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}`, ...more };
}

/** What it printed. @throws Error with all of it when the command fails. */
export async function run(
  folder: string,
  command: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, parameters, { cwd: folder, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collect(child);
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  if (code === 0) return output();
  throw new Error(`${command} ${parameters.join(' ')} ended with ${code} in ${folder}:\n${output()}`);
}

/** A program that is meant to stay. */
export function start(folder: string, script: string, env: Readonly<Record<string, string>>): RunningProgram {
  const child = spawn(join(BIN, 'node'), [script], {
    cwd: folder,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return {
    output: collect(child),
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

export interface RunningProgram {
  output(): string;
  readonly ended: Promise<number | null>;
  /** Asks it to end as a process manager does; its exit code. */
  stop(): Promise<number | null>;
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
