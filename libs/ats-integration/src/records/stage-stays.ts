import type { EntityManager } from '@mikro-orm/postgresql';
import type { Tombstone } from '../contract/tombstone.js';
import { execute } from '../database/query.js';

/** Stays go with their application and are not named apart: by themselves they say nothing. */
export async function buryStays(
  em: EntityManager,
  connectionId: string,
  applications: readonly { readonly remote_id: string; readonly tombstone: Tombstone }[],
  now: Date,
): Promise<void> {
  if (applications.length === 0) return;
  await execute(
    em,
    `update ats.stage_stays t set tombstone = g.tombstone, tombstoned_at = $4, changed_at = now()
     from unnest($2::text[], $3::text[]) as g(remote_id, tombstone)
     where t.connection_id = $1 and t.application_remote_id = g.remote_id and t.tombstone is null`,
    [connectionId, applications.map((row) => row.remote_id), applications.map(({ tombstone }) => tombstone), now],
  );
}

/** The ATS shows these applications again. A history that is read by its changes alone would not bring their stays back. */
export async function reviveStays(
  em: EntityManager,
  connectionId: string,
  applicationRemoteIds: readonly string[],
): Promise<void> {
  if (applicationRemoteIds.length === 0) return;
  await execute(
    em,
    `update ats.stage_stays set tombstone = null, tombstoned_at = null, changed_at = now()
     where connection_id = $1 and application_remote_id = any($2) and tombstone is not null`,
    [connectionId, applicationRemoteIds],
  );
}
