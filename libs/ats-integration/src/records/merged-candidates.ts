import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';

export interface MergedCandidate {
  /** Library id of the one that was merged. */
  readonly id: string;
  /** Remote id of the one that it lives on as. */
  readonly into: string;
}

/** Who was merged into these candidates. One probe of the index for each, which has nothing but merged ones. */
export async function readMergedInto(
  em: EntityManager,
  connectionId: string,
  survivorRemoteIds: readonly string[],
): Promise<MergedCandidate[]> {
  if (survivorRemoteIds.length === 0) return [];
  return query<MergedCandidate>(
    em,
    `select merged.id, given.remote_id as into from unnest($2::text[]) as given(remote_id) cross join lateral (
       select id from ats.candidates t where t.connection_id = $1 and t.merged_into = given.remote_id
         and t.merged_into is not null and t.tombstone = 'merged' order by id) merged`,
    [connectionId, survivorRemoteIds],
  );
}

/** Of these who are to live on as others, the remote ids of those others of whom one is here. */
export async function readAwaited(
  em: EntityManager,
  connectionId: string,
  survivors: ReadonlyMap<string, readonly string[]>,
): Promise<string[]> {
  const pairs = [...survivors].flatMap(([into, merged]) => merged.map((remoteId) => ({ into, remoteId })));
  if (pairs.length === 0) return [];
  const rows = await query<{ into: string }>(
    em,
    `select distinct given.into_id as into from unnest($2::text[], $3::text[]) as given(into_id, remote_id)
     join ats.candidates t on t.connection_id = $1 and t.remote_id = given.remote_id and t.tombstone is null`,
    [connectionId, pairs.map(({ into }) => into), pairs.map(({ remoteId }) => remoteId)],
  );
  return rows.map((row) => row.into);
}
