import type { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { CreditLedger } from '../plan/credit-ledger.port.js';
import { countPlaces } from '../plan/places.js';
import { PlanLimits } from '../plan/plan-limits.port.js';
import type { PlanLimit } from '../plan/plan-limits.port.js';
import { planLimitReached } from '../plan/plan-refusals.js';

/** What a connection costs when it becomes active: a place under the plan as it is by then, and the reserved credit. */
@Injectable()
export class Admission {
  constructor(
    @Inject(PlanLimits) private readonly limits: PlanLimits,
    @Inject(CreditLedger) private readonly credits: CreditLedger,
  ) {}

  /** Asked outside the transaction, which would otherwise hold a database connection while the host wants another. */
  limitOf(workspaceId: string): Promise<PlanLimit> {
    return this.limits.of(workspaceId);
  }

  /**
   * In the transaction that made the connection active, with the workspace's places locked: whoever counts after us
   * counts it.
   * @throws AtsError `plan-limit-reached` when the plan has shrunk since the place was taken.
   */
  async pay(em: EntityManager, workspaceId: string, limit: PlanLimit, creditKey: string): Promise<void> {
    const { held } = await countPlaces(em, workspaceId);
    if (limit.connections !== 'unlimited' && held > limit.connections) throw planLimitReached(limit, held - 1);
    await this.credits.commit(creditKey, em);
  }
}
