import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';
import type { PersonRef } from '../host/hiring-pipeline.port.js';
import type { PersonRefs } from './person-group.js';

/** The merged one and everybody below it belong to the survivor now. */
export async function linkPeople(
  em: EntityManager,
  merge: { readonly id: string; readonly workspaceId: string; readonly survivorId: string; readonly merged: PersonRef },
): Promise<void> {
  const { id, workspaceId, survivorId, merged } = merge;
  if (merged.kind === 'ats') {
    await execute(
      em,
      `update ats.candidate_links set survivor_id = $3 where workspace_id = $1 and survivor_id = $2::uuid`,
      [workspaceId, merged.id, survivorId],
    );
  }
  await execute(
    em,
    `insert into ats.candidate_links (workspace_id, kind, id, into_id, survivor_id, merge_id) values ($1, $2, $3, $4, $4, $5)`,
    [workspaceId, merged.kind, merged.id, survivorId, id],
  );
}

/** The merged one is somebody again, with everybody below it. */
export async function unlinkPeople(
  em: EntityManager,
  workspaceId: string,
  merged: PersonRef,
  members: PersonRefs,
): Promise<void> {
  await execute(em, `delete from ats.candidate_links where workspace_id = $1 and kind = $2 and id = $3`, [
    workspaceId,
    merged.kind,
    merged.id,
  ]);
  if (merged.kind === 'own') return;
  await execute(
    em,
    `update ats.candidate_links l set survivor_id = $2::uuid from unnest($3::text[], $4::text[]) as g(kind, id)
     where l.workspace_id = $1 and l.kind = g.kind and l.id = g.id`,
    [workspaceId, merged.id, members.map(({ kind }) => kind), members.map(({ id }) => id)],
  );
}

/** These people are compared anew at the next search: they are more than they were, or less. */
export async function searchAgain(em: EntityManager, workspaceId: string, people: readonly PersonRef[]): Promise<void> {
  await execute(
    em,
    `update ats.searched_people p set dirty = true from unnest($2::text[], $3::text[]) as g(kind, id)
     where p.workspace_id = $1 and p.kind = g.kind and p.id = g.id`,
    [workspaceId, people.map(({ kind }) => kind), people.map(({ id }) => id)],
  );
}

/** Nobody can be merged with somebody who is no person of its own any more. A search opens again what is open again. */
export async function settleDuplicatesOf(em: EntityManager, workspaceId: string, person: PersonRef): Promise<void> {
  await execute(
    em,
    `update ats.duplicates set status = 'merged' where workspace_id = $1 and status = 'open'
       and ((left_kind = $2 and left_id = $3) or (right_kind = $2 and right_id = $3))`,
    [workspaceId, person.kind, person.id],
  );
}

/** Somebody said that these two are two: they are not suggested again for what was known then. */
export async function dismissPair(
  em: EntityManager,
  workspaceId: string,
  [one, other]: readonly [PersonRef, PersonRef],
  decision: { readonly by: string; readonly at: Date },
): Promise<void> {
  await execute(
    em,
    `update ats.duplicates set status = 'dismissed', dismissed_marks = marks, decided_by = $6, decided_at = $7
     where workspace_id = $1 and ((left_kind, left_id, right_kind, right_id) = ($2, $3, $4, $5)
       or (left_kind, left_id, right_kind, right_id) = ($4, $5, $2, $3))`,
    [workspaceId, one.kind, one.id, other.kind, other.id, decision.by, decision.at],
  );
}
