import { at } from './catalogue.js';
import type { LeverState } from './lever-state.js';
import { idWord } from './record-ids.js';
import type { OpportunityRow } from './records.js';

/** A place in the order of opportunities. */
export interface OrderKey {
  readonly rank: number;
  readonly advancedAt: number;
  readonly idWord: number;
}

/**
 * Opportunities in the order in which the vendor lists them: stage rank, then the most recently advanced first, then id.
 * The rows as generated are sorted once, in a typed array; the changed ones are kept beside them and merged while reading.
 */
export class OpportunityOrder {
  readonly #state: LeverState;
  #generated: Uint32Array | undefined;
  #changed: readonly OpportunityRow[] = [];
  #changedVersion = -1;

  constructor(state: LeverState) {
    this.#state = state;
  }

  keyOf(row: OpportunityRow): OrderKey {
    const rank = at(this.#state.stages, row.stage).rank;
    return { rank, advancedAt: row.advancedAt, idWord: idWord(this.#state.seed, row.slot, 'opportunity') };
  }

  /** Rows from a key on, itself included. With `changedOnly`, rows as generated are left out without being looked at. */
  *from(key: OrderKey | undefined, changedOnly: boolean): Generator<OpportunityRow> {
    const changed = this.#changedRows();
    let next =
      key === undefined
        ? 0
        : lowerBound(changed.length, (place) => compareKeys(this.keyOf(at(changed, place)), key) < 0);
    let pending = changed[next];
    if (!changedOnly) {
      for (const row of this.#generatedFrom(key)) {
        while (pending !== undefined && compareKeys(this.keyOf(pending), this.keyOf(row)) < 0) {
          yield pending;
          pending = changed[++next];
        }
        yield row;
      }
    }
    while (pending !== undefined) {
      yield pending;
      pending = changed[++next];
    }
  }

  *#generatedFrom(key: OrderKey | undefined): Generator<OpportunityRow> {
    this.#generated ??= this.#sort();
    const { generator } = this.#state;
    const slots = this.#generated;
    const slotAt = (place: number): number => slots[place] ?? 0;
    const start =
      key === undefined
        ? 0
        : lowerBound(slots.length, (place) => compareKeys(this.keyOf(generator.row(slotAt(place))), key) < 0);
    for (let place = start; place < slots.length; place += 1) {
      if (this.#state.untouched(slotAt(place))) yield generator.row(slotAt(place));
    }
  }

  #changedRows(): readonly OpportunityRow[] {
    if (this.#changedVersion !== this.#state.version) {
      const rows = [...this.#state.overlaid.values()];
      this.#changed = rows.sort((a, b) => compareKeys(this.keyOf(a), this.keyOf(b)));
      this.#changedVersion = this.#state.version;
    }
    return this.#changed;
  }

  /** Each stage's slots are gathered first, so that the comparison needs two numbers only. */
  #sort(): Uint32Array {
    const { generator, seed, stages } = this.#state;
    const advanced = new Float64Array(generator.slots);
    const words = new Uint32Array(generator.slots);
    const byStage = stages.map((): number[] => []);
    for (let slot = 0; slot < generator.slots; slot += 1) {
      if (!generator.has(slot)) continue;
      const row = generator.row(slot);
      advanced[slot] = row.advancedAt;
      words[slot] = idWord(seed, slot, 'opportunity');
      at(byStage, row.stage).push(slot);
    }
    const sorted = new Uint32Array(byStage.reduce((sum, slots) => sum + slots.length, 0));
    let offset = 0;
    for (const slots of byStage) {
      const part = Uint32Array.from(slots).sort(
        (a, b) => (advanced[b] ?? 0) - (advanced[a] ?? 0) || (words[a] ?? 0) - (words[b] ?? 0),
      );
      sorted.set(part, offset);
      offset += part.length;
    }
    return sorted;
  }
}

/** Negative when the first comes first. */
export function compareKeys(a: OrderKey, b: OrderKey): number {
  return a.rank - b.rank || b.advancedAt - a.advancedAt || a.idWord - b.idWord;
}

function lowerBound(length: number, isBefore: (place: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
