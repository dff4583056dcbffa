import type { Move } from '../contract/stage-change.js';
import { isReached, isSamePlace } from './standing.js';
import type { Standing } from './standing.js';

/** What was written down before a request went out. */
export interface Attempt {
  readonly id: string;
  readonly move: Move;
  readonly before: Standing;
  /** The ATS said that it did it. */
  readonly answered: boolean;
  readonly ageMs: number;
}

export type Judgement =
  /** It is there, or it was and somebody moved it on since. */
  | { readonly outcome: 'applied'; readonly movedOn: boolean }
  /** It never happened and no longer will: it may be sent again. */
  | { readonly outcome: 'not-applied' }
  /** It may still be on its way. */
  | { readonly outcome: 'wait'; readonly ms: number }
  /** Nobody can tell whether it happened: it is never sent again. */
  | { readonly outcome: 'unclear' };

/** How long an answered write that does not show may take to, in settling times. */
const PATIENCE = 6;

/** Pure: what became of a write whose outcome is open, from what the ATS shows now. */
export function judgeAttempt(attempt: Attempt, now: Standing, settleMs: number): Judgement {
  if (isReached(attempt.move, now)) return { outcome: 'applied', movedOn: false };
  if (!isSamePlace(attempt.before, now)) {
    return attempt.answered ? { outcome: 'applied', movedOn: true } : { outcome: 'unclear' };
  }
  const restMs = (attempt.answered ? PATIENCE * settleMs : settleMs) - attempt.ageMs;
  if (restMs > 0) return { outcome: 'wait', ms: Math.min(restMs, settleMs) };
  if (attempt.answered) return { outcome: 'unclear' };
  // It came there and went back: the same place, but no longer the same moment.
  return attempt.before.updatedAt === now.updatedAt ? { outcome: 'not-applied' } : { outcome: 'unclear' };
}
