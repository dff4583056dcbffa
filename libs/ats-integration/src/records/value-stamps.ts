import type { RecordKind } from '../contract/records.js';
import type { RecordTable } from './record-tables.js';

/** What a value's last change is known by, as it stands in `value_changes`: origin, the ATS's version (0: it did not say), when we learnt it. */
export type ValueStamp = readonly [origin: string | null, version: number, learntMs: number];

/** Origin of a value that changed because its candidate was merged into another one. Any other origin is the id of a sync run; null is the read-back of a write of ours. */
export const MERGE_ORIGIN = 'merge';

const LEARNT = '(extract(epoch from now()) * 1000)::bigint';

/**
 * Assignment for a row that is written over: each column whose value is another one now gets this origin, in the very
 * statement that writes it. Costs a comparison a column of rows that changed, and nothing for rows that are new.
 */
export function stampChanged<K extends RecordKind>({ columns }: RecordTable<K>, origin: string): string {
  const stamp = `jsonb_build_array(${origin}::text, excluded.version, ${LEARNT})`;
  const fields = Object.entries(columns).map(([column, type]) => {
    // `json` keeps the text as it came and has no equality.
    const cast = type === 'json' ? '::text' : '';
    return `'${column}', case when t.${column}${cast} is distinct from excluded.${column}${cast} then ${stamp} end`;
  });
  return `value_changes = coalesce(t.value_changes, '{}') || jsonb_strip_nulls(jsonb_build_object(${fields.join(', ')}))`;
}

/** Assignment for one column that a merge rewrites. */
export function stampMerged(column: string): string {
  return `value_changes = coalesce(t.value_changes, '{}') || jsonb_build_object('${column}', jsonb_build_array('${MERGE_ORIGIN}', 0, ${LEARNT}))`;
}
