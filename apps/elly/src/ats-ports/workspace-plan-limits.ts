import type { PlanLimit, PlanLimits } from '@elly/ats-integration';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { boundQuery } from '../database/bound-query.js';
import type { Plan } from '../workspaces/plan.js';
import { PLAN_NAMES, connectionsOf } from '../workspaces/plan.js';

@Injectable()
export class WorkspacePlanLimits implements PlanLimits {
  constructor(private readonly em: EntityManager) {}

  async of(workspaceId: string): Promise<PlanLimit> {
    // No fork: asked from inside a transaction, this runs in it instead of waiting for another connection.
    const { rows } = await boundQuery<{ readonly plan: Plan }>(
      this.em,
      `select plan from elly.workspaces where id = $1`,
      [workspaceId],
    );
    const plan = rows[0]?.plan;
    if (plan === undefined) throw new Error(`There is no workspace ${workspaceId}.`);
    return { plan: PLAN_NAMES[plan], connections: connectionsOf(plan) };
  }
}
