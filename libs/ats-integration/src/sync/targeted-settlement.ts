import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute } from '../database/query.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { GoneRecord } from '../contract/tombstone.js';
import { Clock } from '../support/clock.js';
import { buryGone } from './bury-gone.js';
import { brakeDeletions } from './deletion-brake.js';
import { postponeNamed, settleNamed } from './named-records.js';
import { holdRun } from './run-claims.js';
import type { RunningSync } from './running-sync.js';
import type { Settlement, TargetedPlan } from './targeted-plan.js';

/** A poll that webhooks ask for comes this long after the one before it, at the soonest. */
const POLLS_APART_SECONDS = 30;

/** Ends the reading of what deliveries named: tombstones, the host and the inbox in one transaction, while the run is ours. */
@Injectable()
export class TargetedSettlement {
  constructor(
    private readonly em: EntityManager,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * `pollSoon`: something was named that only a poll can bring.
   * @throws RunLost; the deliveries are read again then.
   */
  async settle(sync: RunningSync, plan: TargetedPlan, settlement: Settlement, pollSoon: boolean): Promise<void> {
    const { run, index } = sync;
    await this.em.fork().transactional(async (em) => {
      await holdRun(em, run);
      const gone: GoneRecord[] = [];
      for (const [kind, remoteIds] of settlement.gone) {
        index.freshness.noteGone(kind, remoteIds);
        const hints = plan.hints.get(kind);
        gone.push(
          ...remoteIds.map(
            (remoteId): GoneRecord =>
              hints?.get(remoteId) ?? { kind, remoteId, tombstone: 'deleted', intoRemoteId: null, at: null },
          ),
        );
      }
      const now = this.clock.now();
      await buryGone(em, this.pipeline, sync, await brakeDeletions(em, sync, gone, now), now);
      await settleNamed(em, settlement.done);
      await postponeNamed(em, settlement.later);
      if (pollSoon) await bringPollForward(em, run.connection.id);
    });
  }
}

async function bringPollForward(em: EntityManager, connectionId: string): Promise<void> {
  await execute(
    em,
    `update ats.connections set next_run_at = least(next_run_at, greatest(now(), last_synced_at + make_interval(secs => $2)))
     where id = $1 and status = 'active' and last_synced_at is not null`,
    [connectionId, POLLS_APART_SECONDS],
  );
}
