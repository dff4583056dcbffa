import type { PersonMerge, PersonRef, PersonUnmerge } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { boundQuery } from '../database/bound-query.js';

const FIND = `
select c.id
  from unnest($2::text[], $3::uuid[]) as given(kind, id)
  join elly.candidates c on c.workspace_id = $1
   and case given.kind when 'ats' then c.ats_record_id = given.id else c.id = given.id and c.source = 'manual' end`;

const HIDE = `update elly.candidates set merged_into = $3, updated_at = now() where workspace_id = $1 and id = $2`;

const HAND_ON = `
update elly.applications set candidate_id = $3, merged_from = coalesce(merged_from, candidate_id)
 where workspace_id = $1 and candidate_id = $2 and source = 'manual'`;

const SHOW = `update elly.candidates set merged_into = null, updated_at = now() where workspace_id = $1 and id = $2`;

const GIVE_BACK = `
update elly.applications set candidate_id = $2, merged_from = nullif(merged_from, $2)
 where workspace_id = $1 and merged_from = any($3::uuid[])`;

const FORGET_RESUME = `delete from elly.resumes where candidate_id = $1 and reference = any($2::text[])`;

/** Elly's own part of a merge: the merged one is hidden and what was made by hand goes to the survivor. */
export async function mergePeople(merge: PersonMerge, em: EntityManager): Promise<void> {
  const { workspaceId } = merge;
  const survivor = await idOf(em, workspaceId, { kind: 'ats', id: merge.survivorId });
  const merged = await idOf(em, workspaceId, merge.merged);
  await boundQuery(em, HIDE, [workspaceId, merged, survivor]);
  await boundQuery(em, HAND_ON, [workspaceId, merged, survivor]);
}

/** And the way back: applications go to whom they were made for, with those who were merged into that one before. */
export async function unmergePeople(merge: PersonUnmerge, em: EntityManager): Promise<void> {
  const { workspaceId } = merge;
  const survivor = await idOf(em, workspaceId, { kind: 'ats', id: merge.survivorId });
  const merged = await idOf(em, workspaceId, merge.merged);
  await boundQuery(em, SHOW, [workspaceId, merged]);
  await boundQuery(em, GIVE_BACK, [workspaceId, merged, await idsOf(em, workspaceId, merge.members)]);
  await boundQuery(em, FORGET_RESUME, [survivor, merge.resumeReferences]);
}

async function idOf(em: EntityManager, workspaceId: string, person: PersonRef): Promise<string> {
  const [id] = await idsOf(em, workspaceId, [person]);
  if (id === undefined) throw new Error(`Elly has no candidate for the ${person.kind} person ${person.id}.`);
  return id;
}

async function idsOf(em: EntityManager, workspaceId: string, people: readonly PersonRef[]): Promise<string[]> {
  const { rows } = await boundQuery<{ readonly id: string }>(em, FIND, [
    workspaceId,
    people.map(({ kind }) => kind),
    people.map(({ id }) => id),
  ]);
  return rows.map(({ id }) => id);
}
