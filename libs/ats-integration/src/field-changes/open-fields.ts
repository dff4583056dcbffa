import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonValue } from '../contract/records.js';
import { query } from '../database/query.js';
import type { CandidateChange } from '../host/hiring-pipeline.port.js';
import { OPEN_FIELD_CHANGES } from './field-change-status.js';
import { withValues } from './field-values.js';

/**
 * What was edited of these candidates where the ATS does not know it yet, by library id and field. Of several edits the
 * newest. Ask after the rows of the candidates are locked: who asks for an edit locks them too.
 */
export async function readOpenEdits(
  em: EntityManager,
  candidateIds: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, JsonValue>>>> {
  if (candidateIds.length === 0) return new Map();
  const rows = await query<{ candidate_id: string; field: string; wanted: JsonValue }>(
    em,
    `select distinct on (s.candidate_id, v.field) s.candidate_id, v.field, v.wanted
     from ats.field_changes s join ats.field_change_values v on v.change_id = s.id and v.status = 'open'
     where s.candidate_id = any($1::uuid[]) and s.status = any($2) order by s.candidate_id, v.field, s.nth desc`,
    [candidateIds, [...OPEN_FIELD_CHANGES]],
  );
  const edits = new Map<string, Record<string, JsonValue>>();
  for (const { candidate_id: id, field, wanted } of rows) edits.set(id, { ...edits.get(id), [field]: wanted });
  return edits;
}

/**
 * While an edit is on its way a page does not undo it: the host is given the candidate with the values that its user
 * entered. Whether the ATS's own count more is decided by who sends ours, from what the ATS says then.
 */
export async function keepOpenEdits(
  em: EntityManager,
  changes: readonly CandidateChange[],
): Promise<readonly CandidateChange[]> {
  const known = changes.filter(({ created, record }) => !created && !record.anonymised).map(({ id }) => id);
  const open = await readOpenEdits(em, known);
  if (open.size === 0) return changes;
  return changes.map((change) => {
    const edits = open.get(change.id);
    return edits === undefined ? change : { ...change, record: withValues(change.record, edits) };
  });
}
