import type { EntityManager } from '@mikro-orm/postgresql';
import type { CandidateRecord, JsonValue } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { readCandidate } from '../records/read-candidates.js';
import { readKnown, upsertRecords } from '../records/upsert-records.js';
import { OPEN_FIELD_CHANGES } from './field-change-status.js';
import { valueOf, withFieldsOf } from './field-values.js';

/**
 * Keeps what the ATS said of these fields just now, unless something newer is here already: other fields may be read in
 * another way from a list. Returns the candidate as it is then; null when the host no longer has it.
 */
export async function storeFields(
  em: EntityManager,
  connectionId: string,
  candidateId: string,
  fields: readonly string[],
  shown: CandidateRecord | null,
): Promise<CandidateRecord | null> {
  const [row] = await query<{ tombstone: string | null }>(em, `select tombstone from ats.candidates where id = $1`, [
    candidateId,
  ]);
  const stored = await readCandidate(em, candidateId);
  // Whoever is gone was told of as gone, and an erasure is told by a page, with all that goes with it.
  if (row === undefined || stored === null || row.tombstone !== null) return null;
  if (shown === null || shown.anonymised) return stored;
  const record = { ...withFieldsOf(stored, shown, fields), updatedAt: shown.updatedAt ?? stored.updatedAt };
  const known = await readKnown(em, 'candidate', connectionId, [stored.remoteId]);
  await upsertRecords(em, 'candidate', connectionId, [record], known);
  return readCandidate(em, candidateId);
}

/** What we did is nobody else's doing: a newer edit of the same field goes out from there. */
export async function rebaseNewer(
  em: EntityManager,
  edit: { readonly id: string; readonly candidate: { readonly id: string } },
  fields: readonly string[],
  shown: CandidateRecord,
): Promise<void> {
  if (fields.length === 0) return;
  const values = fields.map((field): { field: string; seen: JsonValue } => ({ field, seen: valueOf(shown, field) }));
  await execute(
    em,
    `update ats.field_change_values v set seen = coalesce(given.seen, 'null')
     from ats.field_changes s, jsonb_to_recordset($3::jsonb) as given(field text, seen jsonb)
     where s.candidate_id = $1 and s.id <> $2 and s.status = any($4) and v.change_id = s.id and v.field = given.field and v.status = 'open'`,
    [edit.candidate.id, edit.id, JSON.stringify(values), [...OPEN_FIELD_CHANGES]],
  );
}
