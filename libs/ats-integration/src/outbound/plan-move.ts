import type { ApplicationStatus } from '../contract/records.js';
import type { Move, MoveKind } from '../contract/stage-change.js';
import { isReached } from './standing.js';
import type { Standing } from './standing.js';

/** Where an application is to come to: everything but the way there. */
export type Target = Exclude<Move, { readonly kind: 'unreject' }>;

export type MovePlan =
  | { readonly step: 'done' }
  | { readonly step: 'send'; readonly move: Move }
  /** `why`: the end of a sentence that begins with the ATS's name. */
  | { readonly step: 'impossible'; readonly why: string };

/**
 * Pure: the next single write that brings an application nearer to its target, from where it stands now. Following it
 * step by step ends after at most two writes, wherever one begins.
 */
export function planMove(from: Standing, target: Target, moves: readonly MoveKind[]): MovePlan {
  if (isReached(target, from)) return { step: 'done' };
  const move = nextMove(from.status, target);
  if (typeof move === 'string') return { step: 'impossible', why: move };
  if (!moves.includes(move.kind)) return { step: 'impossible', why: MISSING[move.kind] };
  // A half of two steps would leave the person where nobody wanted them.
  if (move.kind === 'unreject' && !moves.includes(target.kind))
    return { step: 'impossible', why: MISSING[target.kind] };
  return { step: 'send', move };
}

function nextMove(status: ApplicationStatus, target: Target): Move | string {
  switch (status) {
    case 'active':
      return target;
    case 'rejected':
      return { kind: 'unreject' };
    case 'hired':
      return 'has this person as hired, which only somebody there can undo';
    case 'converted':
      return 'has turned this lead into an application, which is another one now';
    case 'unknown':
      return 'has this application in a state that Elly does not know, so it is left alone';
    default:
      return status satisfies never;
  }
}

const MISSING: Readonly<Record<MoveKind, string>> = {
  stage: 'lets no other system move an application',
  reject: 'lets no other system reject an application',
  unreject: 'lets no other system take back a rejection',
  hire: 'lets no other system mark an application as hired',
};
