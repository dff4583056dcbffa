import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { MoveReason } from '../contract/stage-change.js';
import { query } from '../database/query.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { HostStage } from '../host/hiring-pipeline.port.js';
import { readPlacementContext } from '../mapping/stage-mappings.js';
import type { ClaimedChange } from './change-claims.js';
import { resolveTarget } from './resolve-target.js';
import type { PipelineStage, TargetAnswer } from './resolve-target.js';
import type { Standing } from './standing.js';

/** Says what the host's stage means in the ATS, from what holds at this moment. */
@Injectable()
export class FindTarget {
  constructor(
    private readonly em: EntityManager,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
  ) {}

  /** `reasons` is asked only where a reason may be needed. */
  async find(
    change: ClaimedChange,
    { manifest }: AtsProvider,
    standing: Standing,
    reasons: () => Promise<readonly MoveReason[]>,
  ): Promise<TargetAnswer> {
    const em = this.em.fork();
    const { id: connectionId, workspaceId, settings } = change.connection;
    const hostStages = await this.pipeline.stages(workspaceId);
    const kind = hostStages.find(({ id }) => id === change.toStageId)?.kind;
    const there = alreadyThere(kind, standing);
    if (there !== null) return there;
    return resolveTarget({
      ats: manifest.name,
      toStageId: change.toStageId,
      rejection: change.rejection,
      standing,
      placement: await readPlacementContext(em, connectionId, hostStages),
      stages: await readPipeline(em, connectionId),
      stagesBelongTo: manifest.stagesBelongTo,
      defaults: settings.reasons ?? {},
      reasons: kind === 'rejected' || kind === 'hired' ? await reasons() : [],
    });
  }
}

/** Nobody need choose a reason for what has happened already. */
function alreadyThere(kind: HostStage['kind'] | undefined, { status }: Standing): TargetAnswer | null {
  if (kind === 'rejected' && status === 'rejected')
    return { found: 'target', target: { kind: 'reject', reasonRemoteId: null, note: null } };
  if (kind === 'hired' && status === 'hired')
    return { found: 'target', target: { kind: 'hire', reasonRemoteId: null, startsOn: null } };
  return null;
}

async function readPipeline(em: EntityManager, connectionId: string): Promise<PipelineStage[]> {
  return query<PipelineStage>(
    em,
    `select remote_id as "remoteId", name, job_remote_id as "jobRemoteId", position, active from ats.stages
     where connection_id = $1 and tombstone is null`,
    [connectionId],
  );
}
