import type { LeverState } from './lever-state.js';
import type { OpportunityRecord } from './records.js';

const cache = new WeakMap<
  LeverState,
  Map<string, { readonly version: number; readonly counts: ReadonlyMap<string, number> }>
>();

/** How many opportunities have each tag. */
export function tagCounts(state: LeverState): ReadonlyMap<string, number> {
  return counted(state, 'tags', ({ tags }) => tags);
}

/** How many opportunities have each source. */
export function sourceCounts(state: LeverState): ReadonlyMap<string, number> {
  return counted(state, 'sources', ({ sources }) => sources);
}

function counted(
  state: LeverState,
  name: string,
  texts: (record: OpportunityRecord) => readonly string[],
): ReadonlyMap<string, number> {
  const cached = cache.get(state)?.get(name);
  if (cached?.version === state.version) return cached.counts;
  const counts = new Map<string, number>();
  for (let slot = 0; slot < state.slotsEnd; slot += 1) {
    const record = state.opportunity(slot);
    for (const text of record === undefined ? [] : texts(record)) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const all =
    cache.get(state) ?? new Map<string, { readonly version: number; readonly counts: ReadonlyMap<string, number> }>();
  cache.set(state, all.set(name, { version: state.version, counts }));
  return counts;
}
