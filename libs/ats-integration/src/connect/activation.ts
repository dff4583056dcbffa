import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { lockPlaces } from '../plan/places.js';
import type { PlanLimit } from '../plan/plan-limits.port.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';
import { othersLike } from './accounts.js';
import type { KnownConnection } from './accounts.js';
import { Admission } from './admission.js';
import { refuseSecond, toldSecond } from './already-connected.js';
import type { Approval } from './pre-flight.js';
import { chargeKey } from './slots.js';
import { storeApproval } from './store-approval.js';

export interface Approved {
  readonly connectionId: string;
  readonly workspaceId: string;
  readonly epoch: number;
  readonly approval: Approval;
}

/** The moment of truth: credentials stored, credit committed, connection active and its first run queued or left to be started, in one transaction. */
@Injectable()
export class Activation {
  constructor(
    private readonly em: EntityManager,
    private readonly runs: SyncRuns,
    private readonly admission: Admission,
    @Inject(SealedBox) private readonly box: SealedBox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Returns the connection that is active now: the one that was begun, or, when this account had been disconnected
   * before, that one again with all its records.
   * @throws AtsError `connect-overtaken`, `already-connected`, `first-import-running`, `plan-limit-reached`; nothing was
   * charged then.
   */
  async activate(approved: Approved): Promise<string> {
    const { connectionId, workspaceId, approval } = approved;
    const look = () => othersLike(this.em.fork(), { id: connectionId, workspaceId }, approval);
    const others = await look();
    refuseSecond(others);
    const { twin } = others;
    // The plan may have changed while the person was at the ATS.
    const limit = await this.admission.limitOf(workspaceId);
    const [id, runId] = await this.#activate(approved, twin, limit).catch(async (error: unknown) => {
      throw await toldSecond(error, look);
    });
    if (runId !== null) await this.runs.wake(runId, twin === null ? 'initial' : 'resync');
    return id;
  }

  #activate(
    { connectionId, workspaceId, epoch, approval }: Approved,
    twin: KnownConnection | null,
    limit: PlanLimit,
  ): Promise<[string, string | null]> {
    return this.em.fork().transactional(async (em) => {
      // A place that was taken becomes one that is held: who counts them meanwhile would see one too few.
      await lockPlaces(em, workspaceId);
      const now = this.clock.now();
      const key = chargeKey(connectionId, epoch);
      const id = twin?.id ?? connectionId;
      // The place that was taken goes over to the connection that comes back.
      const taken =
        twin === null ||
        (await execute(em, `delete from ats.connections where id = $1 and epoch = $2 and status = 'authorizing'`, [
          connectionId,
          epoch,
        ])) > 0;
      const activated = taken
        ? await storeApproval(em, this.box, { id, workspaceId }, approval, now, {
            from: twin === null ? ['authorizing'] : ['disconnected'],
            epoch: twin?.epoch ?? epoch,
            creditKey: key,
          })
        : 0;
      if (activated === 0) {
        throw new AtsError('connect-overtaken', 'This connect was given up meanwhile. Start again with Connect.');
      }
      await this.admission.pay(em, workspaceId, limit, key);
      const origin = { workspaceId, connectionId: id, provider: approval.provider };
      await writeEvents(em, origin, now, [{ type: 'connection.activated' }]);
      // What a connection that comes back has missed is more than a feed of changes tells.
      return [id, await (twin === null ? this.runs.createFirst(em, id) : this.runs.createAgain(em, id, 'resync'))];
    });
  }
}
