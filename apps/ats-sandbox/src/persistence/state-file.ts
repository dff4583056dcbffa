import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptStateSchema, type KeptState } from './kept-state.js';

/** `sandbox.json` in a folder. Written whole and then renamed, so that a process killed half-way leaves the earlier one. */
export class StateFile {
  readonly #folder: string;
  readonly #path: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, 'sandbox.json');
  }

  /** Undefined when nothing was kept yet. Throws an Error with a sentence when the file cannot be understood. */
  read(): KeptState | undefined {
    if (!existsSync(this.#path)) return undefined;
    const parsed = keptStateSchema.safeParse(parseJson(readFileSync(this.#path, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new Error(`The sandbox does not understand ${this.#path}. Delete it to begin anew.`);
  }

  write(state: KeptState): void {
    mkdirSync(this.#folder, { recursive: true });
    const unfinished = `${this.#path}.new`;
    // Only for whom it belongs to: the tokens in it open nothing but this sandbox, but they look like real ones.
    writeFileSync(unfinished, JSON.stringify(state), { mode: 0o600 });
    renameSync(unfinished, this.#path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
