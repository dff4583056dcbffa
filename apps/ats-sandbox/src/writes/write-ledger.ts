/** A request of an app that changed something. */
export interface Write {
  /** Counts from 1. */
  readonly sequence: number;
  /** By the vendor's clock. */
  readonly at: string;
  /** Method and route, with `:id` in place of the record's id. */
  readonly route: string;
  /** The record's id; null for one that was made. */
  readonly record: string | null;
  /** What was asked for: the body. */
  readonly value: unknown;
  /** The user in whose name it was made; null when nobody was named. */
  readonly performer: string | null;
  readonly clientId: string | null;
}

/** The same request to the same record, and how often it took effect. */
export interface Effect {
  readonly route: string;
  readonly record: string | null;
  readonly value: unknown;
  readonly times: number;
  readonly sequences: readonly number[];
}

/** Every write of an account that took effect, whether or not its answer arrived. */
export class WriteLedger {
  readonly #now: () => number;
  #writes: Write[] = [];
  #made = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(write: Omit<Write, 'sequence' | 'at'>): void {
    this.#made += 1;
    this.#writes.push({ sequence: this.#made, at: new Date(this.#now()).toISOString(), ...write });
  }

  /** Oldest first. */
  list(): readonly Write[] {
    return this.#writes;
  }

  /** Those that happened more than once first. */
  effects(): readonly Effect[] {
    const effects = new Map<string, Effect>();
    for (const { route, record, value, sequence } of this.#writes) {
      const key = JSON.stringify([route, record, value]);
      const sequences = [...(effects.get(key)?.sequences ?? []), sequence];
      effects.set(key, { route, record, value, times: sequences.length, sequences });
    }
    return [...effects.values()].sort((a, b) => b.times - a.times);
  }

  clear(): void {
    this.#writes = [];
  }
}
