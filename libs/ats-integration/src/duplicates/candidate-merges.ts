import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { execute } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import type { HiringPipeline, PersonMerge, PersonRef } from '../host/hiring-pipeline.port.js';
import { readResumesOfPeople } from '../records/read-belongings.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { marksOf } from './compose-person.js';
import type { Side } from './default-choices.js';
import { findPerson } from './find-person.js';
import type { FoundPerson } from './find-person.js';
import { giveAgain } from './give-again.js';
import { HostPipeline } from './linked-pipeline.js';
import { mergeChoices } from './merge-choices.js';
import { readMerge, readMerges } from './merge-view.js';
import type { MergeView } from './merge-view.js';
import { lockPeople } from './people-lock.js';
import type { PersonField } from './person-fields.js';
import { membersBelow, recordIdsOf } from './person-group.js';
import type { PersonGroup } from './person-group.js';
import { readGroups } from './read-groups.js';
import { dismissPair, linkPeople, searchAgain, settleDuplicatesOf, unlinkPeople } from './write-links.js';

export interface MergeRequest {
  readonly workspaceId: string;
  readonly left: PersonRef;
  readonly right: PersonRef;
  /** Who stays; one of the host's own cannot. @default 'left', or whoever is of an ATS */
  readonly survivor?: 'left' | 'right' | undefined;
  /** Whose value each field has; what is not named is as the preview proposes. */
  readonly choices?: Readonly<Partial<Record<PersonField, Side | undefined>>> | undefined;
  readonly actor: { readonly userId: string };
  /** The suggestion that it follows. */
  readonly duplicateId?: string;
}

export interface UndoRequest {
  readonly workspaceId: string;
  readonly mergeId: string;
  readonly actor: { readonly userId: string };
}

/** Two people become one, and two again: links, audit, the host's rows and the event land together or not at all. */
@Injectable()
export class CandidateMerges {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    @Inject(HostPipeline) private readonly host: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Newest first. @throws AtsError `not-found` when there is no merge `after` */
  async list(
    workspaceId: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<MergeView[]> {
    const em = this.em.fork();
    if (page.after !== undefined) await this.#view(em, workspaceId, page.after);
    return readMerges(em, workspaceId, page);
  }

  /**
   * Merges two people. With the host's `em` it stands or falls with the host's transaction: call it before you write rows
   * of these people, since a page of a sync takes ours before yours.
   * @throws AtsError `not-found`, `already-merged`, `candidate-gone`, `invalid-request`, `not-possible-now` when the host's
   * `HiringPipeline` cannot merge
   */
  merge(request: MergeRequest, em: EntityManager = this.em.fork()): Promise<MergeView> {
    return em.isInTransaction() ? this.#merge(request, em) : em.transactional((inner) => this.#merge(request, inner));
  }

  /**
   * Takes a merge back, whichever came after it. Both are what their records say now.
   * @throws AtsError `not-found`, `already-undone`
   */
  undo(request: UndoRequest, em: EntityManager = this.em.fork()): Promise<MergeView> {
    return em.isInTransaction() ? this.#undo(request, em) : em.transactional((inner) => this.#undo(request, inner));
  }

  async #merge(request: MergeRequest, em: EntityManager): Promise<MergeView> {
    const { workspaceId, actor } = request;
    await lockPeople(em, workspaceId);
    const left = await findPerson(em, this.host, workspaceId, request.left);
    const right = await findPerson(em, this.host, workspaceId, request.right);
    const { survivor, merged, choices } = mergeChoices(left, right, request);
    const id = uuidv7();
    const own = merged.group === null;
    await execute(
      em,
      `insert into ats.candidate_merges (id, workspace_id, duplicate_id, survivor_id, merged_kind, merged_id, choices, own_values,
         own_over, merged_by, merged_at)
       values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, $10, $11)`,
      [
        id,
        workspaceId,
        request.duplicateId ?? null,
        survivor.ref.id,
        merged.ref.kind,
        merged.ref.id,
        JSON.stringify(choices),
        own ? JSON.stringify(merged.values) : null,
        own ? JSON.stringify(marksOf(survivor.values)) : null,
        actor.userId,
        this.clock.now(),
      ],
    );
    await linkPeople(em, { id, workspaceId, survivorId: survivor.ref.id, merged: merged.ref });
    await settleDuplicatesOf(em, workspaceId, merged.ref);
    const members = membersBelow(merged.group?.links ?? [], merged.ref);
    const group = await this.#groupOf(em, workspaceId, survivor.ref.id);
    const merge: PersonMerge = { mergeId: id, workspaceId, survivorId: survivor.ref.id, merged: merged.ref, members };
    await this.#mergingHost().merge(merge, em);
    await this.#finish(em, [group], merge, 'candidates.merged', survivor);
    return this.#view(em, workspaceId, id);
  }

  async #undo({ workspaceId, mergeId, actor }: UndoRequest, em: EntityManager): Promise<MergeView> {
    await lockPeople(em, workspaceId);
    const { survivor, merged, undoneAt } = await this.#view(em, workspaceId, mergeId);
    if (undoneAt !== null) {
      throw new AtsError('already-undone', 'This merge was taken back already: the two are two.');
    }
    const before = await this.#groupOf(em, workspaceId, survivor.id);
    const members = membersBelow(before.links, merged);
    await unlinkPeople(em, workspaceId, merged, members);
    await execute(em, `update ats.candidate_merges set undone_by = $2, undone_at = $3 where id = $1`, [
      mergeId,
      actor.userId,
      this.clock.now(),
    ]);
    await dismissPair(em, workspaceId, [survivor, merged], { by: actor.userId, at: this.clock.now() });
    const groups = [await this.#groupOf(em, workspaceId, before.rootId)];
    if (merged.kind === 'ats') groups.push(await this.#groupOf(em, workspaceId, merged.id));
    const records = members.filter(({ kind }) => kind === 'ats').map(({ id }) => id);
    const resumes = await readResumesOfPeople(em, records);
    const merge: PersonMerge = { mergeId, workspaceId, survivorId: before.rootId, merged, members };
    const resumeReferences = resumes.map(({ reference }) => reference);
    await this.#mergingHost().unmerge({ ...merge, resumeReferences }, em);
    await this.#finish(em, groups, merge, 'candidates.unmerged', { group: before });
    return this.#view(em, workspaceId, mergeId);
  }

  async #finish(
    em: EntityManager,
    groups: readonly PersonGroup[],
    { mergeId, workspaceId, survivorId, merged, members }: PersonMerge,
    type: 'candidates.merged' | 'candidates.unmerged',
    { group }: Pick<FoundPerson, 'group'>,
  ): Promise<void> {
    await giveAgain(em, this.host, groups, (provider) => this.#nameOf(provider));
    const records = groups.flatMap(recordIdsOf).map((id) => ({ kind: 'ats' as const, id }));
    await searchAgain(em, workspaceId, [...records, ...members]);
    const connection = group?.records.get(survivorId)?.connection;
    if (connection === undefined) throw new Error(`Candidate ${survivorId} is not there.`);
    const origin = { workspaceId, connectionId: connection.id, provider: connection.provider };
    await writeEvents(em, origin, this.clock.now(), [
      { type, mergeId, survivorId, mergedKind: merged.kind, mergedId: merged.id },
    ]);
  }

  async #groupOf(em: EntityManager, workspaceId: string, id: string): Promise<PersonGroup> {
    const group = (await readGroups(em, workspaceId, [id])).get(id);
    if (group === undefined) throw new Error(`Candidate ${id} is not there.`);
    return group;
  }

  /** @throws AtsError `not-possible-now` */
  #mergingHost(): MergingHost {
    if (canMerge(this.host)) return this.host;
    throw new AtsError(
      'not-possible-now',
      'People cannot be merged here: the `HiringPipeline` of this app has no `merge` and `unmerge`.',
    );
  }

  #nameOf(provider: string): string {
    return this.registry.has(provider) ? this.registry.get(provider).provider.manifest.name : provider;
  }

  async #view(em: EntityManager, workspaceId: string, id: string): Promise<MergeView> {
    const view = await readMerge(em, workspaceId, id);
    if (view === null) throw new AtsError('not-found', 'There is no such merge in this workspace.');
    return view;
  }
}

type MergingHost = HiringPipeline & Required<Pick<HiringPipeline, 'merge' | 'unmerge'>>;

function canMerge(host: HiringPipeline): host is MergingHost {
  return 'merge' in host && 'unmerge' in host && host.merge !== undefined && host.unmerge !== undefined;
}
