import { PLAN_CONNECTIONS } from '@elly/ats-integration';

export const PLANS = ['free', 'starter', 'growth', 'enterprise'] as const;
export type Plan = (typeof PLANS)[number];

/** As a customer reads it. */
export const PLAN_NAMES: Readonly<Record<Plan, string>> = {
  free: 'Free',
  starter: 'Starter',
  growth: 'Growth',
  enterprise: 'Enterprise',
};

/** How many ATS connections may be active at once. */
export function connectionsOf(plan: Plan): number | 'unlimited' {
  return PLAN_CONNECTIONS[plan];
}
