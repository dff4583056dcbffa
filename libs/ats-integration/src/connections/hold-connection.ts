import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { notConnected } from './credentials.js';

/**
 * Who writes both takes the connection before its run, always: in two orders they would wait for each other. This lock
 * lets pages go on, which refer to the connection and hold their run.
 */
export async function lockConnection(em: EntityManager, connectionId: string): Promise<void> {
  await query(em, `select 1 from ats.connections where id = $1 for no key update`, [connectionId]);
}

/**
 * For a write that no run stands behind: makes sure that the connection is still the one it began with, and keeps a
 * disconnect waiting until the transaction ends.
 * @throws AtsError `not-connected`
 */
export async function holdConnection(
  em: EntityManager,
  connection: { readonly id: string; readonly epoch: number },
): Promise<void> {
  const held = await query(em, `select 1 from ats.connections where id = $1 and epoch = $2 for share`, [
    connection.id,
    connection.epoch,
  ]);
  if (held.length === 0) throw notConnected();
}
