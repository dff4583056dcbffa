import type { ApplicationStatus, JsonValue } from '../contract/records.js';
import type { ApplicationState, Move } from '../contract/stage-change.js';

/** As much of an application's state as two of them are compared by; kept with changes and attempts. */
export interface Standing {
  readonly status: ApplicationStatus;
  readonly stageRemoteId: string | null;
  readonly jobRemoteId: string | null;
  /** ISO; null when the ATS does not say. */
  readonly updatedAt: string | null;
}

export function standingOf(state: Pick<ApplicationState, 'status' | 'stageRemoteId' | 'jobRemoteId' | 'updatedAt'>) {
  return {
    status: state.status,
    stageRemoteId: state.stageRemoteId,
    jobRemoteId: state.jobRemoteId,
    updatedAt: state.updatedAt?.toISOString() ?? null,
  } satisfies Standing & JsonValue;
}

/** Whether an application stands where it stood, whatever else changed about it. */
export function isSamePlace(one: Standing, other: Standing): boolean {
  if (one.status !== other.status || one.jobRemoteId !== other.jobRemoteId) return false;
  // Where a rejected or hired person stood before says nothing: some ATSs keep it, others forget it.
  return one.status !== 'active' || one.stageRemoteId === other.stageRemoteId;
}

/** Whether an application is where this move brings it. */
export function isReached(move: Move, standing: Standing): boolean {
  switch (move.kind) {
    case 'stage':
      return standing.status === 'active' && standing.stageRemoteId === move.stageRemoteId;
    case 'reject':
      return standing.status === 'rejected';
    case 'hire':
      return standing.status === 'hired';
    case 'unreject':
      return standing.status === 'active';
    default:
      return move satisfies never;
  }
}
