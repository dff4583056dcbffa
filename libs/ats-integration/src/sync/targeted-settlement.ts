import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute } from '../database/query.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { GoneChange } from '../host/hiring-pipeline.port.js';
import * as tombstones from '../records/tombstones.js';
import { postponeNamed, settleNamed } from './named-records.js';
import { holdRun } from './run-claims.js';
import type { RunningSync } from './running-sync.js';
import type { Settlement, TargetedPlan } from './targeted-plan.js';

/** A poll that webhooks ask for comes this long after the one before it, at the soonest. */
const POLLS_APART_SECONDS = 30;
/** Kinds that the host was given. */
const HOSTED: readonly string[] = ['job', 'candidate', 'application'];

/** Ends the reading of what deliveries named: tombstones, the host and the inbox in one transaction, while the run is ours. */
@Injectable()
export class TargetedSettlement {
  constructor(
    private readonly em: EntityManager,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
  ) {}

  /**
   * `pollSoon`: something was named that only a poll can bring.
   * @throws RunLost; the deliveries are read again then.
   */
  async settle(sync: RunningSync, plan: TargetedPlan, settlement: Settlement, pollSoon: boolean): Promise<void> {
    const { run, index } = sync;
    await this.em.fork().transactional(async (em) => {
      await holdRun(em, run);
      const buried: GoneChange[] = [];
      for (const [kind, remoteIds] of settlement.gone) {
        index.freshness.noteGone(kind, remoteIds);
        buried.push(
          ...(await tombstones.missing(em, run.connection.id, kind, remoteIds, plan.hints.get(kind) ?? new Map())),
        );
      }
      await this.#tellHost(em, sync, buried);
      await settleNamed(em, settlement.done);
      await postponeNamed(em, settlement.later);
      if (pollSoon) await bringPollForward(em, run.connection.id);
    });
  }

  async #tellHost(em: EntityManager, { run, rules }: RunningSync, buried: readonly GoneChange[]): Promise<void> {
    const gone = buried.filter(({ kind }) => HOSTED.includes(kind));
    if (gone.length === 0) return;
    const { id: connectionId, workspaceId } = run.connection;
    const nothing = { jobs: [], candidates: [], applications: [], resumes: [] };
    await this.pipeline.apply({ workspaceId, connectionId, provider: rules.provider, ...nothing, gone }, em);
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
