import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { raiseIssue } from './issues.js';
import type { IssueOrigin } from './issues.js';

/** The authorisation is gone: no more runs, the customer is asked to sign in again, and the host is told at once. */
export async function markReconnectRequired(
  em: EntityManager,
  connection: IssueOrigin,
  reason: string,
  now: Date,
): Promise<void> {
  const changed = await execute(
    em,
    `update ats.connections set status = 'reconnect_required', status_reason = $2, next_run_at = null, grant_dead_at = $3 where id = $1 and status = 'active'`,
    [connection.id, reason, now],
  );
  if (changed === 0) return;
  await raiseIssue(em, connection, { code: 'reconnect-required', subject: '', message: reason }, now);
  const origin = { workspaceId: connection.workspaceId, connectionId: connection.id, provider: connection.provider };
  await writeEvents(em, origin, now, [{ type: 'connection.reconnect-required', reason }]);
}
