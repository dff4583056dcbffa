import type { RecordKind } from '../contract/records.js';

/** What became of the rows of one kind. `seen` is the sum of the others. */
export interface KindCounts {
  seen: number;
  created: number;
  updated: number;
  unchanged: number;
  /** By reason: `job-not-open`, `no-job`, `private`, … */
  skipped: Record<string, number>;
  quarantined: number;
}

export type StreamCounts = Partial<Record<RecordKind, KindCounts>>;

export function emptyCounts(): KindCounts {
  return { seen: 0, created: 0, updated: 0, unchanged: 0, skipped: {}, quarantined: 0 };
}

/** Adds up counts of pages or streams; neither argument is changed. */
export function addCounts(left: StreamCounts, right: StreamCounts): StreamCounts {
  const sum: StreamCounts = structuredClone(left);
  for (const [kind, counts] of Object.entries(right) as [RecordKind, KindCounts][]) {
    const into = (sum[kind] ??= emptyCounts());
    into.seen += counts.seen;
    into.created += counts.created;
    into.updated += counts.updated;
    into.unchanged += counts.unchanged;
    into.quarantined += counts.quarantined;
    for (const [reason, count] of Object.entries(counts.skipped)) {
      into.skipped[reason] = (into.skipped[reason] ?? 0) + count;
    }
  }
  return sum;
}
