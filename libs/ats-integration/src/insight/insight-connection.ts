import type { EntityManager } from '@mikro-orm/postgresql';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import type { ConnectionStatus } from '../connections/connection-status.js';
import { connectionNotFound } from '../connections/owned-connection.js';
import { query } from '../database/query.js';

/** What has to be known of a connection to ask its ATS and to judge what comes. */
export interface InsightConnection {
  readonly id: string;
  readonly provider: string;
  readonly epoch: number;
  readonly status: ConnectionStatus;
  readonly status_reason: string | null;
  readonly remoteAccountId: string | null;
  readonly scopes: readonly string[];
  readonly settings: ConnectionSettings;
  readonly warnings: readonly string[];
  readonly lastSyncedAt: Date | null;
  readonly awaitsStart: boolean;
}

/** @throws AtsError `not-found`, also for another workspace's connection. */
export async function insightConnection(
  em: EntityManager,
  workspaceId: string,
  connectionId: string,
): Promise<InsightConnection> {
  const [row] = await query<InsightConnection>(
    em,
    `select id, provider, epoch, status, status_reason, remote_account_id as "remoteAccountId", scopes, settings, warnings,
       last_synced_at as "lastSyncedAt", awaits_start as "awaitsStart"
     from ats.connections where workspace_id = $1 and id = $2`,
    [workspaceId, connectionId],
    ['lastSyncedAt'],
  );
  if (row === undefined) throw connectionNotFound();
  return row;
}
