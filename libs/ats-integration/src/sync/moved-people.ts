import type { EntityManager } from '@mikro-orm/postgresql';
import type { GoneRecord } from '../contract/tombstone.js';
import { query } from '../database/query.js';
import { isChanged } from '../records/upsert-records.js';
import type { PreparedPage } from './prepare-page.js';
import type { WrittenPage } from './write-page.js';

/** Candidates by the remote ids of their applications. */
export type Owners = ReadonlyMap<string, string>;

/** Whose the applications were that a page is about to change; asked before the page is written. */
export async function readOwners(
  em: EntityManager,
  connectionId: string,
  { page, known, serialised }: PreparedPage,
): Promise<Owners> {
  const before = known.get('application');
  const changing = page.records.flatMap((record) => {
    const [row, old] = [serialised.get(record), before?.get(record.remoteId)];
    return record.kind === 'application' && row !== undefined && old !== undefined && isChanged(row, old)
      ? [record.remoteId]
      : [];
  });
  if (changing.length === 0) return new Map();
  const rows = await query<{ id: string; owner: string }>(
    em,
    `select remote_id as id, candidate_remote_id as owner from ats.applications where connection_id = $1 and remote_id = any($2)`,
    [connectionId, changing],
  );
  return new Map(rows.map(({ id, owner }) => [id, owner]));
}

/**
 * Where an ATS neither lists who is gone nor says who was merged, its applications tell: they are another person's from one
 * reading to the next. Whoever has none left lives on as the one who has them now; who is shown again comes back.
 */
export async function mergedAway(
  em: EntityManager,
  connectionId: string,
  owners: Owners,
  { applications }: WrittenPage,
): Promise<GoneRecord[]> {
  const heirs = new Map<string, string>();
  for (const { record } of applications.changed) {
    const before = owners.get(record.remoteId);
    if (before !== undefined && before !== record.candidateRemoteId) heirs.set(before, record.candidateRemoteId);
  }
  if (heirs.size === 0) return [];
  const left = await query<{ id: string }>(
    em,
    `select c.remote_id as id from ats.candidates c where c.connection_id = $1 and c.remote_id = any($2) and c.tombstone is null
       and not exists (select 1 from ats.applications a
         where a.connection_id = $1 and a.candidate_remote_id = c.remote_id and a.tombstone is null)`,
    [connectionId, [...heirs.keys()]],
  );
  return left.map(({ id }) => ({
    kind: 'candidate',
    remoteId: id,
    tombstone: 'merged',
    intoRemoteId: heirs.get(id) ?? null,
    at: null,
  }));
}
