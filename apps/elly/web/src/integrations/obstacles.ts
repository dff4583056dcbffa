import type { PlanUse } from '../api/ats-schemas.js';
import type { Session } from '../api/elly.js';

export interface Obstacle {
  readonly sentence: string;
  /** The page where it can be mended, if there is one. */
  readonly way: { readonly to: string; readonly label: string } | null;
}

interface Situation {
  readonly role: Session['role'];
  readonly plan: PlanUse;
  readonly credits: number;
}

const BILLING = '/settings/billing';

/** What keeps a connect from being begun, with the way out; null when nothing does. The host checks it all again. */
export function obstacleTo({ role, plan, credits }: Situation): Obstacle | null {
  if (role !== 'admin') return { sentence: 'Only an admin of the workspace can connect an ATS. Ask one.', way: null };
  if (!plan.canConnect) return planObstacle(plan);
  if (credits >= plan.connectCredits) return null;
  return {
    sentence: `A connection costs ${plan.connectCredits} credit and there are ${credits} left.`,
    way: { to: BILLING, label: 'Buy credits' },
  };
}

function planObstacle({ plan, limit, signingIn }: PlanUse): Obstacle {
  const way = { to: BILLING, label: 'See the plans' };
  if (limit === 0) return { sentence: `The plan ${plan} has no ATS connections. A larger plan has.`, way };
  if (signingIn > 0) {
    return {
      sentence:
        'A sign-in that was begun and not finished holds the last place of your plan. It is given back within 16 minutes; a larger plan has room at once.',
      way,
    };
  }
  return {
    sentence: `All connections of the plan ${plan} are in use. Disconnect one, or take a larger plan.`,
    way,
  };
}
