import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';

/** For a workspace: nobody else's lock has a name like it. */
const KEY = `hashtextextended('ats.people:' || $1, 0)`;

/**
 * Whoever gives the host people or what belongs to them holds this until its transaction ends. Before it the records are
 * written, after it the host's rows: in this order always, so that a merge and a page wait for each other and never in a ring.
 */
export async function holdPeople(em: EntityManager, workspaceId: string): Promise<void> {
  await query(em, `select pg_advisory_xact_lock_shared(${KEY})`, [workspaceId]);
}

/** Whoever changes who is who. Pages that are about to commit go first; the next ones see what was changed. */
export async function lockPeople(em: EntityManager, workspaceId: string): Promise<void> {
  await query(em, `select pg_advisory_xact_lock(${KEY})`, [workspaceId]);
}
