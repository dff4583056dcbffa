import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { RECORD_TABLES } from './record-tables.js';

/** Keeps what vanished for a person to decide. */
export async function holdDeletions(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteIds: readonly string[],
  now: Date,
): Promise<void> {
  await execute(
    em,
    `insert into ats.held_deletions (connection_id, kind, remote_id, held_at)
     select $1::uuid, $2, id, $4 from unnest($3::text[]) as id on conflict do nothing`,
    [connectionId, kind, remoteIds, now],
  );
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
       and (exists (select 1 from ats.seen_records s where s.run_id = $2 and s.kind = $3 and s.remote_id = h.remote_id)
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
