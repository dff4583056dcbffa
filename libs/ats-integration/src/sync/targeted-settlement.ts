import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute } from '../database/query.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { GoneRecord } from '../contract/tombstone.js';
import type { BuriedRecord } from '../records/buried-record.js';
import { eraseFiles } from '../records/erase-candidates.js';
import type { ErasedBelonging } from '../records/erase-candidates.js';
import { Clock } from '../support/clock.js';
import { buryGone, tellGone } from './bury-gone.js';
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
   * What was kept beside the rows of these people, before anything is read: what the ATS goes on showing of it comes back with
   * the reading. Returns what was erased.
   * @throws RunLost
   */
  async erase({ run, rules }: RunningSync, remoteIds: readonly string[]): Promise<readonly ErasedBelonging[]> {
    if (remoteIds.length === 0) return [];
    return this.em.fork().transactional(async (em) => {
      await holdRun(em, run);
      const erased = await eraseFiles(em, run.connection.id, remoteIds);
      const files = erased.flatMap(({ kind, id, reference }): BuriedRecord[] =>
        kind === 'resume'
          ? [{ kind, id, tombstone: 'anonymised', intoId: null, ...(reference !== null && { reference }) }]
          : [],
      );
      await tellGone(em, this.pipeline, { run, rules }, files, this.clock.now());
      return erased;
    });
  }

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
