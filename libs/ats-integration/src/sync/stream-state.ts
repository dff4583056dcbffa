import type { EntityManager } from '@mikro-orm/postgresql';
import type { StreamRequest, StreamSpec } from '../contract/ats-provider.js';
import type { Cursor } from '../contract/page.js';
import { execute, query } from '../database/query.js';
import type { ClaimedRun } from './claimed-run.js';
import type { StreamCounts } from './stream-counts.js';

export interface StreamState {
  readonly cursor: Cursor | null;
  readonly done: boolean;
  readonly counts: StreamCounts;
}

/** Where a stream of this run stands; begins it when it has not begun. */
export async function openStream(em: EntityManager, runId: string, stream: string): Promise<StreamState> {
  await execute(
    em,
    `insert into ats.sync_streams (run_id, stream, status) values ($1, $2, 'pending') on conflict do nothing`,
    [runId, stream],
  );
  const [row] = await query<{ cursor: Cursor | null; status: string; counts: StreamCounts }>(
    em,
    `select cursor, status, counts from ats.sync_streams where run_id = $1 and stream = $2`,
    [runId, stream],
  );
  return { cursor: row?.cursor ?? null, done: row?.status === 'done', counts: row?.counts ?? {} };
}

/** A worker that was taken over must not move the cursor of the one that has the run now. */
const STILL_OURS = `exists (select 1 from ats.sync_runs where id = $1 and fence = $3 and status = 'running')`;

/** The listing has ended without a page that said so (an empty one). */
export async function closeStream(em: EntityManager, run: ClaimedRun, stream: string): Promise<void> {
  await execute(
    em,
    `update ats.sync_streams set status = 'done', cursor = null where run_id = $1 and stream = $2 and ${STILL_OURS}`,
    [run.id, stream, run.fence],
  );
}

/** The ATS no longer knows the cursor: the listing begins anew, and so do its counts. What it brought before is recognised as unchanged. */
export async function rewindStream(em: EntityManager, run: ClaimedRun, stream: string): Promise<void> {
  await execute(
    em,
    `update ats.sync_streams set cursor = null, counts = '{}', pages = 0
     where run_id = $1 and stream = $2 and status <> 'done' and ${STILL_OURS}`,
    [run.id, stream, run.fence],
  );
}

/** What this run asks a stream for: everything, or what changed since the stream was last complete. */
export async function requestOf(
  em: EntityManager,
  run: ClaimedRun,
  stream: StreamSpec<unknown>,
  overlapSeconds: number,
): Promise<StreamRequest> {
  if (run.kind !== 'incremental' || !stream.modes.includes('changes')) return { mode: 'full' };
  const [row] = await query<{ complete_until: Date }>(
    em,
    `select complete_until from ats.sync_watermarks where connection_id = $1 and stream = $2`,
    [run.connection.id, stream.name],
    ['complete_until'],
  );
  if (row === undefined) return { mode: 'full' };
  return {
    mode: 'changes',
    since: new Date(row.complete_until.getTime() - overlapSeconds * 1000),
    until: run.windowUntil,
  };
}
