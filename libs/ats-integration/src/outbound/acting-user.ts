import type { EntityManager } from '@mikro-orm/postgresql';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import { query } from '../database/query.js';

/**
 * In whose name a write is made, as a remote id of a user of the ATS; null where the ATS takes whoever authorised. A
 * person of the host is found by e-mail address, among users that are active.
 */
export async function actingUserOf(
  em: EntityManager,
  connection: { readonly id: string; readonly settings: ConnectionSettings },
  actorEmail: string | null,
): Promise<string | null> {
  const acting = connection.settings.actingUser ?? { kind: 'service' };
  if (acting.kind === 'service') return acting.remoteUserId ?? null;
  if (actorEmail === null) return acting.fallbackRemoteUserId;
  const [user] = await query<{ remote_id: string }>(
    em,
    `select remote_id from ats.users
     where connection_id = $1 and lower(email) = lower($2) and active and tombstone is null order by remote_id limit 1`,
    [connection.id, actorEmail],
  );
  return user?.remote_id ?? acting.fallbackRemoteUserId;
}
