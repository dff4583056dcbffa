import { Injectable } from '@nestjs/common';
import { PLAN_CONNECTIONS } from './plan-limits.port.js';
import type { PlanLimit, PlanLimits } from './plan-limits.port.js';

/** The default: everybody is on Free, so nobody connects before the host says who is on which plan. */
@Injectable()
export class FreePlanLimits implements PlanLimits {
  of(): Promise<PlanLimit> {
    return Promise.resolve({ plan: 'free', connections: PLAN_CONNECTIONS.free });
  }
}
