import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import type { ConnectionStatus } from './connection-status.js';
import { EXPIRY_ISSUE } from './expiry-warnings.js';
import { raiseIssue, resolveIssues } from './issues.js';
import type { IssueOrigin } from './issues.js';

/** Which authorisation was found dead: another one that took its place meanwhile is left alone. */
export interface DeadGrant {
  readonly epoch?: number;
  /** Of the credentials, when it is known which of them were refused. */
  readonly version?: number;
  /** Of the refresh that was refused: a later one may still succeed. */
  readonly fence?: number;
}

/**
 * The authorisation is gone: no more runs, the customer is asked to sign in again, and the host is told at once. A
 * suspended connection stays suspended, and has to be signed in to again when the plan covers it. False when it is no
 * longer the authorisation that was found dead, or was known to be.
 */
export async function markReconnectRequired(
  em: EntityManager,
  connection: IssueOrigin,
  reason: string,
  now: Date,
  dead: DeadGrant = {},
): Promise<boolean> {
  const [changed] = await query<{ status: ConnectionStatus }>(
    em,
    `update ats.connections
     set status = case when status = 'active' then 'reconnect_required' else status end,
       status_reason = case when status = 'active' then $2 else status_reason end,
       next_run_at = null, grant_dead_at = now(), refresh_lease_until = null, refresh_attempt_at = null
     where id = $1 and (status = 'active' or status = 'suspended' and grant_dead_at is null) and ($3::int is null or epoch = $3)
       and ($4::int is null or credentials_version = $4) and ($5::int is null or refresh_fence = $5)
     returning status`,
    [connection.id, reason, dead.epoch ?? null, dead.version ?? null, dead.fence ?? null],
  );
  if (changed === undefined) return false;
  await resolveIssues(em, connection.id, EXPIRY_ISSUE, now);
  await raiseIssue(em, connection, { code: 'reconnect-required', subject: '', message: reason }, now);
  if (changed.status === 'suspended') return true;
  const origin = { workspaceId: connection.workspaceId, connectionId: connection.id, provider: connection.provider };
  await writeEvents(em, origin, now, [{ type: 'connection.reconnect-required', reason }]);
  return true;
}
