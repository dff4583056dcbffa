import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';

/** As SQL: what the plan counts. A connection that waits for a sign-in keeps its place. */
export const HOLDS_A_PLACE = `status in ('active', 'reconnect_required')`;

/**
 * Whoever gives or takes places in a workspace does so one after the other, to the end of the transaction. It is taken
 * before any row is locked: two that take them the other way round would wait for each other.
 */
export async function lockPlaces(em: EntityManager, workspaceId: string): Promise<void> {
  await query(em, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`ats.slots:${workspaceId}`]);
}
