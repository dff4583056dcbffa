import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord } from '../contract/tombstone.js';
import { execute, query } from '../database/query.js';
import { RECORD_TABLES } from './record-tables.js';

/** `listing`: a listing of everything did not show it, and the next one can tell again. `news`: the ATS said so, once. */
export type HeldSource = 'listing' | 'news';

/** Keeps what vanished for a person to decide, with the reason that it is to be marked with. */
export async function holdDeletions(
  em: EntityManager,
  connectionId: string,
  source: HeldSource,
  gone: readonly GoneRecord[],
  now: Date,
): Promise<void> {
  await execute(
    em,
    `insert into ats.held_deletions (connection_id, kind, remote_id, source, tombstone, merged_into, held_at)
     select $1::uuid, g.kind, g.remote_id, $6, g.tombstone, g.merged_into, $7
     from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as g(kind, remote_id, tombstone, merged_into)
     on conflict do nothing`,
    [
      connectionId,
      gone.map(({ kind }) => kind),
      gone.map(({ remoteId }) => remoteId),
      gone.map(({ tombstone }) => tombstone),
      gone.map(({ intoRemoteId }) => intoRemoteId),
      source,
      now,
    ],
  );
}

/** Of what the ATS said, the ATS shows these again: on pages that it was asked for after it had said so. */
export async function releaseShown(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteIds: readonly string[],
  askedAt: Date,
): Promise<void> {
  await execute(
    em,
    `delete from ats.held_deletions where connection_id = $1 and kind = $2 and remote_id = any($3)
       and source = 'news' and held_at <= $4`,
    [connectionId, kind, remoteIds, askedAt],
  );
}

/** Takes some of what the ATS said and a person approved, to mark it now: no listing would show that it is gone. */
export async function takeApproved(em: EntityManager, connectionId: string, limit: number): Promise<GoneRecord[]> {
  return query<GoneRecord>(
    em,
    `delete from ats.held_deletions h using (
       select kind, remote_id from ats.held_deletions
       where connection_id = $1 and source = 'news' and decision = 'approved' order by kind, remote_id limit $2) as taken
     where h.connection_id = $1 and h.kind = taken.kind and h.remote_id = taken.remote_id
     returning h.kind, h.remote_id as "remoteId", h.tombstone, h.merged_into as "intoRemoteId", null as at`,
    [connectionId, limit],
  );
}

/** Of these the ones that are living here, each with what became of it when it was held; null: it was not. */
export async function readDecisions(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteIds: readonly string[],
): Promise<Map<string, 'open' | 'approved' | 'rejected' | null>> {
  const rows = await query<{ remote_id: string; decision: 'open' | 'approved' | 'rejected' | null }>(
    em,
    `select g.remote_id, h.decision from unnest($3::text[]) as g(remote_id)
     cross join lateral (select 1 from ${RECORD_TABLES[kind].table} t
       where t.connection_id = $1 and t.remote_id = g.remote_id and t.tombstone is null limit 1) living
     left join ats.held_deletions h on h.connection_id = $1 and h.kind = $2 and h.remote_id = g.remote_id`,
    [connectionId, kind, remoteIds],
  );
  return new Map(rows.map((row) => [row.remote_id, row.decision]));
}

/** What a listing shows again, or what is gone by now, waits for nobody. */
export async function releaseHeld(
  em: EntityManager,
  connectionId: string,
  runId: string,
  kind: RecordKind,
): Promise<void> {
  await execute(
    em,
    `delete from ats.held_deletions h where h.connection_id = $1 and h.kind = $3
       and (h.source = 'listing' and exists (select 1 from ats.seen_records s where s.run_id = $2 and s.kind = $3 and s.remote_id = h.remote_id)
         or not exists (select 1 from ${RECORD_TABLES[kind].table} t
           where t.connection_id = $1 and t.remote_id = h.remote_id and t.tombstone is null))`,
    [connectionId, runId, kind],
  );
}

export async function forgetHeld(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteIds: readonly string[],
): Promise<void> {
  await execute(em, `delete from ats.held_deletions where connection_id = $1 and kind = $2 and remote_id = any($3)`, [
    connectionId,
    kind,
    remoteIds,
  ]);
}

export async function countHeld(em: EntityManager, connectionId: string, kind: RecordKind): Promise<number> {
  const [row] = await query<{ count: number }>(
    em,
    `select count(*)::int as count from ats.held_deletions where connection_id = $1 and kind = $2 and decision = 'open'`,
    [connectionId, kind],
  );
  return row?.count ?? 0;
}
