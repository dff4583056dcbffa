import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord, Tombstone } from '../contract/tombstone.js';
import { execute, query } from '../database/query.js';
import type { BuriedRecord } from './buried-record.js';
import { eraseCandidates } from './erase-candidates.js';
import { RECORD_TABLES } from './record-tables.js';
import { buryStays } from './stage-stays.js';
import { stampMerged } from './value-stamps.js';

/**
 * Marks what the ATS says is gone; what was gone already, or never here, is passed over. Rows stay, with the reason. A deleted
 * candidate takes its applications and résumés along (the ATS does not list them one by one), an application its history; a merged candidate hands them on.
 */
export async function buryRecords(
  em: EntityManager,
  connectionId: string,
  gone: readonly GoneRecord[],
  now: Date,
): Promise<BuriedRecord[]> {
  if (gone.length === 0) return [];
  const erased = gone.filter(({ kind, tombstone }) => kind === 'candidate' && tombstone === 'anonymised');
  const buried = await eraseCandidates(em, connectionId, remoteIds(erased), now);
  const others = gone.filter((record) => !erased.includes(record));
  for (const kind of new Set(others.map((record) => record.kind))) {
    const ofKind = others.filter((record) => record.kind === kind);
    const marked = await mark(em, connectionId, kind, ofKind, now);
    buried.push(...marked.map(({ id, tombstone, into_id: intoId }) => ({ kind, id, tombstone, intoId })));
    if (kind === 'application') await buryStays(em, connectionId, marked, now);
    if (kind === 'candidate') buried.push(...(await followCandidates(em, connectionId, marked, now)));
  }
  return buried;
}

interface MarkedRow {
  readonly id: string;
  readonly remote_id: string;
  readonly tombstone: Tombstone;
  readonly merged_into: string | null;
  readonly into_id: string | null;
}

async function mark(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  gone: readonly GoneRecord[],
  now: Date,
): Promise<MarkedRow[]> {
  const { table } = RECORD_TABLES[kind];
  return query<MarkedRow>(
    em,
    `update ${table} t set tombstone = g.tombstone, tombstoned_at = $5, merged_into = g.merged_into, changed_at = now()
     from unnest($2::text[], $3::text[], $4::text[]) as g(remote_id, tombstone, merged_into)
     left join ${table} into_row on into_row.connection_id = $1 and into_row.remote_id = g.merged_into
     where t.connection_id = $1 and t.remote_id = g.remote_id and t.tombstone is null
     returning t.id, t.remote_id, t.tombstone, t.merged_into, into_row.id as into_id`,
    [
      connectionId,
      remoteIds(gone),
      gone.map(({ tombstone }) => tombstone),
      gone.map(({ intoRemoteId }) => intoRemoteId),
      now,
    ],
  );
}

async function followCandidates(
  em: EntityManager,
  connectionId: string,
  candidates: readonly MarkedRow[],
  now: Date,
): Promise<BuriedRecord[]> {
  const merged = candidates.filter(({ merged_into: into }) => into !== null);
  if (merged.length > 0) await handOn(em, connectionId, merged);
  const deleted = candidates.filter(({ merged_into: into }) => into === null);
  const buried: BuriedRecord[] = [];
  for (const kind of ['application', 'resume'] as const) {
    if (deleted.length === 0) break;
    const rows = await query<{ id: string; remote_id: string; tombstone: Tombstone }>(
      em,
      `update ${RECORD_TABLES[kind].table} t set tombstone = g.tombstone, tombstoned_at = $4, changed_at = now()
       from unnest($2::text[], $3::text[]) as g(remote_id, tombstone)
       where t.connection_id = $1 and t.candidate_remote_id = g.remote_id and t.tombstone is null returning t.id, t.remote_id, t.tombstone`,
      [connectionId, deleted.map((row) => row.remote_id), deleted.map(({ tombstone }) => tombstone), now],
    );
    if (kind === 'application') await buryStays(em, connectionId, rows, now);
    buried.push(...rows.map(({ id, tombstone }) => ({ kind, id, tombstone, intoId: null })));
  }
  return buried;
}

/** Without their hash the next listing writes them, whatever it says of their version: the ATS has the last word. */
async function handOn(em: EntityManager, connectionId: string, merged: readonly MarkedRow[]): Promise<void> {
  for (const kind of ['application', 'resume'] as const) {
    await execute(
      em,
      `update ${RECORD_TABLES[kind].table} t set candidate_remote_id = g.into_id, hash = '', changed_at = now(),
         ${stampMerged('candidate_remote_id')}
       from unnest($2::text[], $3::text[]) as g(remote_id, into_id)
       where t.connection_id = $1 and t.candidate_remote_id = g.remote_id`,
      [connectionId, merged.map((row) => row.remote_id), merged.map((row) => row.merged_into)],
    );
  }
}

function remoteIds(gone: readonly GoneRecord[]): string[] {
  return gone.map(({ remoteId }) => remoteId);
}
