import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { RECORD_TABLES } from './record-tables.js';

/** Remembers what a full listing has shown, so that its end can tell what it has not. */
export async function rememberSeen(
  em: EntityManager,
  runId: string,
  seen: readonly { readonly kind: RecordKind; readonly remoteId: string }[],
): Promise<void> {
  if (seen.length === 0) return;
  await execute(
    em,
    `insert into ats.seen_records (run_id, kind, remote_id) select $1::uuid, s.kind, s.remote_id
     from unnest($2::text[], $3::text[]) as s(kind, remote_id) on conflict do nothing`,
    [runId, seen.map(({ kind }) => kind), seen.map(({ remoteId }) => remoteId)],
  );
}

/**
 * Whether the ATS hides more of a kind from this run than from the last one before it that listed everything: somebody has
 * become private since, and is among those who vanished.
 */
export async function hidesMore(
  em: EntityManager,
  connectionId: string,
  runId: string,
  kind: RecordKind,
): Promise<boolean> {
  const [row] = await query<{ more: boolean | null }>(
    em,
    `with hidden as (
       select r.id, r.queued_at, coalesce(sum((s.counts -> $3 -> 'skipped' ->> 'private')::int), 0) as count
       from ats.sync_runs r join ats.sync_streams s on s.run_id = r.id
       where r.connection_id = $1 and (r.id = $2 or r.status = 'completed' and r.kind in ('initial', 'resync', 'reconcile'))
       group by r.id, r.queued_at order by r.queued_at desc limit 2)
     select (select count from hidden where id = $2) > (select count from hidden where id <> $2) as more`,
    [connectionId, runId, kind],
  );
  return row?.more === true;
}

/** A run that goes on where an earlier one stopped has seen what that one saw. */
export async function inheritSeen(em: EntityManager, fromRunId: string, runId: string): Promise<void> {
  await execute(
    em,
    `insert into ats.seen_records (run_id, kind, remote_id) select $2::uuid, kind, remote_id from ats.seen_records where run_id = $1`,
    [fromRunId, runId],
  );
}

/** What runs of this connection have seen serves nothing once one of them is complete. */
export async function forgetSeen(em: EntityManager, connectionId: string): Promise<void> {
  await execute(
    em,
    `delete from ats.seen_records s using ats.sync_runs r where r.id = s.run_id and r.connection_id = $1`,
    [connectionId],
  );
}

export interface VanishedCount {
  /** Living records of the kind that were here before the run began. */
  readonly living: number;
  readonly vanished: number;
}

/** Living records that were here before the run began and that it has not seen; those about which a person decided are told apart. What the ATS itself told of and is held waits for its own decision. */
const VANISHED = (kind: RecordKind): string => `from ${RECORD_TABLES[kind].table} t
  join ats.sync_runs r on r.id = $2 and t.created_at < r.queued_at
  left join ats.held_deletions h on h.connection_id = t.connection_id and h.kind = '${kind}' and h.remote_id = t.remote_id
  where t.connection_id = $1 and t.tombstone is null
    and not exists (select 1 from ats.seen_records s where s.run_id = $2 and s.kind = '${kind}' and s.remote_id = t.remote_id)
    and h.decision is distinct from 'rejected' and h.source is distinct from 'news'`;

/** Without what a person approved already: that counts against no brake. */
export async function countVanished(
  em: EntityManager,
  connectionId: string,
  runId: string,
  kind: RecordKind,
): Promise<VanishedCount> {
  const [row] = await query<VanishedCount>(
    em,
    `select (select count(*)::int from ${RECORD_TABLES[kind].table} where connection_id = $1 and tombstone is null) as living,
       (select count(*)::int ${VANISHED(kind)} and h.decision is distinct from 'approved') as vanished`,
    [connectionId, runId],
  );
  return row ?? { living: 0, vanished: 0 };
}

/** In the order of their remote ids, from behind `after`. */
export async function readVanished(
  em: EntityManager,
  connectionId: string,
  runId: string,
  kind: RecordKind,
  { after, limit, approvedOnly }: { readonly after: string; readonly limit: number; readonly approvedOnly: boolean },
): Promise<string[]> {
  const rows = await query<{ remote_id: string }>(
    em,
    `select t.remote_id ${VANISHED(kind)} and t.remote_id > $3 and (not $5 or h.decision = 'approved')
     order by t.remote_id limit $4`,
    [connectionId, runId, after, limit, approvedOnly],
  );
  return rows.map((row) => row.remote_id);
}
