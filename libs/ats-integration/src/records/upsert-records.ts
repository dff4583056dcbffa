import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { JsonValue, RecordKind, RecordOf } from '../contract/records.js';
import { query } from '../database/query.js';
import { textArray } from '../database/text-array.js';
import { encodedAs, inWritingOrder } from './encode-rows.js';
import type { EncodedRows } from './encode-rows.js';
import { RECORD_TABLES } from './record-tables.js';
import type { RecordTable } from './record-tables.js';
import { columnTexts, serialiseRecord } from './serialise-row.js';
import type { SerialisedRecords, SerialisedRow } from './serialise-row.js';
import { stampChanged } from './value-stamps.js';

/** Rows a statement: more makes the parameter slow to encode, fewer makes round trips. */
export const ROWS_PER_STATEMENT = 500;

export interface KnownRow {
  readonly id: string;
  readonly hash: string;
  readonly version: number;
  readonly tombstone: string | null;
}

export interface UpsertedRecord<K extends RecordKind> {
  readonly id: string;
  readonly created: boolean;
  readonly record: RecordOf<K>;
}

export interface UpsertOptions<K extends RecordKind> {
  /** What we derive of a record, beside its mapped fields. */
  readonly derive?: (record: RecordOf<K>) => Readonly<Record<string, JsonValue>>;
  /** Rows that were serialised already, while the database was busy with the page before. */
  readonly serialised?: SerialisedRecords;
  /** And those encoded that were to be written then. */
  readonly encoded?: EncodedRows | undefined;
  /** When the ATS was asked for these records: what was found to be gone after that stays so. */
  readonly askedAt?: Date | undefined;
  /** The run that brought them: what new values are known by. Absent: the read-back of a write of ours. */
  readonly runId?: string | undefined;
}

export interface UpsertResult<K extends RecordKind> {
  /** Written now. */
  readonly changed: readonly UpsertedRecord<K>[];
  /** As they were already, or newer here than what came. */
  readonly unchanged: number;
  /** Library id of every row of the page that is in the table now, by remote id. */
  readonly ids: ReadonlyMap<string, string>;
}

/**
 * What the table already holds of these remote ids. One probe of the primary key for each: with `= any($2)` the planner
 * reads every row of a connection that it has no statistics of, at each page of its import.
 */
export async function readKnown(
  em: EntityManager,
  kind: RecordKind,
  connectionId: string,
  remoteIds: readonly string[],
): Promise<Map<string, KnownRow>> {
  if (remoteIds.length === 0) return new Map();
  const rows = await query<KnownRow & { remote_id: string }>(
    em,
    `select known.* from unnest($2::text[]) as given(remote_id) cross join lateral (
       select remote_id, id, hash, version::float8 as version, tombstone from ${RECORD_TABLES[kind].table} t
       where t.connection_id = $1 and t.remote_id = given.remote_id limit 1) known`,
    [connectionId, remoteIds],
  );
  return new Map(rows.map((row) => [row.remote_id, row]));
}

/**
 * Writes a page's records of one kind: rows whose mapped fields are as they were keep theirs, the rest is one statement
 * per 500. An older version never overwrites a newer one. The last of several rows with one id counts.
 * `known` may be empty where nothing can be there yet: the statement itself leaves equal rows alone, only slower.
 */
export async function upsertRecords<K extends RecordKind>(
  em: EntityManager,
  kind: K,
  connectionId: string,
  records: readonly RecordOf<K>[],
  known: ReadonlyMap<string, KnownRow>,
  options: UpsertOptions<K> = {},
): Promise<UpsertResult<K>> {
  const { derive, serialised, encoded, askedAt = null, runId = null } = options;
  const table = RECORD_TABLES[kind] as unknown as RecordTable<K>;
  const ids = new Map<string, string>();
  const byId = new Map<string, RecordOf<K>>(records.map((record) => [record.remoteId, record]));
  const write: { record: RecordOf<K>; row: SerialisedRow }[] = [];
  const confirmed: { record: RecordOf<K>; row: SerialisedRow }[] = [];
  for (const record of byId.values()) {
    const row = serialised?.get(record) ?? serialiseRecord(record);
    const old = known.get(record.remoteId);
    if (old !== undefined) ids.set(record.remoteId, old.id);
    if (old === undefined || isChanged(row, old)) write.push({ record, row });
    else if (old.version < row.version) confirmed.push({ record, row });
  }
  const raised = await raiseVersions(
    em,
    table,
    connectionId,
    confirmed.map(({ row }) => row),
  );
  // What changed since we looked is no confirmation: its content has to be written with its version.
  write.push(...confirmed.filter(({ row }) => !raised.has(row.remoteId)));
  write.sort((left, right) => inWritingOrder(left.row, right.row));
  const changed: UpsertedRecord<K>[] = [];
  for (let start = 0; start < write.length; start += ROWS_PER_STATEMENT) {
    const slice = write.slice(start, start + ROWS_PER_STATEMENT);
    const given = encodedAs(
      slice.map(({ row }) => row),
      encoded,
    );
    const derived = slice.map(({ record }) => columnTexts(table.derived ?? {}, derive?.(record) ?? {}));
    const written = await query<{ id: string; remote_id: string; created: boolean }>(em, statementOf(table), [
      connectionId,
      textArray(slice.map(({ row }) => known.get(row.remoteId)?.id ?? uuidv7())),
      ...given.columns,
      ...Object.keys(table.derived ?? {}).map((_, at) => textArray(derived.map((texts) => texts[at] ?? null))),
      askedAt,
      runId,
    ]);
    for (const { id, remote_id: remoteId, created } of written) {
      ids.set(remoteId, id);
      const record = byId.get(remoteId);
      if (record !== undefined) changed.push({ id, created, record });
    }
  }
  if (changed.length < write.length) {
    // Rows that were there although nobody had looked, just as they came or newer: only their ids are missing.
    const unseen = write.map(({ row }) => row.remoteId).filter((remoteId) => !ids.has(remoteId));
    for (const [remoteId, row] of await readKnown(em, kind, connectionId, unseen)) ids.set(remoteId, row.id);
  }
  return { changed, unchanged: byId.size - changed.length, ids };
}

/** Whether a row is to be written over what we know of it. */
export function isChanged(row: SerialisedRow, old: KnownRow): boolean {
  return old.tombstone !== null || (old.hash !== row.hash && old.version <= row.version);
}

/**
 * A newer state that is no different still keeps older ones out: otherwise one that came late would undo it. Returns
 * the remote ids of the rows that are still as they were when we looked.
 */
async function raiseVersions<K extends RecordKind>(
  em: EntityManager,
  { table }: RecordTable<K>,
  connectionId: string,
  rows: readonly SerialisedRow[],
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const raised = await query<{ remote_id: string }>(
    em,
    `update ${table} t set version = r.version from unnest($2::text[], $3::bigint[], $4::text[]) as r(remote_id, version, hash)
     where t.connection_id = $1 and t.remote_id = r.remote_id and t.version < r.version and t.hash = r.hash and t.tombstone is null
     returning t.remote_id`,
    [
      connectionId,
      rows.map(({ remoteId }) => remoteId),
      rows.map(({ version }) => version),
      rows.map(({ hash }) => hash),
    ],
  );
  return new Set(raised.map((row) => row.remote_id));
}

/** Columns that a statement fills, in its order, with their types. */
function columnsOf<K extends RecordKind>(table: RecordTable<K>): Readonly<Record<string, string>> {
  return { id: 'uuid', remote_id: 'text', hash: 'text', version: 'bigint', ...table.columns, ...table.derived };
}

function statementOf<K extends RecordKind>(table: RecordTable<K>): string {
  const columns = Object.entries(columnsOf(table));
  const names = columns.map(([column]) => column);
  const [askedAt, runId] = [`$${columns.length + 2}`, `$${columns.length + 3}`];
  const assignments = [
    ...names
      .filter((column) => column !== 'remote_id' && column !== 'id')
      .map((column) => `${column} = excluded.${column}`),
    ...Object.entries(table.onConflict ?? {}).map(([column, value]) => `${column} = ${value}`),
    'tombstone = null',
    'tombstoned_at = null',
    'merged_into = null',
    'changed_at = now()',
    stampChanged(table, runId),
  ];
  return `
    insert into ${table.table} as t (connection_id, first_run, first_version, ${names.join(', ')})
    select $1::uuid, ${runId}::uuid, version::bigint, ${columns.map(([column, type]) => (type === 'text' ? column : `${column}::${type}`)).join(', ')}
    from unnest(${columns.map((_, at) => `$${at + 2}::text[]`).join(', ')}) as r(${names.join(', ')})
    on conflict (connection_id, remote_id) do update set ${assignments.join(', ')}
    where t.version <= excluded.version and (t.hash <> excluded.hash or t.tombstone is not null)
      and (t.tombstone is null or ${askedAt}::timestamptz is null or t.tombstoned_at <= ${askedAt})
    returning id, remote_id, (xmax = 0) as created`;
}
