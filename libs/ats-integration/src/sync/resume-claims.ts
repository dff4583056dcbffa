import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { execute, query } from '../database/query.js';
import { PlanCheck } from '../plan/assert-plan.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';
import type { ResumeOwner } from './resume-files.js';

/** A slice takes longer than a page: its lease is this many of a run's. */
const RUN_LEASES = 3;
/** A missing permission, or a plan that is too small, does not mend itself: the sweep must not ask again every few seconds. */
export const AFTER_A_REFUSAL_MS = 15 * 60_000;

export interface ClaimedResumes extends ResumeOwner {
  readonly remoteAccountId: string | null;
  readonly scopes: readonly string[];
}

/** Who works on a connection's résumés: a lease by the database's clock, while the plan covers the connection. */
@Injectable()
export class ResumeClaims {
  readonly #logger = new Logger('AtsResumes');

  constructor(
    private readonly em: EntityManager,
    private readonly plan: PlanCheck,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** Null when somebody else has them, they are to wait, or the plan does not cover the connection. */
  async claim(connectionId: string): Promise<ClaimedResumes | null> {
    const claimed = await this.#lease(connectionId);
    if (claimed === null) return null;
    try {
      await this.plan.assertPlan(claimed);
      return claimed;
    } catch (error) {
      const refused = error instanceof AtsError && error.code === 'over-plan-limit';
      await this.release(connectionId, refused ? AFTER_A_REFUSAL_MS : 0);
      if (!refused) throw error;
      // The next run, or the sweep of plans, suspends the connection and tells of it.
      this.#logger.log(`Résumés of connection ${connectionId} wait: the workspace's plan does not cover it.`);
      return null;
    }
  }

  /** A pause is a lease that nobody holds: otherwise the next sweep would end it. */
  async release(connectionId: string, restMs: number): Promise<void> {
    await execute(
      this.em.fork(),
      `update ats.connections set resumes_lease_until = now() + make_interval(secs => nullif($2::float8, 0)) where id = $1`,
      [connectionId, restMs / 1000],
    );
  }

  async #lease(connectionId: string): Promise<ClaimedResumes | null> {
    const [row] = await query<{
      id: string;
      workspace_id: string;
      provider: string;
      epoch: number;
      remote_account_id: string | null;
      scopes: readonly string[];
    }>(
      this.em.fork(),
      // Not beside a run: both draw on the account's one budget, and records come first.
      `update ats.connections c set resumes_lease_until = now() + make_interval(secs => $2)
       where id = $1 and status = 'active' and (resumes_lease_until is null or resumes_lease_until < now())
         and not exists (select 1 from ats.sync_runs r
           where r.connection_id = c.id and r.status = 'running' and r.lease_until > now())
       returning id, workspace_id, provider, epoch, remote_account_id, scopes`,
      [connectionId, this.options.sync.leaseSeconds * RUN_LEASES],
    );
    if (row === undefined) return null;
    return {
      id: row.id,
      workspaceId: row.workspace_id,
      provider: row.provider,
      epoch: row.epoch,
      remoteAccountId: row.remote_account_id,
      scopes: row.scopes,
    };
  }
}
