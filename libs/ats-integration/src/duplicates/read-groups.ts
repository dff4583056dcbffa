import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { readCandidates } from './read-candidates.js';
import type { StoredCandidate } from './read-candidates.js';
import type { PersonGroup, PersonLink } from './person-group.js';
import { recordIdsOf } from './person-group.js';

/** The links of everybody who is one person with one of these candidates. None, for almost every page. */
export function readLinks(
  em: EntityManager,
  workspaceId: string,
  candidateIds: readonly string[],
): Promise<PersonLink[]> {
  // One probe for each, and none where nobody was ever merged: this is on the way of every page.
  return query<PersonLink>(
    em,
    `with people as (
       select g.id::uuid as id from unnest($2::text[]) as g(id)
       union select k.survivor_id from unnest($2::text[]) as g(id) cross join lateral (
         select survivor_id from ats.candidate_links where workspace_id = $1 and kind = 'ats' and id = g.id limit 1) k)
     select l.kind, l.id, l.into_id as "intoId", l.survivor_id as "survivorId", l.merge_id as "mergeId", m.choices, m.own_values as own,
       m.own_over as "ownOver"
     from people p cross join lateral (
       select * from ats.candidate_links where survivor_id = p.id and workspace_id = $1 offset 0) l
     join ats.candidate_merges m on m.id = l.merge_id
     where exists (select 1 from ats.candidate_links where workspace_id = $1) order by m.nth`,
    [workspaceId, candidateIds],
  );
}

/** The person that each of these candidates is; those who were never merged are people of their own. */
export async function readGroups(
  em: EntityManager,
  workspaceId: string,
  candidateIds: readonly string[],
  links?: readonly PersonLink[],
): Promise<Map<string, PersonGroup>> {
  const known = links ?? (await readLinks(em, workspaceId, candidateIds));
  const rootOf = new Map(known.filter(({ kind }) => kind === 'ats').map(({ id, survivorId }) => [id, survivorId]));
  const roots = new Set(candidateIds.map((id) => rootOf.get(id) ?? id));
  const shapes = [...roots].map((rootId) => ({ rootId, links: known.filter((link) => link.survivorId === rootId) }));
  const records = await readCandidates(em, workspaceId, shapes.flatMap(recordIdsOf));
  const groups = new Map<string, PersonGroup>();
  for (const shape of shapes) {
    const ids = recordIdsOf(shape);
    const ofGroup = new Map<string, StoredCandidate>();
    for (const id of ids) {
      const stored = records.get(id);
      if (stored !== undefined) ofGroup.set(id, stored);
    }
    const group: PersonGroup = { ...shape, records: ofGroup };
    for (const id of ids) groups.set(id, group);
  }
  return groups;
}
