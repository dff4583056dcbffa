import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { CONNECTION_CREDITS } from './credit-ledger.port.js';
import { HOLDS_A_PLACE } from './places.js';
import { PlanLimits } from './plan-limits.port.js';
import { planLimitReached } from './plan-refusals.js';

export interface PlanUse {
  /** The plan's name as the customer knows it. */
  readonly plan: string;
  /** Connections that it allows at once. */
  readonly limit: number | 'unlimited';
  /** Connections that hold a place: those that sync and those that wait for a sign-in, not those that are suspended. */
  readonly inUse: number;
  readonly canConnect: boolean;
  /** Credits that one more connection costs, once. */
  readonly connectCredits: number;
}

/** How much of its plan a workspace uses. */
@Injectable()
export class PlanUsage {
  constructor(
    private readonly em: EntityManager,
    @Inject(PlanLimits) private readonly limits: PlanLimits,
  ) {}

  async of(workspaceId: string): Promise<PlanUse> {
    const { plan, connections } = await this.limits.of(workspaceId);
    const inUse = await this.#inUse(workspaceId);
    const canConnect = connections === 'unlimited' || inUse < connections;
    return { plan, limit: connections, inUse, canConnect, connectCredits: CONNECTION_CREDITS };
  }

  /** @throws AtsError `plan-limit-reached` when every place is held already; whoever takes one asks again under the workspace's lock. */
  async assertPlace(workspaceId: string): Promise<void> {
    const limit = await this.limits.of(workspaceId);
    if (limit.connections === 'unlimited') return;
    const inUse = await this.#inUse(workspaceId);
    if (inUse >= limit.connections) throw planLimitReached(limit, inUse);
  }

  async #inUse(workspaceId: string): Promise<number> {
    const [row] = await query<{ count: number }>(
      this.em.fork(),
      `select count(*)::int as count from ats.connections where workspace_id = $1 and ${HOLDS_A_PLACE}`,
      [workspaceId],
    );
    return row?.count ?? 0;
  }
}
