import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { ownedConnection } from '../connections/owned-connection.js';
import { execute, query } from '../database/query.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { ApplicationChange, HostStage } from '../host/hiring-pipeline.port.js';
import { placeApplication } from '../mapping/place-application.js';
import { readPlacementContext } from '../mapping/stage-mappings.js';
import { readApplicationsPage } from '../records/read-applications.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';

export interface StageMappingRow {
  /** Names the ATS stage, or all stages of that name where every job has its own. */
  readonly key: string;
  readonly name: string;
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

export interface MappingChoice {
  readonly key: string;
  readonly hostStageId: string;
}

const PAGE = 500;

/** The stage mapping of a connection, and what changes in the pipeline when an admin changes it. */
@Injectable()
export class StageMapper {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async view(workspaceId: string, connectionId: string): Promise<StageMappingView> {
    await this.#providerOf(workspaceId, connectionId);
    const mappings = await query<StageMappingRow>(
      this.em.fork(),
      `select m.stage_key as key, m.stage_name as name, m.host_stage_id as "hostStageId", m.status, m.confidence, m.reason,
         coalesce(n.count, 0)::int as applications
       from ats.stage_mappings m left join (
         select case when s.job_remote_id is null then 'id:' || s.remote_id else null end as key, s.name, count(*) as count
         from ats.applications a join ats.stages s on s.connection_id = a.connection_id and s.remote_id = a.stage_remote_id
         where a.connection_id = $1 and a.tombstone is null and a.status = 'active' group by 1, 2
       ) n on n.key = m.stage_key or (n.key is null and n.name = m.stage_name)
       where m.connection_id = $1 order by m.stage_name`,
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
    const unknown = choices.find((choice) => !hostStages.some((stage) => stage.id === choice.hostStageId));
    if (unknown !== undefined)
      throw new AtsError('unknown-stage', `There is no stage "${unknown.hostStageId}" in this workspace's pipeline.`);
    await this.em.fork().transactional(async (em) => {
      // A page that is being committed goes first; the next one waits for us and then reads the new mapping.
      await query(
        em,
        `select id from ats.sync_runs where connection_id = $1 and status in ('queued', 'running') for update`,
        [connectionId],
      );
      const confirmed = await execute(
        em,
        `update ats.stage_mappings m set host_stage_id = c."hostStageId", status = 'confirmed', confidence = 1,
           reason = 'Set by an admin.', changed_by = $3, changed_at = $4
         from jsonb_to_recordset($2::jsonb) as c(key text, "hostStageId" text)
         where m.connection_id = $1 and m.stage_key = c.key`,
        [connectionId, JSON.stringify(choices), userId, this.clock.now()],
      );
      if (confirmed < new Set(choices.map(({ key }) => key)).size) {
        throw new AtsError(
          'unknown-stage',
          'One of the ATS stages does not exist any more. Load the stage mapping again.',
        );
      }
      await this.#replace(em, { workspaceId, connectionId, provider }, hostStages);
    });
    return this.view(workspaceId, connectionId);
  }

  async #replace(
    em: EntityManager,
    connection: { workspaceId: string; connectionId: string; provider: { id: string; name: string } },
    hostStages: readonly HostStage[],
  ): Promise<void> {
    const context = await readPlacementContext(em, connection.connectionId, hostStages);
    for (let after = ''; ;) {
      const page = await readApplicationsPage(em, connection.connectionId, after, PAGE);
      const moved: ApplicationChange[] = page.flatMap((stored) => {
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
