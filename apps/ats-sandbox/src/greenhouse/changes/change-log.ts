import type { SandboxRecordKind } from '../../simulator.js';

/** One thing that happened in the account. */
export interface LogEntry {
  readonly sequence: number;
  readonly at: string;
  readonly op: string;
  readonly kind: SandboxRecordKind;
  readonly id: number;
  readonly detail: Readonly<Record<string, unknown>>;
  /** What is told of a record that is no longer there. */
  readonly gone?: Readonly<Record<string, unknown>>;
}

/** Everything that happened since the account was made, oldest first; it only grows. */
export class ChangeLog {
  readonly #entries: LogEntry[] = [];
  readonly #listeners: ((entry: LogEntry) => void)[] = [];

  get length(): number {
    return this.#entries.length;
  }

  append(entry: Omit<LogEntry, 'sequence'>): LogEntry {
    const kept = { ...entry, sequence: this.#entries.length };
    this.#entries.push(kept);
    for (const listener of this.#listeners) listener(kept);
    return kept;
  }

  since(sequence: number): readonly LogEntry[] {
    return this.#entries.slice(sequence);
  }

  onAppend(listener: (entry: LogEntry) => void): void {
    this.#listeners.push(listener);
  }
}
