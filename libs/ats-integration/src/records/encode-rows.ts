import { textArray } from '../database/text-array.js';
import type { SerialisedRow } from './serialise-row.js';

/** Rows by column, in the order in which they are written. */
export interface EncodedRows {
  readonly rows: readonly SerialisedRow[];
  /** Remote ids, hashes, versions, then the mapped columns. */
  readonly columns: readonly Buffer[];
}

export function encodeRows(rows: readonly SerialisedRow[]): EncodedRows {
  const columns = [
    textArray(rows.map(({ remoteId }) => remoteId)),
    textArray(rows.map(({ hash }) => hash)),
    textArray(rows.map(({ version }) => String(version))),
  ];
  const mapped = rows[0]?.values.length ?? 0;
  for (let at = 0; at < mapped; at += 1) columns.push(textArray(rows.map(({ values }) => values[at] ?? null)));
  return { rows, columns };
}

/** What was encoded ahead when it is these very rows, otherwise what they are now. */
export function encodedAs(rows: readonly SerialisedRow[], ahead: EncodedRows | undefined): EncodedRows {
  const same = ahead?.rows.length === rows.length && ahead.rows.every((row, at) => row === rows[at]);
  return same ? ahead : encodeRows(rows);
}

/** One order for everybody: two writers that meet wait for each other instead of dead-locking. */
export function inWritingOrder(left: { readonly remoteId: string }, right: { readonly remoteId: string }): number {
  return left.remoteId < right.remoteId ? -1 : 1;
}
