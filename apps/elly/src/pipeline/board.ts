import { ChangeHistory } from '@elly/ats-integration';
import type { StageChangeView } from '@elly/ats-integration';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { boundQuery } from '../database/bound-query.js';
import { Jobs } from '../jobs/jobs.js';
import { Problem } from '../problems/problem.js';
import type { BoardQuery, BoardView, CardView, PipelineSummary } from './board.schemas.js';
import type { Stage } from './stage.entity.js';
import { Stages } from './stages.js';

type CardRow = Omit<CardView, 'movedAt' | 'stageChange'> & {
  readonly stageId: string;
  readonly movedAt: Date | string;
  readonly atsRecordId: string | null;
};

// One index range a stage, however many applications the job has.
const CARDS = `
select stage.id as "stageId", card.*
  from unnest($3::uuid[]) as stage(id)
 cross join lateral (
   select a.id as "applicationId", c.id as "candidateId", c.name as "candidateName", c.headline, a.status, a.placement, a.source,
          a.correction, a.ats_record_id as "atsRecordId",
          a.moved_at as "movedAt"
     from elly.applications a join elly.candidates c on c.workspace_id = a.workspace_id and c.id = a.candidate_id
    where a.stage_id = stage.id and a.job_id = $2 and a.workspace_id = $1 and a.gone is null and ($4::uuid is null or a.id < $4::uuid)
    order by a.id desc limit $5
 ) card`;

const TOTALS = `
select stage_id as "stageId", count(*)::integer as total from elly.applications
 where stage_id = any($3::uuid[]) and job_id = $2 and workspace_id = $1 and gone is null group by stage_id`;

const SUMMARY = `
select stage_id as "stageId", count(*)::integer as total, (count(*) filter (where source = 'ats'))::integer as imported
  from elly.applications where workspace_id = $1 and gone is null group by stage_id`;

/** The pipeline as people look at it: one job's board, or the whole workspace in numbers. */
@Injectable()
export class Board {
  constructor(
    private readonly em: EntityManager,
    private readonly jobs: Jobs,
    private readonly stages: Stages,
    private readonly changes: ChangeHistory,
  ) {}

  async ofJob(workspaceId: string, jobId: string, query: BoardQuery): Promise<BoardView> {
    const job = await this.jobs.get(workspaceId, jobId);
    const stages = await this.#stages(workspaceId, query.stageId);
    const ids = stages.map(({ id }) => id);
    const cards = await boundQuery<CardRow>(this.em, CARDS, [
      workspaceId,
      jobId,
      ids,
      query.cursor ?? null,
      query.limit + 1,
    ]);
    const totals = await boundQuery<{ readonly stageId: string; readonly total: number }>(this.em, TOTALS, [
      workspaceId,
      jobId,
      ids,
    ]);
    const changes = await this.changes.latestOf(
      workspaceId,
      cards.rows.flatMap(({ atsRecordId }) => atsRecordId ?? []),
    );
    const cardsByStage = byStage(cards.rows);
    const totalByStage = new Map(totals.rows.map(({ stageId, total }) => [stageId, total]));
    return {
      job: { id: job.id, title: job.title },
      stages: stages.map((stage) => {
        const rows = cardsByStage.get(stage.id) ?? [];
        const shown = rows.slice(0, query.limit);
        return {
          ...viewStage(stage),
          total: totalByStage.get(stage.id) ?? 0,
          applications: shown.map((card) => viewCard(card, changes.get(card.atsRecordId ?? ''))),
          next: rows.length > query.limit ? (shown.at(-1)?.applicationId ?? null) : null,
        };
      }),
    };
  }

  async summary(workspaceId: string): Promise<PipelineSummary> {
    const stages = await this.stages.list(workspaceId);
    const { rows } = await boundQuery<{
      readonly stageId: string | null;
      readonly total: number;
      readonly imported: number;
    }>(this.em, SUMMARY, [workspaceId]);
    const counts = new Map(rows.map((row) => [row.stageId, row]));
    return {
      stages: stages.map((stage) => ({
        ...viewStage(stage),
        applications: counts.get(stage.id)?.total ?? 0,
        imported: counts.get(stage.id)?.imported ?? 0,
      })),
      unplaced: counts.get(null)?.total ?? 0,
      total: rows.reduce((sum, { total }) => sum + total, 0),
    };
  }

  async #stages(workspaceId: string, stageId: string | undefined): Promise<readonly Stage[]> {
    const stages = await this.stages.list(workspaceId);
    const wanted = stageId === undefined ? stages : stages.filter(({ id }) => id === stageId);
    if (stageId !== undefined && wanted.length === 0) throw Problem.notFound('stage');
    return wanted;
  }
}

function viewStage({ id, name, kind, position }: Stage) {
  return { id, name, kind, position };
}

function viewCard(
  { stageId: _stageId, atsRecordId: _atsRecordId, movedAt, ...card }: CardRow,
  change: StageChangeView | undefined,
): CardView {
  const stageChange = change === undefined ? null : { id: change.id, status: change.status, reason: change.reason };
  return { ...card, stageChange, movedAt: new Date(movedAt).toISOString() };
}

function byStage(cards: readonly CardRow[]): ReadonlyMap<string, readonly CardRow[]> {
  const grouped = new Map<string, CardRow[]>();
  for (const card of cards) {
    const kept = grouped.get(card.stageId);
    if (kept === undefined) grouped.set(card.stageId, [card]);
    else kept.push(card);
  }
  return grouped;
}
