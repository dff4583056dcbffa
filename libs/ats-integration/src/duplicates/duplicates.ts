import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute, query } from '../database/query.js';
import type { HiringPipeline, PersonRef } from '../host/hiring-pipeline.port.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { CandidateMerges } from './candidate-merges.js';
import type { MergeRequest } from './candidate-merges.js';
import type { Confidence, Evidence } from './compare-people.js';
import { defaultChoices } from './default-choices.js';
import type { PreviewField } from './default-choices.js';
import { alreadyMerged, findPerson } from './find-person.js';
import { HostPipeline } from './linked-pipeline.js';
import type { MergeView } from './merge-view.js';
import { lockPeople } from './people-lock.js';

/** Two people who may be one, and why. */
export interface DuplicateView {
  readonly id: string;
  readonly left: PersonRef;
  readonly right: PersonRef;
  /** 0 to 100: the sum of the evidence's weights. */
  readonly score: number;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
  readonly foundAt: Date;
}

export interface MergePreview {
  readonly duplicate: DuplicateView;
  /** Who stays when nobody says otherwise. */
  readonly survivor: 'left' | 'right';
  readonly fields: readonly PreviewField[];
}

export interface DuplicatePage {
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

type DuplicateRow = Omit<DuplicateView, 'left' | 'right'> & {
  readonly leftKind: PersonRef['kind'];
  readonly leftId: string;
  readonly rightKind: PersonRef['kind'];
  readonly rightId: string;
  readonly status: 'open' | 'dismissed' | 'merged';
};

const VIEW = `select id, left_kind as "leftKind", left_id as "leftId", right_kind as "rightKind", right_id as "rightId", score, confidence,
  evidence, found_at as "foundAt", status from ats.duplicates`;

/** What the search found and nobody has decided yet. */
@Injectable()
export class Duplicates {
  constructor(
    private readonly em: EntityManager,
    private readonly merges: CandidateMerges,
    @Inject(HostPipeline) private readonly host: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The surest first. @throws AtsError `not-found` when `after` is no suggestion any more: begin again. */
  async list(workspaceId: string, { after, limit }: DuplicatePage): Promise<DuplicateView[]> {
    const em = this.em.fork();
    if (after !== undefined) await this.#find(em, workspaceId, after);
    const rows = await query<DuplicateRow>(
      em,
      `${VIEW} where workspace_id = $1 and status = 'open'
         and ($2::uuid is null or (score, id) < (select score, id from ats.duplicates where id = $2 and workspace_id = $1))
       order by score desc, id desc limit $3`,
      [workspaceId, after ?? null, limit],
      ['foundAt'],
    );
    return rows.map(toView);
  }

  /** They are two people: not suggested again, unless something new speaks for it. @throws AtsError `not-found`, `already-merged` */
  async dismiss(workspaceId: string, id: string, by: string): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      await lockPeople(em, workspaceId);
      const { status } = await this.#find(em, workspaceId, id);
      if (status === 'merged') throw alreadyMerged();
      await this.#decide(em, id, 'dismissed', by);
    });
  }

  /** Both sides, field by field. @throws AtsError `not-found`, `already-merged`, `candidate-gone` */
  async preview(workspaceId: string, id: string): Promise<MergePreview> {
    const em = this.em.fork();
    const row = await this.#find(em, workspaceId, id);
    if (row.status === 'merged') throw alreadyMerged();
    const duplicate = toView(row);
    const left = await findPerson(em, this.host, workspaceId, duplicate.left);
    const right = await findPerson(em, this.host, workspaceId, duplicate.right);
    return { duplicate, survivor: 'left', fields: defaultChoices(left, right) };
  }

  /** As `CandidateMerges.merge`, for the two of a suggestion. */
  async merge(
    request: Omit<MergeRequest, 'left' | 'right' | 'duplicateId'> & { readonly duplicateId: string },
    em: EntityManager = this.em.fork(),
  ): Promise<MergeView> {
    if (!em.isInTransaction()) return em.transactional((inner) => this.merge(request, inner));
    const { workspaceId, duplicateId, actor } = request;
    await lockPeople(em, workspaceId);
    const row = await this.#find(em, workspaceId, duplicateId);
    if (row.status === 'merged') throw alreadyMerged();
    const { left, right } = toView(row);
    await this.#decide(em, duplicateId, 'merged', actor.userId);
    return this.merges.merge({ ...request, left, right }, em);
  }

  async #find(em: EntityManager, workspaceId: string, id: string): Promise<DuplicateRow> {
    const [row] = await query<DuplicateRow>(
      em,
      `${VIEW} where workspace_id = $1 and id = $2`,
      [workspaceId, id],
      ['foundAt'],
    );
    if (row === undefined) throw new AtsError('not-found', 'There is no such suggestion in this workspace.');
    return row;
  }

  async #decide(em: EntityManager, id: string, status: 'dismissed' | 'merged', by: string): Promise<void> {
    await execute(
      em,
      `update ats.duplicates set status = $2, decided_by = $3, decided_at = $4,
         dismissed_marks = case when $2 = 'dismissed' then marks else dismissed_marks end where id = $1`,
      [id, status, by, this.clock.now()],
    );
  }
}

function toView(row: DuplicateRow): DuplicateView {
  const { id, leftKind, leftId, rightKind, rightId, score, confidence, evidence, foundAt } = row;
  return {
    id,
    left: { kind: leftKind, id: leftId },
    right: { kind: rightKind, id: rightId },
    score,
    confidence,
    evidence,
    foundAt,
  };
}
