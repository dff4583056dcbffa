import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';
import type { ApplicationChange, CandidateChange, GoneChange, PipelineBatch } from '../host/hiring-pipeline.port.js';
import { readApplicationsOfPeople } from '../records/read-belongings.js';
import { applicationChange } from './application-changes.js';
import { composePerson } from './compose-person.js';
import { holdPeople } from './people-lock.js';
import { isLiving, recordIdsOf } from './person-group.js';
import type { PersonGroup } from './person-group.js';
import { readGroups, readLinks } from './read-groups.js';

/**
 * A batch about records as one about people. Where nobody of it was merged it stays as it is, at the price of one round
 * trip. What vanished and left somebody living behind comes as a second batch, after what had to be erased.
 */
export async function translateBatch(batch: PipelineBatch, em: EntityManager): Promise<PipelineBatch[]> {
  const ids = candidateIdsOf(batch);
  if (ids.length === 0) return [batch];
  // Both are on their way before the first is answered; the database takes them one after the other.
  const [, links] = await Promise.all([holdPeople(em, batch.workspaceId), readLinks(em, batch.workspaceId, ids)]);
  if (links.length === 0) return [batch];
  const groups = await readGroups(em, batch.workspaceId, ids, links);
  const linked = new Map([...groups].filter(([, group]) => group.links.length > 0));
  return new LinkedBatch(em, batch, linked).translate();
}

function candidateIdsOf({ candidates, applications, resumes, gone }: PipelineBatch): string[] {
  const ids = new Set<string>();
  for (const { id } of candidates) ids.add(id);
  for (const { candidateId } of applications) ids.add(candidateId);
  for (const { candidateId } of resumes) ids.add(candidateId);
  for (const { kind, id, intoId } of gone) {
    if (kind !== 'candidate') continue;
    ids.add(id);
    if (intoId !== null) ids.add(intoId);
  }
  return [...ids];
}

class LinkedBatch {
  constructor(
    private readonly em: EntityManager,
    private readonly batch: PipelineBatch,
    /** By each of their records; those who were never merged are not among them. */
    private readonly groups: ReadonlyMap<string, PersonGroup>,
  ) {}

  async translate(): Promise<PipelineBatch[]> {
    const { batch } = this;
    const [vanished, otherGone] = split(batch.gone, ({ kind, id }) => kind === 'candidate' && this.groups.has(id));
    const first: PipelineBatch = {
      ...batch,
      candidates: this.#candidates(),
      applications: batch.applications.map((change) => ({ ...change, candidateId: this.#root(change.candidateId) })),
      resumes: batch.resumes.map((change) => ({ ...change, candidateId: this.#root(change.candidateId) })),
      gone: [...otherGone.map((change) => this.#toSurvivor(change)), ...(await this.#erasures(vanished))],
    };
    const second = await this.#afterwards(vanished);
    return second === null ? [first] : [first, second];
  }

  #root(id: string): string {
    return this.groups.get(id)?.rootId ?? id;
  }

  #toSurvivor(change: GoneChange): GoneChange {
    return change.intoId === null ? change : { ...change, intoId: this.#root(change.intoId) };
  }

  #candidates(): CandidateChange[] {
    const changes = new Map<string, CandidateChange>();
    for (const change of this.batch.candidates) {
      const group = this.groups.get(change.id);
      if (group === undefined) changes.set(change.id, change);
      else changes.set(group.rootId, personChange(group));
    }
    return [...changes.values()];
  }

  /** An order to erase goes out for the row that the host keeps of the merged one, too. */
  async #erasures(vanished: readonly GoneChange[]): Promise<GoneChange[]> {
    const erased = new Set(vanished.filter(({ tombstone }) => tombstone === 'anonymised').map(({ id }) => id));
    for (const id of [...erased]) {
      const group = this.groups.get(id);
      if (group === undefined || [...group.records.values()].some(({ tombstone }) => tombstone !== 'anonymised'))
        continue;
      for (const member of recordIdsOf(group)) erased.add(member);
      await execute(
        this.em,
        `update ats.candidate_merges set own_values = null, own_over = null where id = any($1::uuid[])`,
        [group.links.map(({ mergeId }) => mergeId)],
      );
    }
    return [...erased].map((id) => ({ kind: 'candidate', id, tombstone: 'anonymised', intoId: null }));
  }

  /** What is left of people of whom a record vanished. */
  async #afterwards(vanished: readonly GoneChange[]): Promise<PipelineBatch | null> {
    const candidates = new Map<string, CandidateChange>();
    const gone = new Map<string, GoneChange>();
    const followed: string[] = [];
    for (const change of vanished) {
      const group = this.groups.get(change.id);
      if (group === undefined) continue;
      const { rootId } = group;
      const erased = [...group.records.values()].every(({ tombstone }) => tombstone === 'anonymised');
      if (erased) continue;
      candidates.set(rootId, personChange(group));
      const into = change.intoId === null ? null : this.#root(change.intoId);
      // Two records of one person became one in the ATS: nothing else happened to the person.
      const outside = into === rootId ? null : into;
      if (change.intoId !== null && outside !== null) followed.push(change.intoId);
      if (isLiving(group)) continue;
      const tombstone = change.tombstone === 'anonymised' ? 'deleted' : change.tombstone;
      gone.set(rootId, { kind: 'candidate', id: rootId, tombstone, intoId: outside });
    }
    if (candidates.size === 0) return null;
    return {
      ...this.batch,
      jobs: [],
      candidates: [...candidates.values()],
      applications: await this.#followed(followed),
      resumes: [],
      gone: [...gone.values()],
    };
  }

  /** The host had these under the survivor: it is told where the ATS has put them. */
  async #followed(candidateIds: readonly string[]): Promise<ApplicationChange[]> {
    const applications = await readApplicationsOfPeople(this.em, candidateIds);
    return applications.map((stored) => applicationChange(stored, this.#root(stored.candidateId)));
  }
}

export function personChange(group: PersonGroup): CandidateChange {
  return { id: group.rootId, created: false, record: composePerson(group) };
}

function split<T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}
