import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { RECORD_TABLES } from './record-tables.js';

/** Records of the kind that the ATS told of as gone since then: those that were marked, and those that wait for a person. */
export async function countRecent(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  since: Date,
): Promise<number> {
  const [row] = await query<{ count: number }>(
    em,
    `select (select coalesce(sum(count), 0)::int from ats.recent_deletions
         where connection_id = $1 and kind = $2 and told_at > $3)
       + (select count(*)::int from ats.held_deletions
         where connection_id = $1 and kind = $2 and source = 'news' and decision = 'open' and held_at > $3) as count`,
    [connectionId, kind, since],
  );
  return row?.count ?? 0;
}

/** So many are marked now. What is older than a day serves nothing. */
export async function noteRecent(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  count: number,
  now: Date,
): Promise<void> {
  await execute(
    em,
    `with old as (
       delete from ats.recent_deletions where connection_id = $1 and kind = $2 and told_at < $4::timestamptz - interval '1 day')
     insert into ats.recent_deletions (connection_id, kind, count, told_at) values ($1, $2, $3, $4)`,
    [connectionId, kind, count, now],
  );
}

export async function countLiving(em: EntityManager, connectionId: string, kind: RecordKind): Promise<number> {
  const [row] = await query<{ count: number }>(
    em,
    `select count(*)::int as count from ${RECORD_TABLES[kind].table} where connection_id = $1 and tombstone is null`,
    [connectionId],
  );
  return row?.count ?? 0;
}
