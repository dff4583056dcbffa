import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';

/** As SQL: what the plan counts. A connection that waits for a sign-in keeps its place. */
export const HOLDS_A_PLACE = `status in ('active', 'reconnect_required')`;

/** Minutes for which a sign-in may hold its place: the life of its state, then a callback that came in its last second. */
export const SIGN_IN_MINUTES = 15;

export interface Places {
  readonly held: number;
  /** Places of sign-ins that somebody began and nobody has finished. */
  readonly signingIn: number;
}

export async function countPlaces(em: EntityManager, workspaceId: string): Promise<Places> {
  const [row] = await query<Places>(
    em,
    `select count(*) filter (where ${HOLDS_A_PLACE})::int as held, count(*) filter (where status = 'authorizing')::int as "signingIn"
     from ats.connections where workspace_id = $1 and (${HOLDS_A_PLACE} or status = 'authorizing')`,
    [workspaceId],
  );
  return row ?? { held: 0, signingIn: 0 };
}

/**
 * Whoever gives or takes places in a workspace does so one after the other, to the end of the transaction. It is taken
 * before any row is locked: two that take them the other way round would wait for each other.
 */
export async function lockPlaces(em: EntityManager, workspaceId: string): Promise<void> {
  await query(em, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`ats.slots:${workspaceId}`]);
}
