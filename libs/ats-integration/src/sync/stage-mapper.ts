import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { resolveIssues } from '../connections/issues.js';
import { ownedConnection } from '../connections/owned-connection.js';
import { execute, query } from '../database/query.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { ApplicationChange, HostStage } from '../host/hiring-pipeline.port.js';
import { placeApplication } from '../mapping/place-application.js';
import { readPlacementContext, writeChoices } from '../mapping/stage-mappings.js';
import type { MappingChoice } from '../mapping/stage-mappings.js';
import { ChangeWake } from '../outbound/change-wake.js';
import { readOpenChanges, releaseParked } from '../outbound/open-changes.js';
import { UNMAPPED_ISSUE } from '../outbound/park-change.js';
import { readApplicationsPage } from '../records/read-applications.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { stagesLookedAt } from './stage-watch.js';

export interface StageMappingRow {
  /** Names the ATS stage, or all stages of that name where every job has its own. */
  readonly key: string;
  readonly name: string;
  /** Where every job has its own stages: the one job that this row is for; null: it is for all of them. */
  readonly jobRemoteId: string | null;
  readonly hostStageId: string;
  readonly status: 'suggested' | 'confirmed';
  /** 0 to 1. */
  readonly confidence: number;
  readonly reason: string;
  /** Living applications that stand there now. */
  readonly applications: number;
}

export interface StageMappingView {
  readonly hostStages: readonly HostStage[];
  readonly mappings: readonly StageMappingRow[];
}

const PAGE = 500;
/** A row for one job is kept under its job's name and its stage's key. */
const STAGE_KEY = `case when m.job_remote_id is null then m.stage_key
  else substr(m.stage_key, length('job:' || m.job_remote_id || ':') + 1) end`;

/** The stage mapping of a connection, and what changes in the pipeline when an admin changes it. */
@Injectable()
export class StageMapper {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    private readonly waking: ChangeWake,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async view(workspaceId: string, connectionId: string): Promise<StageMappingView> {
    await this.#providerOf(workspaceId, connectionId);
    const mappings = await query<StageMappingRow>(
      this.em.fork(),
      `with standing as materialized (
         select s.remote_id, s.name, s.job_remote_id, count(*) as count
         from ats.applications a join ats.stages s on s.connection_id = a.connection_id and s.remote_id = a.stage_remote_id
         where a.connection_id = $1 and a.tombstone is null and a.status = 'active' group by 1, 2, 3)
       select ${STAGE_KEY} as key, m.stage_name as name, m.job_remote_id as "jobRemoteId", m.host_stage_id as "hostStageId", m.status,
         m.confidence, m.reason,
         (select coalesce(sum(n.count), 0)::int from standing n where (m.job_remote_id is null or n.job_remote_id = m.job_remote_id)
           and case when n.job_remote_id is null then m.stage_key = 'id:' || n.remote_id else n.name = m.stage_name end) as applications
       from ats.stage_mappings m where m.connection_id = $1 order by m.stage_name, m.job_remote_id nulls first`,
      [connectionId],
    );
    return { hostStages: await this.pipeline.stages(workspaceId), mappings };
  }

  /**
   * Confirms mappings and moves what stood elsewhere because of them, in one transaction.
   * @throws AtsError `unknown-stage` when a stage of the host or a key does not exist.
   */
  async confirm(
    workspaceId: string,
    connectionId: string,
    userId: string,
    choices: readonly MappingChoice[],
  ): Promise<StageMappingView> {
    const provider = await this.#providerOf(workspaceId, connectionId);
    const hostStages = await this.pipeline.stages(workspaceId);
    for (const { hostStageId, jobRemoteId } of choices) {
      if (hostStageId === null && (jobRemoteId ?? null) !== null) continue;
      if (hostStages.some(({ id }) => id === hostStageId)) continue;
      throw new AtsError('unknown-stage', `There is no stage "${hostStageId ?? ''}" in this workspace's pipeline.`);
    }
    await this.em.fork().transactional(async (em) => {
      // A page that is being committed goes first; the next one waits for us and then reads the new mapping.
      await query(
        em,
        `select id from ats.sync_runs where connection_id = $1 and status in ('queued', 'running') for update`,
        [connectionId],
      );
      const now = this.clock.now();
      if (!(await writeChoices(em, { connectionId, userId, now }, choices))) {
        throw new AtsError(
          'unknown-stage',
          'One of the ATS stages does not exist any more. Load the stage mapping again.',
        );
      }
      await stagesLookedAt(
        em,
        connectionId,
        now,
        choices.map(({ key }) => key),
      );
      await this.#replace(em, { workspaceId, connectionId, provider }, hostStages);
      // Those whose stage still means nothing in the ATS park again, and raise it again.
      await resolveIssues(em, connectionId, UNMAPPED_ISSUE, now);
      this.waking.whenCommitted(em, await releaseParked(em, connectionId));
    });
    return this.view(workspaceId, connectionId);
  }

  /**
   * Somebody looked at what became of the ATS's stages and leaves the mapping as it is: the issues of it are resolved.
   * @throws AtsError `not-found`
   */
  async reviewed(workspaceId: string, connectionId: string): Promise<void> {
    await this.#providerOf(workspaceId, connectionId);
    await stagesLookedAt(this.em.fork(), connectionId, this.clock.now(), null);
  }

  async #replace(
    em: EntityManager,
    connection: { workspaceId: string; connectionId: string; provider: { id: string; name: string } },
    hostStages: readonly HostStage[],
  ): Promise<void> {
    const context = await readPlacementContext(em, connection.connectionId, hostStages);
    for (let after = ''; ;) {
      const page = await readApplicationsPage(em, connection.connectionId, after, PAGE);
      const moving = await readOpenChanges(
        em,
        page.map(({ id }) => id),
      );
      const moved: ApplicationChange[] = page.flatMap((stored) => {
        // It stands where somebody moved it, and is on its way to the ATS.
        if (moving.has(stored.id)) return [];
        const placement = placeApplication(stored.record, context);
        if (placement === null || (placement.stageId === stored.hostStageId && placement.how === stored.placedHow))
          return [];
        return [
          {
            id: stored.id,
            created: false,
            record: stored.record,
            candidateId: stored.candidateId,
            jobId: stored.jobId,
            placement,
            correction: null,
          },
        ];
      });
      if (moved.length > 0) {
        await this.pipeline.apply(
          { ...connection, jobs: [], candidates: [], applications: moved, resumes: [], gone: [] },
          em,
        );
        await execute(
          em,
          `update ats.applications a set host_stage_id = m.stage, placed_how = m.how
           from jsonb_to_recordset($2::jsonb) as m(id uuid, stage text, how text) where a.connection_id = $1 and a.id = m.id`,
          [
            connection.connectionId,
            JSON.stringify(moved.map(({ id, placement }) => ({ id, stage: placement?.stageId, how: placement?.how }))),
          ],
        );
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.record.remoteId;
    }
  }

  async #providerOf(workspaceId: string, connectionId: string): Promise<{ id: string; name: string }> {
    const { provider } = await ownedConnection(this.em.fork(), workspaceId, connectionId);
    const { id, name } = this.registry.get(provider).provider.manifest;
    return { id, name };
  }
}
