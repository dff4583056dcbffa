import type { StageStayRecord } from '../../contract.js';
import type { LeverOpportunity } from './api.schemas.js';
import { lastChange } from './normalise.js';

/** One step of an application through the pipeline, as Lever recorded it. */
export interface StageMove {
  /** Ours, because Lever gives its steps none: the same for the same step at every reading. */
  readonly remoteId: string;
  readonly applicationRemoteId: string;
  /** Null for the stage in which the opportunity began. */
  readonly fromStageRemoteId: string | null;
  readonly toStageRemoteId: string;
  readonly movedAt: Date;
  /** Null when nobody is named: the integration moved it, or a rule of Lever's. */
  readonly actorRemoteId: string | null;
}

/**
 * `stageChanges` of an opportunity, oldest first (Lever Data API docs, Opportunities). The id of a step is made of its moment
 * and its stage and not of its place in the list, which would shift for all steps behind one that Lever leaves out.
 */
export function toStageMoves({
  id,
  stageChanges,
}: Pick<LeverOpportunity, 'id' | 'stageChanges'>): readonly StageMove[] {
  const inOrder = [...stageChanges].sort((one, two) => one.updatedAt.getTime() - two.updatedAt.getTime());
  const seen = new Map<string, number>();
  return inOrder.map(({ toStageId, updatedAt, userId }, index) => {
    const key = `${id}:${updatedAt.getTime()}:${toStageId}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return {
      remoteId: times === 1 ? key : `${key}:${times}`,
      applicationRemoteId: id,
      fromStageRemoteId: inOrder[index - 1]?.toStageId ?? null,
      toStageRemoteId: toStageId,
      movedAt: updatedAt,
      actorRemoteId: userId,
    };
  });
}

/**
 * The same as stays: each ends where the next one begins. Its version is the opportunity's, because a step that Lever adds ends
 * the one before it and any change of `stageChanges` sets `updatedAt` (Lever Data API docs, Opportunities).
 */
export function toStageStays(opportunity: LeverOpportunity): readonly StageStayRecord[] {
  const moves = toStageMoves(opportunity);
  const updatedAt = lastChange(opportunity) ?? moves.at(-1)?.movedAt ?? null;
  return moves.map(({ remoteId, applicationRemoteId, toStageRemoteId, movedAt, actorRemoteId }, index) => ({
    kind: 'stage-stay',
    remoteId,
    updatedAt,
    applicationRemoteId,
    stageRemoteId: toStageRemoteId,
    enteredAt: movedAt,
    leftAt: moves[index + 1]?.movedAt ?? null,
    movedByRemoteId: actorRemoteId,
  }));
}
