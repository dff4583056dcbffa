import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { ApplicationState } from '../contract/stage-change.js';
import { execute, query } from '../database/query.js';
import type { DomainEventBody } from '../events/domain-event.js';
import { writeEvents } from '../events/outbox.js';
import { batchOf } from '../host/batch-of.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { Placement } from '../host/hiring-pipeline.port.js';
import { placeApplication } from '../mapping/place-application.js';
import { readPlacementContext } from '../mapping/stage-mappings.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { Clock } from '../support/clock.js';
import { endAttempt } from './attempts.js';
import type { AttemptOutcome } from './attempts.js';
import { ChangeClaims, holdChange } from './change-claims.js';
import type { ClaimedChange } from './change-claims.js';
import { forgetNotes } from './forget-notes.js';
import { standingOf } from './standing.js';
import { storeState } from './store-state.js';

/** As much of a change as settling it needs; one that nobody can claim any more is settled too. */
export type SettledChange = Pick<ClaimedChange, 'id' | 'toStageId' | 'application'> & {
  readonly connection: { readonly id: string; readonly workspaceId: string; readonly provider: string };
};

export interface Settlement {
  readonly status: 'confirmed' | 'refused';
  readonly code: string | null;
  /** For the person who moved it; null when there is nothing to say. */
  readonly reason: string | null;
  /** What the ATS shows now; null when it could not be asked. */
  readonly state: ApplicationState | null;
  /** The application is where it was sent; false also when somebody moved it on since. */
  readonly atTarget: boolean;
  /** The attempt that ends with it. */
  readonly attempt: { readonly id: string; readonly outcome: AttemptOutcome } | null;
}

/**
 * Ends a stage change: the change, what the ATS shows, the host's pipeline and the event land together or not at all. A
 * refusal puts the host's pipeline right again and says why.
 */
@Injectable()
export class SettleChange {
  constructor(
    private readonly em: EntityManager,
    private readonly claims: ChangeClaims,
    private readonly registry: ProviderRegistry,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ChangeLost when it is no longer ours; nothing was written then. */
  async settle(change: ClaimedChange, settlement: Settlement): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      await lockApplication(em, change.application.id);
      await holdChange(em, change, this.claims.leaseMs);
      await this.finish(em, change, settlement);
    });
  }

  /** In the caller's transaction, which holds the application's row and the change. */
  async finish(em: EntityManager, change: SettledChange, settlement: Settlement): Promise<void> {
    const now = this.clock.now();
    const { attempt, state, status, code, reason } = settlement;
    if (attempt !== null) await endAttempt(em, attempt.id, attempt.outcome, now);
    await execute(
      em,
      `update ats.stage_changes set status = $2, reason_code = $3, reason = $4, settled_at = $5, lease_until = null, not_before = null
       where id = $1`,
      [change.id, status, code, reason, now],
    );
    await forgetNotes(em, change.id);
    if (!(await this.#leaveToNewer(em, change, settlement))) {
      const correction = status === 'refused' && reason !== null ? { message: reason } : null;
      await this.#place(em, change, state, settlement.atTarget ? change.toStageId : null, correction);
    } else await storeState(em, change.connection.id, change.application.id, state);
    const about = { changeId: change.id, applicationId: change.application.id };
    const event: DomainEventBody =
      status === 'confirmed'
        ? { type: 'stage-change.confirmed', ...about }
        : { type: 'stage-change.refused', ...about, code: code ?? 'refused', reason: reason ?? '' };
    const { id: connectionId, workspaceId, provider } = change.connection;
    await writeEvents(em, { workspaceId, connectionId, provider }, now, [event]);
  }

  /** Where the host shows a newer move already, it stays there; what we did meanwhile is nobody else's doing. */
  async #leaveToNewer(em: EntityManager, change: SettledChange, { status, state }: Settlement): Promise<boolean> {
    const newer = await query<{ id: string }>(
      em,
      `select id from ats.stage_changes where application_id = $1 and status in ('pending', 'parked') for update`,
      [change.application.id],
    );
    if (newer.length === 0) return false;
    if (status === 'confirmed' && state !== null) {
      await execute(
        em,
        `update ats.stage_changes set baseline = $2::jsonb where application_id = $1 and status in ('pending', 'parked')`,
        [change.application.id, JSON.stringify(standingOf(state))],
      );
    }
    return true;
  }

  async #place(
    em: EntityManager,
    { application, connection }: SettledChange,
    state: ApplicationState | null,
    reachedStageId: string | null,
    correction: { readonly message: string } | null,
  ): Promise<void> {
    const stored = await storeState(em, connection.id, application.id, state);
    if (stored === null) return;
    const hostStages = await this.pipeline.stages(connection.workspaceId);
    const placement: Placement | null =
      reachedStageId === null
        ? placeApplication(stored.record, await readPlacementContext(em, connection.id, hostStages))
        : { stageId: reachedStageId, how: stored.record.status === 'active' ? 'mapped' : 'status' };
    const { manifest } = this.registry.get(connection.provider).provider;
    const { record, candidateId, jobId } = stored;
    const change = { id: application.id, created: false, record, candidateId, jobId, placement, correction };
    await this.pipeline.apply(batchOf(connection, manifest, { applications: [change] }), em);
    await execute(em, `update ats.applications set host_stage_id = $2, placed_how = $3 where id = $1`, [
      application.id,
      placement?.stageId ?? null,
      placement?.how ?? null,
    ]);
  }
}

/** The application before its changes, always, and both before the host's own rows: whoever asks for a move does so too. */
export async function lockApplication(em: EntityManager, applicationId: string): Promise<void> {
  await query(em, `select 1 from ats.applications where id = $1 for no key update`, [applicationId]);
}
