import { idOf, keyOf, type Resource } from '../data/ids.js';
import type { Row } from '../data/rows.js';

/** Rows that are made when they are looked at; only what was changed or added is kept. */
export class LazyTable<Stored extends Row> {
  readonly resource: Resource;
  /** Positions below this one are generated, those from it on were added. */
  readonly generated: number;
  readonly #generate: (key: number) => Stored | undefined;
  /** Null marks a deleted row. */
  readonly #overlay = new Map<number, Stored | null>();
  #next: number;
  #version = 0;

  constructor(resource: Resource, generated: number, generate: (key: number) => Stored | undefined) {
    this.resource = resource;
    this.generated = generated;
    this.#generate = generate;
    this.#next = generated;
  }

  /** Goes up with every change. */
  get version(): number {
    return this.#version;
  }

  get end(): number {
    return this.#next;
  }

  at(key: number): Stored | undefined {
    const kept = this.#overlay.get(key);
    if (kept !== undefined) return kept ?? undefined;
    return key < this.generated ? this.#generate(key) : undefined;
  }

  byId(id: number): Stored | undefined {
    const key = keyOf(this.resource, id);
    return key === undefined ? undefined : this.at(key);
  }

  /** The changed or added row; null for a deleted one; undefined where the generated one still stands. */
  changed(key: number): Stored | null | undefined {
    return this.#overlay.get(key);
  }

  changedRows(): readonly Stored[] {
    return [...this.#overlay.values()].filter((row) => row !== null);
  }

  put(row: Stored): void {
    const key = keyOf(this.resource, row.id);
    if (key === undefined || key >= this.#next) throw new Error(`There is no ${this.resource} ${row.id} to change.`);
    this.#overlay.set(key, row);
    this.#version += 1;
  }

  append(make: (id: number) => Stored): Stored {
    const row = make(idOf(this.resource, this.#next));
    this.#overlay.set(this.#next, row);
    this.#next += 1;
    this.#version += 1;
    return row;
  }

  remove(id: number): void {
    const key = keyOf(this.resource, id);
    if (key === undefined || key >= this.#next) return;
    this.#overlay.set(key, null);
    this.#version += 1;
  }

  /**
   * Positions below `below`, newest first. Generated ones outside [`floor`, `ceiling`] are passed over unless they were
   * changed, which is what makes a scan for recent rows cheap in a large account.
   */
  *descend(below: number, floor = 0, ceiling = Infinity): Generator<number> {
    for (let key = Math.min(below, this.#next) - 1; key >= this.generated; key -= 1) yield key;
    const top = Math.min(below, this.generated);
    const first = Math.min(top - 1, ceiling);
    const skipped = [...this.#overlay.keys()].filter((key) => key < top && (key > first || key < floor));
    skipped.sort((a, b) => b - a);
    yield* skipped.filter((key) => key > first);
    for (let key = first; key >= floor; key -= 1) yield key;
    yield* skipped.filter((key) => key < floor && key <= first);
  }
}
