import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import { query } from '../database/query.js';
import { AtsOptions } from '../support/options-token.js';
import { holdLease, releaseLease } from './lease.js';
import type { Letting } from './lease.js';
import type { Rejection } from './resolve-target.js';
import type { Standing } from './standing.js';

/** A stage change that this process holds. Every write for it is conditional on `fence` and on the connection's `epoch`. */
export interface ClaimedChange {
  readonly id: string;
  readonly fence: number;
  readonly toStageId: string;
  readonly rejection: Rejection | null;
  readonly actorEmail: string | null;
  /** Where the application stood as far as the host knew, or as our own last step left it. */
  baseline: Standing;
  readonly requestedAt: Date;
  /** Looks at the ATS in a row that came to nothing. */
  readonly failures: number;
  readonly application: {
    readonly id: string;
    readonly remoteId: string;
    readonly candidateRemoteId: string;
    readonly jobRemoteId: string | null;
  };
  readonly connection: {
    readonly id: string;
    readonly workspaceId: string;
    readonly provider: string;
    readonly epoch: number;
    readonly remoteAccountId: string | null;
    readonly scopes: readonly string[];
    readonly settings: ConnectionSettings;
  };
}

interface ClaimRow {
  readonly id: string;
  readonly fence: number;
  readonly to_stage_id: string;
  readonly rejection: Rejection | null;
  readonly actor_email: string | null;
  readonly baseline: Standing;
  readonly requested_at: Date;
  readonly failures: number;
  readonly application_id: string;
  readonly application_remote_id: string;
  readonly candidate_remote_id: string;
  readonly job_remote_id: string | null;
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly provider: string;
  readonly epoch: number;
  readonly remote_account_id: string | null;
  readonly scopes: readonly string[];
  readonly settings: ConnectionSettings;
}

/** A change is several requests, each of which may wait for the account's budget: its lease is this many of a run's. */
const RUN_LEASES = 2;

/** Who works on a change: a lease by the database's clock, with a fence that grows at every claim. */
@Injectable()
export class ChangeClaims {
  readonly leaseMs: number;

  constructor(
    private readonly em: EntityManager,
    @Inject(AtsOptions) options: AtsIntegrationOptions,
  ) {
    this.leaseMs = options.sync.leaseSeconds * RUN_LEASES * 1000;
  }

  /** The application's first open change. Null when there is none, somebody who lives has it, or it is to wait. */
  async claim(applicationId: string): Promise<ClaimedChange | null> {
    const [row] = await query<ClaimRow>(
      this.em.fork(),
      `update ats.stage_changes s set status = 'sending', fence = s.fence + 1, not_before = null, lease_until = now() + make_interval(secs => $2)
       from ats.connections c, ats.applications a
       where s.id = (select id from ats.stage_changes where application_id = $1 and status in ('pending', 'sending') order by nth limit 1)
         and s.status in ('pending', 'sending') and c.id = s.connection_id and c.epoch = s.epoch and c.status = 'active'
         and a.id = s.application_id
         and (s.lease_until is null or s.lease_until < now()) and (s.not_before is null or s.not_before <= now())
       returning s.id, s.fence, s.to_stage_id, s.rejection, s.actor_email, s.baseline, s.requested_at, s.failures, s.application_id,
         s.application_remote_id, a.candidate_remote_id, a.job_remote_id, s.connection_id, c.workspace_id, c.provider, c.epoch,
         c.remote_account_id, c.scopes, c.settings`,
      [applicationId, this.leaseMs / 1000],
      ['requested_at'],
    );
    return row === undefined ? null : toClaimed(row);
  }

  /** Extends the lease before each step. @throws ChangeLost */
  async hold(change: ClaimedChange): Promise<void> {
    await holdChange(this.em.fork(), change, this.leaseMs);
  }

  /** Lets go: somebody looks again after this long. `why` is what a person sees meanwhile. */
  async release(change: ClaimedChange, afterMs: number, letting: Letting): Promise<void> {
    await releaseLease(this.em.fork(), 'ats.stage_changes', change, afterMs, letting);
  }
}

/**
 * Makes sure, in the caller's transaction, that the change is still ours and its connection the one it began with. The
 * row stays locked: nobody takes it back or over in between.
 * @throws ChangeLost
 */
export async function holdChange(em: EntityManager, change: ClaimedChange, leaseMs: number): Promise<void> {
  await holdLease(em, 'ats.stage_changes', change, leaseMs);
}

function toClaimed(row: ClaimRow): ClaimedChange {
  return {
    id: row.id,
    fence: row.fence,
    toStageId: row.to_stage_id,
    rejection: row.rejection,
    actorEmail: row.actor_email,
    baseline: row.baseline,
    requestedAt: row.requested_at,
    failures: row.failures,
    application: {
      id: row.application_id,
      remoteId: row.application_remote_id,
      candidateRemoteId: row.candidate_remote_id,
      jobRemoteId: row.job_remote_id,
    },
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
