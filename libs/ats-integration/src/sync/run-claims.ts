import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import { execute, query } from '../database/query.js';
import { AtsOptions } from '../support/options-token.js';
import { RunLost } from './claimed-run.js';
import type { ClaimedRun } from './claimed-run.js';
import type { RunKind } from './sync-run-status.js';

interface ClaimRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly fence: number;
  readonly attempts: number;
  readonly requests: number;
  readonly window_until: Date;
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly provider: string;
  readonly epoch: number;
  readonly remote_account_id: string | null;
  readonly scopes: readonly string[];
  readonly settings: ConnectionSettings;
}

/** Who works on a run: a lease by the database's clock, with a fence that grows at every claim. */
@Injectable()
export class RunClaims {
  constructor(
    private readonly em: EntityManager,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** Null when the run is over, held by somebody who lives, or to wait. */
  async claim(runId: string): Promise<ClaimedRun | null> {
    const { leaseSeconds } = this.options.sync;
    const [row] = await query<ClaimRow>(
      this.em.fork(),
      `update ats.sync_runs r
       set status = 'running', fence = fence + 1, attempts = attempts + 1, started_at = coalesce(started_at, now()),
           lease_until = now() + make_interval(secs => $2), not_before = null
       from ats.connections c
       where r.id = $1 and c.id = r.connection_id and c.epoch = r.epoch and c.status = 'active'
         and r.status in ('queued', 'running') and (r.lease_until is null or r.lease_until < now())
         and (r.not_before is null or r.not_before <= now())
       returning r.id, r.kind, r.fence, r.attempts, r.requests, r.window_until, c.id as connection_id, c.workspace_id, c.provider,
         c.epoch, c.remote_account_id, c.scopes, c.settings`,
      [runId, leaseSeconds],
      ['window_until'],
    );
    if (row === undefined) return null;
    return {
      id: row.id,
      kind: row.kind,
      fence: row.fence,
      attempts: row.attempts,
      requests: row.requests,
      pages: 0,
      windowUntil: row.window_until,
      leaseSeconds,
      connection: {
        id: row.connection_id,
        workspaceId: row.workspace_id,
        provider: row.provider,
        epoch: row.epoch,
        remoteAccountId: row.remote_account_id,
        scopes: row.scopes,
        settings: row.settings,
      },
    };
  }

  /** A sign of life between pages. @throws RunLost */
  async heartbeat(run: ClaimedRun): Promise<void> {
    await holdRun(this.em.fork(), run);
  }

  /** Lets go at once, for another worker or a later moment: the run continues at its cursors. */
  async release(run: ClaimedRun, retryAfterMs: number): Promise<void> {
    await execute(
      this.em.fork(),
      `update ats.sync_runs
       set status = 'queued', lease_until = null, requests = $3, not_before = now() + make_interval(secs => $4),
           attempts = case when $5 then 0 else attempts end
       where id = $1 and fence = $2 and status = 'running'`,
      [run.id, run.fence, run.requests, retryAfterMs / 1000, run.pages > 0],
    );
  }
}

/**
 * Makes sure that the run is still ours, whatever became of its connection: enough to end it, never to write a page.
 * The row stays locked to the end of the transaction.
 * @throws RunLost
 */
export async function ownRun(em: EntityManager, run: ClaimedRun): Promise<void> {
  const held = await query(
    em,
    `select 1 from ats.sync_runs where id = $1 and fence = $2 and status = 'running' for update`,
    [run.id, run.fence],
  );
  if (held.length === 0) throw new RunLost();
}

/**
 * Extends the lease and makes sure that the run is still ours and its connection still the one it began with. In a
 * page's transaction it is the first statement: the row stays locked to the end, so nobody can take over in between.
 * It also turns `jit` off to the end of the transaction: the planner over-estimates the rows of a JSON parameter and
 * would compile every statement of a page anew.
 * @throws RunLost
 */
export async function holdRun(em: EntityManager, run: ClaimedRun): Promise<void> {
  const held = await execute(
    em,
    `update ats.sync_runs r set lease_until = now() + make_interval(secs => $3), requests = $4
     from ats.connections c, set_config('jit', 'off', true)
     where r.id = $1 and r.fence = $2 and r.status = 'running' and c.id = r.connection_id and c.epoch = r.epoch and c.status = 'active'`,
    [run.id, run.fence, run.leaseSeconds, run.requests],
  );
  if (held === 0) throw new RunLost();
}
