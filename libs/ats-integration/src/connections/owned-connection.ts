import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';

export interface OwnedConnection {
  readonly id: string;
  readonly provider: string;
}

/**
 * The connection, when it is the workspace's. A connection never changes its workspace, so what was asked once holds.
 * @throws AtsError `not-found`, in the same words for another workspace's connection and for one that never was.
 */
export async function ownedConnection(
  em: EntityManager,
  workspaceId: string,
  connectionId: string,
): Promise<OwnedConnection> {
  const [row] = await query<OwnedConnection>(
    em,
    `select id, provider from ats.connections where workspace_id = $1 and id = $2`,
    [workspaceId, connectionId],
  );
  if (row === undefined) throw connectionNotFound();
  return row;
}

export function connectionNotFound(): AtsError {
  return new AtsError('not-found', 'There is no such connection in this workspace.');
}
