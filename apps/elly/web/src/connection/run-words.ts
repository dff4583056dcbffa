import type { CountsByKind, SyncRun } from '../api/ats-schemas.js';

export const RUN_WORDS: Readonly<Record<SyncRun['kind'], string>> = {
  initial: 'First import',
  incremental: 'What changed',
  resync: 'Re-sync of everything',
  targeted: 'Single records, after a webhook',
  reconcile: 'Check for deletions',
};

export const RUN_STATUS_WORDS = {
  queued: { label: 'Waiting', colour: 'blue' },
  running: { label: 'Running', colour: 'blue' },
  completed: { label: 'Done', colour: 'green' },
  failed: { label: 'Failed', colour: 'red' },
  aborted: { label: 'Stopped', colour: 'gray' },
} as const;

export interface RunSum {
  readonly seen: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly quarantined: number;
}

/** The counts of a run over all record kinds. */
export function sumOf(counts: CountsByKind): RunSum {
  const sum = { seen: 0, created: 0, updated: 0, unchanged: 0, skipped: 0, quarantined: 0 };
  for (const kind of Object.values(counts)) {
    sum.seen += kind.seen;
    sum.created += kind.created;
    sum.updated += kind.updated;
    sum.unchanged += kind.unchanged;
    sum.quarantined += kind.quarantined;
    for (const count of Object.values(kind.skipped)) sum.skipped += count;
  }
  return sum;
}

/** Milliseconds that a run took, or has taken by now; null before it began. */
export function tookMs({ startedAt, finishedAt }: SyncRun, now: number): number | null {
  if (startedAt === null) return null;
  return Math.max(0, (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt));
}
