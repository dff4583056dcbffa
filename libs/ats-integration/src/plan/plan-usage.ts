import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { CONNECTION_CREDITS } from './credit-ledger.port.js';
import { countPlaces } from './places.js';
import { PlanLimits } from './plan-limits.port.js';
import { planLimitReached } from './plan-refusals.js';

export interface PlanUse {
  /** The plan's name as the customer knows it. */
  readonly plan: string;
  /** Connections that it allows at once. */
  readonly limit: number | 'unlimited';
  /** Connections that hold a place: those that sync and those that wait for a sign-in, not those that are suspended. */
  readonly inUse: number;
  /** Sign-ins that somebody began and nobody has finished. Each holds a place that it gives back within 16 minutes. */
  readonly signingIn: number;
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
    const { held: inUse, signingIn } = await countPlaces(this.em.fork(), workspaceId);
    const canConnect = connections === 'unlimited' || inUse < connections;
    return { plan, limit: connections, inUse, signingIn, canConnect, connectCredits: CONNECTION_CREDITS };
  }

  /** @throws AtsError `plan-limit-reached` when every place is held already; whoever takes one asks again under the workspace's lock. */
  async assertPlace(workspaceId: string): Promise<void> {
    const limit = await this.limits.of(workspaceId);
    if (limit.connections === 'unlimited') return;
    const { held } = await countPlaces(this.em.fork(), workspaceId);
    if (held >= limit.connections) throw planLimitReached(limit, held);
  }
}
