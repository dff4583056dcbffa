import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord, Tombstone } from '../contract/tombstone.js';
import { query } from '../database/query.js';
import { RECORD_TABLES } from './record-tables.js';
import { readKnown } from './upsert-records.js';

/** A record that got its tombstone now. */
export interface Buried {
  readonly kind: RecordKind;
  readonly id: string;
  readonly tombstone: Tombstone;
  /** Library id of the record that it lives on as, when that one is here. */
  readonly intoId: string | null;
}

/**
 * The ATS was asked for these records and did not have them: each living one gets its tombstone, of the kind that the
 * ATS hinted at, otherwise `deleted`. Whoever comes back loses it when its row is written (`upsert-records.ts`).
 */
export async function missing(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteIds: readonly string[],
  hints: ReadonlyMap<string, GoneRecord>,
): Promise<Buried[]> {
  if (remoteIds.length === 0) return [];
  const given = [...new Set(remoteIds)].sort();
  const buried = await query<{ id: string; remote_id: string; tombstone: Tombstone }>(
    em,
    `update ${RECORD_TABLES[kind].table} t set tombstone = r.tombstone, changed_at = now()
     from unnest($2::text[], $3::text[]) as r(remote_id, tombstone)
     where t.connection_id = $1 and t.remote_id = r.remote_id and t.tombstone is null
     returning t.id, t.remote_id, t.tombstone`,
    [connectionId, given, given.map((remoteId) => hints.get(remoteId)?.tombstone ?? 'deleted')],
  );
  const heirs = buried.flatMap(({ remote_id: remoteId }) => hints.get(remoteId)?.intoRemoteId ?? []);
  const known = await readKnown(em, kind, connectionId, heirs);
  return buried.map(({ id, remote_id: remoteId, tombstone }) => {
    const into = hints.get(remoteId)?.intoRemoteId ?? null;
    return { kind, id, tombstone, intoId: into === null ? null : (known.get(into)?.id ?? null) };
  });
}
