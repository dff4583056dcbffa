/** Emitted, and waited for, when a workspace has switched its plan. */
export const PLAN_CHANGED = 'workspace.plan-changed';

export interface PlanChanged {
  readonly workspaceId: string;
}
