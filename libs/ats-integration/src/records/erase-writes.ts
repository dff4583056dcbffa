import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';

/**
 * What is kept of writes to the ATS about these people: notes of rejections, also of those on their way, and hashes of values
 * that anybody with a list of addresses or numbers could tell. The open attempt of an edit forgets its own when it ends.
 */
export async function eraseWrites(
  em: EntityManager,
  connectionId: string,
  remoteIds: readonly string[],
): Promise<void> {
  const given = [connectionId, remoteIds];
  const theirs = `select s.id from ats.stage_changes s
    join ats.applications a on a.connection_id = s.connection_id and a.remote_id = s.application_remote_id
    where s.connection_id = $1 and a.candidate_remote_id = any($2)`;
  await execute(
    em,
    `update ats.stage_changes set rejection = jsonb_set(rejection, '{note}', 'null')
     where rejection->>'note' is not null and id in (${theirs})`,
    given,
  );
  await execute(
    em,
    `update ats.stage_change_attempts set move = jsonb_set(move, '{note}', 'null')
     where move->>'note' is not null and change_id in (${theirs})`,
    given,
  );
  await execute(
    em,
    `delete from ats.own_writes where connection_id = $1 and kind = 'candidate' and remote_id = any($2)`,
    given,
  );
  await execute(
    em,
    `update ats.field_change_attempts set before = '{}'
     where outcome is not null and before <> '{}'
       and change_id in (select id from ats.field_changes where connection_id = $1 and candidate_remote_id = any($2))`,
    given,
  );
}
