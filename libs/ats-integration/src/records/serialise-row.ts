import { createHash } from 'node:crypto';
import type { JsonValue, ProviderRecord } from '../contract/records.js';
import { RECORD_TABLES, versionOf } from './record-tables.js';
import type { RecordTable } from './record-tables.js';

/** A record on its way into its table: one JSON text, made once, that is both hashed and sent. */
export interface SerialisedRow {
  readonly remoteId: string;
  readonly version: number;
  readonly hash: string;
  readonly fieldsJson: string;
}

/**
 * NUL and lone surrogates are legal in JSON and refused by Postgres: one such character must not stop a page. A
 * backslash that stands for itself is matched too, as the pair that it is: after it `u0000` is plain text.
 */
const UNSTORABLE = /\\\\|\\u(?:0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/gi;

/** Rows by their record, made ahead of the transaction that writes them. */
export type SerialisedRecords = WeakMap<ProviderRecord, SerialisedRow>;

/** A record's mapped fields, as its table has them. */
export function serialiseRecord(record: ProviderRecord): SerialisedRow {
  const table = RECORD_TABLES[record.kind] as RecordTable<ProviderRecord['kind']>;
  return serialiseRow(record.remoteId, versionOf(record), table.toRow(record));
}

export function serialiseRow(
  remoteId: string,
  version: number,
  fields: Readonly<Record<string, JsonValue | undefined>>,
): SerialisedRow {
  const fieldsJson = storable(JSON.stringify(fields));
  return { remoteId, version, hash: createHash('sha1').update(fieldsJson).digest('base64url'), fieldsJson };
}

/** The row as a JSON object for `json_to_recordset`, with what we derived beside the mapped fields. */
export function rowJson(
  row: SerialisedRow,
  id: string,
  derived: Readonly<Record<string, JsonValue>> | undefined,
): string {
  const head = `{"id":"${id}","remote_id":${storable(JSON.stringify(row.remoteId))},"hash":"${row.hash}","version":${row.version}`;
  const extra = derived === undefined ? '' : `,${storable(JSON.stringify(derived)).slice(1, -1)}`;
  return `${head}${extra === ',' ? '' : extra},${row.fieldsJson.slice(1)}`;
}

function storable(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replace(UNSTORABLE, (found) => (found === '\\\\' ? found : '\uFFFD'));
}
