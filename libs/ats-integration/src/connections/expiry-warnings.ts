import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { raiseIssue } from './issues.js';

export const EXPIRY_ISSUE = 'authorisation-expiring';
const MOST_AT_ONCE = 50;

/**
 * Warns once of each authorisation that will end unless somebody does something: its last quarter has begun because it
 * cannot be renewed, or because the ATS gave nothing to renew it with. Returns how many were warned of.
 */
export async function warnOfExpiry(
  em: EntityManager,
  nameOf: (provider: string) => string,
  now: Date,
): Promise<number> {
  return em.transactional(async (inner) => {
    const expiring = await query<{
      id: string;
      workspace_id: string;
      provider: string;
      expires_at: Date;
      renewable: boolean;
    }>(
      inner,
      `update ats.connections c set expiry_warned_at = now()
       from (select id, coalesce(refresh_expires_at, access_expires_at) as expires_at from ats.connections
         where status in ('active', 'suspended') and grant_dead_at is null and expiry_warned_at is null
           and now() > coalesce(refresh_expires_at, access_expires_at)
             - (coalesce(refresh_expires_at, access_expires_at) - coalesce(refreshed_at, created_at)) / 4
         order by 2 limit $1 for update skip locked) due
       where c.id = due.id
       returning c.id, c.workspace_id, c.provider, due.expires_at, c.refresh_expires_at is not null as renewable`,
      [MOST_AT_ONCE],
      ['expires_at'],
    );
    for (const { id, workspace_id: workspaceId, provider, expires_at: expiresAt, renewable } of expiring) {
      const connection = { id, workspaceId, provider };
      const message = messageOf(nameOf(provider), expiresAt, renewable);
      await raiseIssue(inner, connection, { code: EXPIRY_ISSUE, subject: '', message }, now);
      await writeEvents(inner, { workspaceId, connectionId: id, provider }, now, [
        { type: 'connection.expiry-predicted', expiresAt: expiresAt.toISOString() },
      ]);
    }
    return expiring.length;
  });
}

function messageOf(name: string, expiresAt: Date, renewable: boolean): string {
  const moment = `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return renewable
    ? `The authorisation of ${name} ends on ${moment} unless it can be renewed before, and renewing it keeps failing. It is tried again by itself; to be safe, sign in to ${name} again.`
    : `The authorisation of ${name} ends on ${moment} and ${name} gave nothing to renew it with. Sign in to ${name} again before.`;
}
