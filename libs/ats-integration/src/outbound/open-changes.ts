import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import type { ApplicationChange } from '../host/hiring-pipeline.port.js';
import { OPEN_STATUSES } from './stage-change-status.js';

/**
 * Host's stages that these applications were moved to, where the ATS does not know it yet, by library id. Of several
 * the newest. Ask after the rows of the applications are locked: who asks for a move locks them too.
 */
export async function readOpenChanges(
  em: EntityManager,
  applicationIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (applicationIds.length === 0) return new Map();
  const rows = await query<{ application_id: string; to_stage_id: string }>(
    em,
    `select distinct on (application_id) application_id, to_stage_id from ats.stage_changes
     where application_id = any($1::uuid[]) and status = any($2) order by application_id, nth desc`,
    [applicationIds, [...OPEN_STATUSES]],
  );
  return new Map(rows.map((row) => [row.application_id, row.to_stage_id]));
}

/**
 * While a move is on its way a page does not undo it: the host is given the application where its user put it. Whether
 * the ATS's own move counts more is decided by who sends ours, from what the ATS says then.
 */
export async function keepOpenMoves(
  em: EntityManager,
  changes: readonly ApplicationChange[],
): Promise<ApplicationChange[]> {
  const open = await readOpenChanges(
    em,
    changes.filter(({ created }) => !created).map(({ id }) => id),
  );
  if (open.size === 0) return [...changes];
  await execute(
    em,
    `update ats.applications a set host_stage_id = o.stage, placed_how = 'mapped'
     from unnest($1::uuid[], $2::text[]) as o(id, stage) where a.id = o.id`,
    [[...open.keys()], [...open.values()]],
  );
  // What is parked is looked at again: somebody may have moved it in the ATS meanwhile.
  await execute(
    em,
    `update ats.stage_changes set status = 'pending', reason = null, reason_code = null
     where application_id = any($1::uuid[]) and status = 'parked'`,
    [[...open.keys()]],
  );
  return changes.map((change) => {
    const stageId = open.get(change.id);
    return stageId === undefined ? change : { ...change, placement: { stageId, how: 'mapped' } };
  });
}

/**
 * Moves that waited for a confirmed stage are looked at again, in the transaction that confirms. Returns the applications
 * to wake afterwards.
 */
export async function releaseParked(em: EntityManager, connectionId: string): Promise<readonly string[]> {
  const rows = await query<{ application_id: string }>(
    em,
    `update ats.stage_changes set status = 'pending', reason = null, reason_code = null
     where connection_id = $1 and status = 'parked' returning application_id`,
    [connectionId],
  );
  return rows.map((row) => row.application_id);
}
