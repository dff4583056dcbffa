import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import { HOLDS_A_PLACE } from './places.js';
import { PlanLimits } from './plan-limits.port.js';
import { suspensionReason } from './plan-refusals.js';

/** Holds a connection against the workspace's plan where no HTTP guard stands: scheduled work never meets one. */
@Injectable()
export class PlanCheck {
  constructor(
    private readonly em: EntityManager,
    @Inject(PlanLimits) private readonly limits: PlanLimits,
  ) {}

  /**
   * The oldest connections are those that the plan covers, whether they sync or wait for a sign-in.
   * @throws AtsError `over-plan-limit`
   */
  async assertPlan(connection: { readonly id: string; readonly workspaceId: string }): Promise<void> {
    const limit = await this.limits.of(connection.workspaceId);
    if (limit.connections === 'unlimited') return;
    // Compared in the database: a moment that came out as a Date has lost its microseconds, and two connections their order.
    const [row] = await query<{ older: number }>(
      this.em.fork(),
      `select count(*)::int as older from ats.connections o
       where o.workspace_id = $1 and ${HOLDS_A_PLACE}
         and (o.created_at, o.id) < (select c.created_at, c.id from ats.connections c where c.id = $2)`,
      [connection.workspaceId, connection.id],
    );
    if ((row?.older ?? 0) < limit.connections) return;
    throw new AtsError('over-plan-limit', suspensionReason(limit));
  }
}
