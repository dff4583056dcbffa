import type { Row } from '../data/rows.js';

/** A few hundred rows, all held. */
export class SmallTable<Stored extends Row = Row> {
  readonly #rows = new Map<number, Stored>();
  #version = 0;

  constructor(rows: readonly Stored[]) {
    for (const row of rows) this.#rows.set(row.id, row);
  }

  /** Goes up with every change. */
  get version(): number {
    return this.#version;
  }

  byId(id: number): Stored | undefined {
    return this.#rows.get(id);
  }

  put(row: Stored): void {
    this.#rows.set(row.id, row);
    this.#version += 1;
  }

  remove(id: number): void {
    this.#rows.delete(id);
    this.#version += 1;
  }

  /** Oldest first. */
  all(): readonly Stored[] {
    return [...this.#rows.values()].sort((a, b) => a.id - b.id);
  }

  *descend(belowId: number): Generator<Stored> {
    for (const row of this.all().toReversed()) if (row.id < belowId) yield row;
  }
}
