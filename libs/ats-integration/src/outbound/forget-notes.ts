import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';

/** What somebody wrote about a person is kept only as long as the move is on its way; the reason's id stays. */
export async function forgetNotes(em: EntityManager, changeId: string): Promise<void> {
  await execute(
    em,
    `update ats.stage_changes set rejection = jsonb_set(rejection, '{note}', 'null') where id = $1 and rejection->>'note' is not null`,
    [changeId],
  );
  await execute(
    em,
    `update ats.stage_change_attempts set move = jsonb_set(move, '{note}', 'null') where change_id = $1 and move->>'note' is not null`,
    [changeId],
  );
}
