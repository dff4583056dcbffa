import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { notConnected } from './credentials.js';

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
