export interface PlanLimit {
  /** The plan's name as the customer knows it. */
  readonly plan: string;
  /** How many ATS connections may be active at once. */
  readonly connections: number | 'unlimited';
  /** The plan that allows more, as the customer knows it: what a refusal advises. @default 'Enterprise' */
  readonly upgradeTo?: string;
}

/** Which plan a workspace is on and what it allows. Asked when connecting begins and when it ends, again when a run starts, and every minute. */
export interface PlanLimits {
  of(workspaceId: string): Promise<PlanLimit>;
}
export const PlanLimits = Symbol('PlanLimits');

/** Elly's plans: what the default adapter and the sample host use. */
export const PLAN_CONNECTIONS = {
  free: 0,
  starter: 1,
  growth: 1,
  enterprise: 'unlimited',
} as const satisfies Record<string, number | 'unlimited'>;
