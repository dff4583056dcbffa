import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import type { DomainEventBody } from '../events/domain-event.js';
import { AtsError } from '../support/ats-error.js';
import { abortRuns } from './abort-runs.js';
import { raiseIssue, resolveIssues } from './issues.js';
import type { IssueOrigin } from './issues.js';

const ISSUE = 'suspended';
const GRANT_DIED = 'The authorisation ended while this connection was suspended. Reconnect it to go on syncing.';

/**
 * The plan covers fewer connections now: everything imported stays, no run goes on beyond the page that is being
 * committed. Call it with the workspace's places locked. Of a connection that is suspended already only the reason is renewed.
 */
export async function markSuspended(
  em: EntityManager,
  connection: IssueOrigin,
  reason: string,
  now: Date,
): Promise<void> {
  const changed = await execute(
    em,
    `update ats.connections set status = 'suspended', status_reason = $2, next_run_at = null, suspended_at = $3,
       grant_dead_at = case when status = 'reconnect_required' then coalesce(grant_dead_at, $3) else grant_dead_at end
     where id = $1 and status in ('active', 'reconnect_required')`,
    [connection.id, reason, now],
  );
  if (changed > 0) await tell(em, connection, now, { type: 'connection.suspended', reason });
  else {
    await execute(em, `update ats.connections set status_reason = $2 where id = $1 and status = 'suspended'`, [
      connection.id,
      reason,
    ]);
  }
  await abortRuns(em, connection.id, now);
  await raiseIssue(em, connection, { code: ISSUE, subject: '', message: reason }, now);
}

/** The plan covers it again: it catches up at once, or asks for a sign-in when its authorisation died meanwhile. */
export async function markResumed(em: EntityManager, connection: IssueOrigin, now: Date): Promise<void> {
  const [resumed] = await query<{ status: string; status_reason: string | null }>(
    em,
    `update ats.connections c set suspended_at = null,
       status = case when grant_dead_at is null then 'active' else 'reconnect_required' end,
       next_run_at = case when grant_dead_at is null then $2::timestamptz end,
       status_reason = case when grant_dead_at is not null then coalesce(
         (select i.message from ats.issues i where i.connection_id = c.id and i.code = 'reconnect-required' and i.resolved_at is null), $3) end
     where id = $1 and status = 'suspended' returning status, status_reason`,
    [connection.id, now, GRANT_DIED],
  );
  if (resumed === undefined) return;
  await resolveIssues(em, connection.id, ISSUE, now);
  await tell(em, connection, now, { type: 'connection.resumed' });
  if (resumed.status === 'active') return;
  const reason = resumed.status_reason ?? GRANT_DIED;
  await raiseIssue(em, connection, { code: 'reconnect-required', subject: '', message: reason }, now);
  await tell(em, connection, now, { type: 'connection.reconnect-required', reason });
}

/**
 * Neither a sync nor a sign-in helps a connection that the plan does not cover.
 * @throws AtsError `suspended`, in the words that name the plan and the way out.
 */
export function refuseSuspended(connection: { readonly status: string; readonly status_reason: string | null }): void {
  if (connection.status !== 'suspended') return;
  throw new AtsError(
    'suspended',
    connection.status_reason ??
      "The workspace's plan does not cover this connection, so it is suspended. Upgrade the plan, or disconnect another ATS.",
  );
}

function tell(em: EntityManager, connection: IssueOrigin, now: Date, body: DomainEventBody): Promise<void> {
  const { id: connectionId, workspaceId, provider } = connection;
  return writeEvents(em, { workspaceId, connectionId, provider }, now, [body]);
}
