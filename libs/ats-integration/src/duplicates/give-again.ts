import type { EntityManager } from '@mikro-orm/postgresql';
import { batchOf } from '../host/batch-of.js';
import type { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { readApplicationsOfPeople, readResumesOfPeople } from '../records/read-belongings.js';
import { applicationChange, resumeChange } from './application-changes.js';
import { isLiving, recordIdsOf } from './person-group.js';
import type { PersonGroup } from './person-group.js';
import { personChange } from './translate-batch.js';

export interface Source {
  readonly id: string;
  readonly workspaceId: string;
  readonly provider: { readonly id: string; readonly name: string };
}

/** Gives the host these people once more as they are now, with everything that belongs to them; one batch a connection. */
export async function giveAgain(
  em: EntityManager,
  host: HiringPipeline,
  groups: readonly PersonGroup[],
  nameOf: (provider: string) => string,
): Promise<void> {
  const owner = new Map(groups.flatMap((group) => recordIdsOf(group).map((id) => [id, group.rootId] as const)));
  const sources = new Map<string, Source>();
  for (const { connection } of groups.flatMap(({ records }) => [...records.values()])) {
    const { id, workspaceId, provider } = connection;
    sources.set(id, { id, workspaceId, provider: { id: provider, name: nameOf(provider) } });
  }
  // People before what belongs to them, whichever connection that came through.
  for (const source of sources.values()) {
    const people = groups.filter(({ records, rootId }) => records.get(rootId)?.connection.id === source.id);
    if (people.length > 0)
      await host.apply(batchOf(source, source.provider, { candidates: people.map(personChange) }), em);
  }
  const ids = [...owner.keys()];
  const applications = await readApplicationsOfPeople(em, ids);
  const resumes = await readResumesOfPeople(em, ids);
  for (const source of sources.values()) {
    const batch = batchOf(source, source.provider, {
      applications: applications
        .filter(({ connectionId }) => connectionId === source.id)
        .map((stored) => applicationChange(stored, owner.get(stored.candidateId) ?? stored.candidateId)),
      resumes: resumes
        .filter(({ connectionId }) => connectionId === source.id)
        .map((stored) => resumeChange(stored, owner.get(stored.candidateId) ?? stored.candidateId)),
      gone: groups.flatMap((group) => goneOf(group, source.id)),
    });
    if (batch.applications.length + batch.resumes.length + batch.gone.length > 0) await host.apply(batch, em);
  }
}

function goneOf(group: PersonGroup, connectionId: string) {
  const root = group.records.get(group.rootId);
  if (root?.connection.id !== connectionId || root.tombstone === null || isLiving(group)) return [];
  return [{ kind: 'candidate' as const, id: root.id, tombstone: root.tombstone, intoId: null }];
}
