import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { ProviderSession } from '../connections/session-transport.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { readPlacementContext, suggestMissing } from '../mapping/stage-mappings.js';
import { PlanCheck } from '../plan/assert-plan.js';
import { retryResumes } from '../records/retry-resumes.js';
import { Clock } from '../support/clock.js';
import { AtsOptions } from '../support/options-token.js';
import type { ClaimedRun } from './claimed-run.js';
import { RunIndex } from './run-index.js';
import type { RunningSync } from './running-sync.js';
import { watchStages } from './stage-watch.js';
import { rulesOf } from './sync-rules.js';

/** What a run needs to know before its first page, and again once the ATS's stages are known. */
@Injectable()
export class RunPreparation {
  constructor(
    private readonly em: EntityManager,
    private readonly plan: PlanCheck,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** @throws AtsError `over-plan-limit` */
  async prepare(run: ClaimedRun, session: ProviderSession): Promise<RunningSync> {
    await this.plan.assertPlan(run.connection);
    if (run.kind === 'resync') await retryResumes(this.em.fork(), run.connection.id);
    const hostStages = await this.pipeline.stages(run.connection.workspaceId);
    const index = await RunIndex.read(this.em.fork(), run.connection.id, hostStages);
    return { run, session, index, rules: rulesOf(session.provider, run, this.options) };
  }

  /** Suggests mappings for new stages of the ATS, so that the applications behind them are placed well. */
  async mapStages({ run, index, rules }: RunningSync): Promise<void> {
    const { hostStages } = index.placement;
    await watchStages(this.em.fork(), run.connection, rules.provider.name, this.clock.now());
    await suggestMissing(this.em.fork(), run.connection.id, hostStages, this.clock.now());
    index.placement = await readPlacementContext(this.em.fork(), run.connection.id, hostStages);
  }
}
