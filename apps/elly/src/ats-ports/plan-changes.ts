import { PlanEnforcement } from '@elly/ats-integration';
import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { PLAN_CHANGED } from '../workspaces/plan-changed.js';
import type { PlanChanged } from '../workspaces/plan-changed.js';

/** Tells the library that a plan changed, so that connections are suspended or go on at once instead of with its next sweep. */
@Injectable()
export class PlanChanges {
  constructor(private readonly enforcement: PlanEnforcement) {}

  /** An error is logged, not thrown: the plan is switched all the same, and the sweep makes good what is left. */
  @OnEvent(PLAN_CHANGED)
  async enforce({ workspaceId }: PlanChanged): Promise<void> {
    await this.enforcement.enforce(workspaceId);
  }
}
