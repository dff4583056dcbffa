import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import type { HiringPipeline, PersonRef } from '../host/hiring-pipeline.port.js';
import { AtsError } from '../support/ats-error.js';
import { composePerson } from './compose-person.js';
import { valuesOfOwn, valuesOfRecord } from './person-fields.js';
import type { PersonValues } from './person-fields.js';
import { isLiving } from './person-group.js';
import type { PersonGroup } from './person-group.js';
import { readGroups } from './read-groups.js';

/** One of two people who may be merged. */
export interface FoundPerson {
  readonly ref: PersonRef;
  readonly values: PersonValues;
  /** When the ATS changed it last; null for one of the host's own. */
  readonly updatedAt: Date | null;
  readonly provider: string | null;
  /** Null for one of the host's own. */
  readonly group: PersonGroup | null;
}

/** @throws AtsError `not-found`, `already-merged`, `candidate-gone` */
export async function findPerson(
  em: EntityManager,
  host: HiringPipeline,
  workspaceId: string,
  ref: PersonRef,
): Promise<FoundPerson> {
  const [link] = await query(
    em,
    `select 1 from ats.candidate_links where workspace_id = $1 and kind = $2 and id = $3`,
    [workspaceId, ref.kind, ref.id],
  );
  if (link !== undefined) throw alreadyMerged();
  if (ref.kind === 'own') return findOwn(em, host, workspaceId, ref);
  const group = (await readGroups(em, workspaceId, [ref.id])).get(ref.id);
  const root = group?.records.get(ref.id);
  if (group === undefined || root === undefined) throw notFound();
  if (!isLiving(group)) {
    throw new AtsError('candidate-gone', 'One of the two is no longer in its ATS, so they cannot be merged.');
  }
  const record = composePerson(group);
  const { updatedAt } = root.record;
  return { ref, group, values: valuesOfRecord(record), updatedAt, provider: root.connection.provider };
}

async function findOwn(
  em: EntityManager,
  host: HiringPipeline,
  workspaceId: string,
  ref: PersonRef,
): Promise<FoundPerson> {
  const [person] = (await host.people?.(workspaceId, { ids: [ref.id] }, em)) ?? [];
  if (person === undefined) throw notFound();
  return { ref, values: valuesOfOwn(person), updatedAt: null, provider: null, group: null };
}

function notFound(): AtsError {
  return new AtsError('not-found', 'There is no such candidate in this workspace.');
}

export function alreadyMerged(): AtsError {
  return new AtsError(
    'already-merged',
    'One of the two was merged meanwhile. Load the duplicates again and look at the person that is left.',
  );
}
