import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import { PlanLimits } from './plan-limits.port.js';

/** Holds a connection against the workspace's plan where no HTTP guard stands: scheduled runs never meet one. */
@Injectable()
export class PlanCheck {
  constructor(
    private readonly em: EntityManager,
    @Inject(PlanLimits) private readonly limits: PlanLimits,
  ) {}

  /**
   * The oldest connections are those that the plan covers.
   * @throws AtsError `over-plan-limit`
   */
  async assertPlan(connection: { readonly id: string; readonly workspaceId: string }): Promise<void> {
    const limit = await this.limits.of(connection.workspaceId);
    if (limit.connections === 'unlimited') return;
    const [row] = await query<{ older: number }>(
      this.em.fork(),
      `select count(*)::int as older from ats.connections
       where workspace_id = $1 and status in ('active', 'reconnect_required')
         and (created_at, id) < (select created_at, id from ats.connections where id = $2)`,
      [connection.workspaceId, connection.id],
    );
    if ((row?.older ?? 0) < limit.connections) return;
    throw new AtsError(
      'over-plan-limit',
      `The plan "${limit.plan}" allows ${limit.connections} ATS connection(s) and this one is beyond that, so it is not synced. Upgrade the plan or disconnect another ATS.`,
    );
  }
}
