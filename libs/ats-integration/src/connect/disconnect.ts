import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { abortRuns } from '../connections/abort-runs.js';
import type { ConnectionStatus } from '../connections/connection-status.js';
import { lockConnection } from '../connections/hold-connection.js';
import type { IssueOrigin } from '../connections/issues.js';
import { connectionNotFound } from '../connections/owned-connection.js';
import { releaseHooks } from '../connections/remote-hooks.js';
import { Revocations } from '../connections/revocations.js';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { nameOf } from '../schedule/sweep.js';
import { Clock } from '../support/clock.js';
import { endSignIns } from './oauth-state.js';
import { PlanEnforcement } from './plan-enforcement.js';
import { Slots } from './slots.js';

interface Row {
  readonly status: ConnectionStatus;
  readonly provider: string;
  readonly epoch: number;
}

/** Ends a connection. What was imported stays; the credentials go, here at once and at the ATS as soon as it takes them back. */
@Injectable()
export class Disconnect {
  readonly #logger = new Logger('AtsConnect');

  constructor(
    private readonly em: EntityManager,
    private readonly slots: Slots,
    private readonly revocations: Revocations,
    private readonly plan: PlanEnforcement,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * From every status; again it changes nothing. A sign-in that is still open is given up: its place and credit are free
   * again. A connection that the plan had no room for takes the place that became free.
   * @throws AtsError `not-found`, also for another workspace's connection.
   */
  async disconnect(workspaceId: string, connectionId: string, userId: string): Promise<void> {
    const seen = await rowOf(this.em.fork(), workspaceId, connectionId);
    // Its callback may win the race: then it is an active connection that is ended below.
    if (seen.status === 'authorizing') await this.slots.release(connectionId, seen.epoch);
    await this.em.fork().transactional(async (em) => {
      await lockConnection(em, connectionId);
      const { status, provider } = await rowOf(em, workspaceId, connectionId);
      const now = this.clock.now();
      const by = [connectionId, now, userId];
      if (status !== 'disconnected') await this.#end(em, { id: connectionId, workspaceId, provider }, by);
      else if (seen.status === 'authorizing') {
        await execute(em, `update ats.connections set disconnected_at = $2, disconnected_by = $3 where id = $1`, by);
      }
      await endSignIns(em, connectionId, now);
    });
    await this.#fillPlace(workspaceId);
  }

  /** The disconnect is done whatever the host answers about the plan; the sweep looks again in a minute. */
  async #fillPlace(workspaceId: string): Promise<void> {
    try {
      await this.plan.enforce(workspaceId);
    } catch (error) {
      this.#logger.warn(
        `The plan of workspace ${workspaceId} could not be enforced and is tried again: ${nameOf(error)}`,
      );
    }
  }

  async #end(em: EntityManager, connection: IssueOrigin, by: readonly unknown[]): Promise<void> {
    const now = this.clock.now();
    const remoteHooks = await releaseHooks(em, connection.id);
    await this.revocations.handOver(em, connection, now, remoteHooks);
    await execute(
      em,
      // Whatever is under way was begun in the epoch before: its pages, its refresh and its requests come to nothing.
      `update ats.connections set status = 'disconnected', status_reason = null, epoch = epoch + 1, sealed_credentials = null,
         credentials_version = credentials_version + 1, next_run_at = null, access_expires_at = null, refresh_expires_at = null,
         refresh_lease_until = null, refresh_attempt_at = null, refresh_not_before = null, refresh_failures = 0,
         expiry_warned_at = null, grant_dead_at = null, suspended_at = null, disconnected_at = $2, disconnected_by = $3
       where id = $1`,
      by,
    );
    await abortRuns(em, connection.id, now);
    await execute(em, `update ats.issues set resolved_at = $2 where connection_id = $1 and resolved_at is null`, [
      connection.id,
      now,
    ]);
    const origin = { workspaceId: connection.workspaceId, connectionId: connection.id, provider: connection.provider };
    await writeEvents(em, origin, now, [{ type: 'connection.disconnected' }]);
  }
}

async function rowOf(em: EntityManager, workspaceId: string, connectionId: string): Promise<Row> {
  const [row] = await query<Row>(
    em,
    `select status, provider, epoch from ats.connections where id = $1 and workspace_id = $2`,
    [connectionId, workspaceId],
  );
  if (row === undefined) throw connectionNotFound();
  return row;
}
