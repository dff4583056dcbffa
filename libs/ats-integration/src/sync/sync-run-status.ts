export const RUN_KINDS = ['initial', 'incremental', 'resync', 'targeted', 'reconcile'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export const RUN_STATUSES = ['queued', 'running', 'completed', 'failed', 'aborted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Every legal move; a trigger in the database refuses all others. A running run whose worker died goes back to queued and continues at its cursors. */
export const LEGAL_RUN_TRANSITIONS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: ['running', 'aborted'],
  running: ['queued', 'completed', 'failed', 'aborted'],
  completed: [],
  failed: [],
  aborted: [],
};

/** Runs that list everything and so can tell what is gone. An initial one has nothing to miss. */
export function sweepsDeletions(kind: RunKind): boolean {
  return kind === 'resync' || kind === 'reconcile';
}
