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

/** The connection may not read it: of a run that goes on without it, it is no part. */
export async function leaveOutStream(em: EntityManager, run: ClaimedRun, stream: string): Promise<void> {
  await execute(em, `delete from ats.sync_streams where run_id = $1 and stream = $2 and pages = 0 and ${STILL_OURS}`, [
    run.id,
    stream,
    run.fence,
  ]);
}

/**
 * What this run asks a stream for: everything, or what changed since the stream was last complete. A history that is not read
 * in full begins with the connection: what was before, an account's first import does not pay for.
 */
export async function requestOf(
  em: EntityManager,
  run: ClaimedRun,
  stream: StreamSpec<unknown>,
  overlapSeconds: number,
): Promise<StreamRequest> {
  const since = await changesSince(em, run, stream);
  if (since === null) return { mode: 'full' };
  return { mode: 'changes', since: new Date(since.getTime() - overlapSeconds * 1000), until: run.windowUntil };
}

async function changesSince(em: EntityManager, run: ClaimedRun, stream: StreamSpec<unknown>): Promise<Date | null> {
  const { id } = run.connection;
  if (run.kind === 'incremental' && stream.modes.includes('changes')) {
    const [row] = await query<{ since: Date }>(
      em,
      `select complete_until as since from ats.sync_watermarks where connection_id = $1 and stream = $2`,
      [id, stream.name],
      ['since'],
    );
    if (row !== undefined) return row.since;
  }
  if (stream.modes.includes('full')) return null;
  const [row] = await query<{ since: Date }>(
    em,
    `select created_at as since from ats.connections where id = $1`,
    [id],
    ['since'],
  );
  return row?.since ?? null;
}
