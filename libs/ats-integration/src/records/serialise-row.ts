import { createHash } from 'node:crypto';
import type { JsonValue, ProviderRecord } from '../contract/records.js';
import { RECORD_TABLES, versionOf } from './record-tables.js';
import type { RecordTable } from './record-tables.js';
import { storableText } from './storable.js';

/** A record on its way into its table: texts, made once, that are both hashed and sent. */
export interface SerialisedRow {
  readonly remoteId: string;
  readonly version: number;
  readonly hash: string;
  /** In the order of the table's mapped columns. */
  readonly values: readonly ColumnText[];
}

/** A column's value as Postgres reads it. */
export type ColumnText = string | null;

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
  return serialiseRow(record.remoteId, versionOf(record), columnTexts(table.columns, table.toRow(record)));
}

export function serialiseRow(remoteId: string, version: number, values: readonly ColumnText[]): SerialisedRow {
  return { remoteId, version, hash: hashOf(values), values };
}

/** The fields in the order of the columns; one that is not there is null. */
export function columnTexts(
  columns: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, JsonValue | undefined>>,
): ColumnText[] {
  const texts: ColumnText[] = [];
  for (const [column, type] of Object.entries(columns)) texts.push(columnText(type.startsWith('json'), fields[column]));
  return texts;
}

function columnText(json: boolean, value: JsonValue | undefined): ColumnText {
  if (value === null || value === undefined) return null;
  if (json) return storableJson(JSON.stringify(value));
  return storableText(typeof value === 'string' ? value : JSON.stringify(value));
}

function storableJson(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replace(UNSTORABLE, (found) => (found === '\\\\' ? found : '\uFFFD'));
}

/** No text holds a NUL, so it tells where one ends; the letter tells null from an empty one. */
function hashOf(values: readonly ColumnText[]): string {
  let content = '';
  for (const value of values) content += value === null ? 'n\0' : `v${value}\0`;
  return createHash('sha1').update(content).digest('base64url');
}
