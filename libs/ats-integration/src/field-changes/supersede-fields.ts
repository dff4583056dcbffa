import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonValue } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { OPEN_FIELD_CHANGES, statusFrom } from './field-change-status.js';
import type { FieldOutcome } from './field-change-status.js';

export const EDITED_AGAIN = 'edited-again';
const REASON = 'It was edited again before this was sent.';

/**
 * Takes these fields out of edits that were not sent yet. What may have reached the ATS stays in front: it is made sure of
 * first. Returns what the first of them went out from, by field.
 */
export async function supersedeUnsent(
  em: EntityManager,
  candidateId: string,
  fields: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, JsonValue>> {
  // Locked before it is asked what may have gone out: a statement that had waited for the lock would not see it.
  const open = await query<{ id: string }>(
    em,
    `select id from ats.field_changes where candidate_id = $1 and status = any($2) order by nth for update`,
    [candidateId, [...OPEN_FIELD_CHANGES]],
  );
  if (open.length === 0) return new Map();
  const taken = await query<{ change_id: string; field: string; seen: JsonValue }>(
    em,
    `select v.change_id, v.field, v.seen from ats.field_change_values v join ats.field_changes s on s.id = v.change_id
     where v.change_id = any($1::uuid[]) and v.status = 'open' and v.field = any($2)
       and not exists (select 1 from ats.field_change_attempts t where t.change_id = s.id and t.outcome is null) order by s.nth`,
    [open.map(({ id }) => id), [...fields]],
  );
  const changes = [...new Set(taken.map((row) => row.change_id))];
  if (changes.length === 0) return new Map();
  await execute(
    em,
    `update ats.field_change_values set status = 'superseded', reason_code = $3, reason = $4, seen = null, wanted = null
     where change_id = any($1::uuid[]) and field = any($2) and status = 'open'`,
    [changes, [...fields], EDITED_AGAIN, REASON],
  );
  // A worker that looks at one of them now finds that it is no longer its own; what is left of it goes out all the same.
  await execute(em, `update ats.field_changes set fence = fence + 1, lease_until = null where id = any($1::uuid[])`, [
    changes,
  ]);
  for (const id of changes) await endIfEmpty(em, id, now);
  const first = new Map<string, JsonValue>();
  for (const { field, seen } of taken) if (!first.has(field)) first.set(field, seen);
  return first;
}

async function endIfEmpty(em: EntityManager, changeId: string, now: Date): Promise<void> {
  const rows = await query<{ status: 'open' | FieldOutcome }>(
    em,
    `select status from ats.field_change_values where change_id = $1`,
    [changeId],
  );
  const outcomes = rows.flatMap(({ status }) => (status === 'open' ? [] : [status]));
  if (outcomes.length < rows.length) return;
  await execute(
    em,
    `update ats.field_changes set status = $2, settled_at = $3, reason_code = $4, reason = $5, not_before = null where id = $1`,
    [changeId, statusFrom(outcomes), now, EDITED_AGAIN, REASON],
  );
}
