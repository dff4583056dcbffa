import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { reviveStays } from './stage-stays.js';

/** When and why a candidate was marked. */
export interface Burial {
  readonly remoteId: string;
  readonly tombstone: string;
  /** As the database writes it, to the microsecond. */
  readonly at: string;
}

/** Who came back, and the library ids of what came back with them. */
export interface Revived {
  /** Remote ids. */
  readonly candidates: readonly string[];
  readonly application: readonly string[];
  readonly resume: readonly string[];
}

export const NOBODY_REVIVED: Revived = { candidates: [], application: [], resume: [] };

/** Of these candidates the ones that took their belongings along; read it before they are written over. */
export async function readBurials(
  em: EntityManager,
  connectionId: string,
  candidateRemoteIds: readonly string[],
): Promise<Burial[]> {
  if (candidateRemoteIds.length === 0) return [];
  return query<Burial>(
    em,
    `select remote_id as "remoteId", tombstone, tombstoned_at::text as at from ats.candidates
     where connection_id = $1 and remote_id = any($2) and tombstone in ('deleted', 'permission-lost', 'out-of-scope')`,
    [connectionId, candidateRemoteIds],
  );
}

/**
 * These candidates are shown again. What was marked with them, for the same reason and at the same moment, comes back with them: of itself
 * nothing of it changed, so no list of changes would bring it. A file is given to the host anew, which was told that it is gone.
 */
export async function reviveBelongings(
  em: EntityManager,
  connectionId: string,
  burials: readonly Burial[],
): Promise<Revived> {
  if (burials.length === 0) return NOBODY_REVIVED;
  const revive = (table: string, more: string): Promise<{ id: string; remote_id: string }[]> =>
    query(
      em,
      `update ${table} t set tombstone = null, tombstoned_at = null, changed_at = now()${more}
       from unnest($2::text[], $3::text[], $4::text[]) as g(remote_id, tombstone, at)
       where t.connection_id = $1 and t.candidate_remote_id = g.remote_id and t.tombstone = g.tombstone
         and t.tombstoned_at = g.at::timestamptz
       returning t.id, t.remote_id`,
      [
        connectionId,
        burials.map(({ remoteId }) => remoteId),
        burials.map(({ tombstone }) => tombstone),
        burials.map(({ at }) => at),
      ],
    );
  const applications = await revive('ats.applications', '');
  await reviveStays(
    em,
    connectionId,
    applications.map((row) => row.remote_id),
  );
  const resumes = await revive(
    'ats.resumes',
    `, file_state = case when t.file_state = 'stored' then 'pending' else t.file_state end,
       file_attempts = case when t.file_state = 'stored' then 0 else t.file_attempts end`,
  );
  return {
    candidates: burials.map(({ remoteId }) => remoteId),
    application: applications.map(({ id }) => id),
    resume: resumes.map(({ id }) => id),
  };
}
