import type { JsonValue } from '../contract/records.js';
import { exactKeyOf, kindredKeyOf } from './field-values.js';

/** What was written down before a request went out. */
export interface WriteAttempt {
  readonly id: string;
  /** What each written field was before, as `exactKeyOf` has it. */
  readonly before: Readonly<Record<string, string>>;
  readonly beforeUpdatedAt: Date | null;
  /** The ATS said that it did it. */
  readonly answered: boolean;
  readonly ageMs: number;
}

/** A written field: what was sent and what the ATS shows. */
export interface WrittenField {
  readonly field: string;
  readonly wanted: JsonValue;
  readonly now: JsonValue;
}

/** `other`: the ATS took it, and shows something else since. `ignored`: it took the write and left this field alone. */
export type FieldReading = 'reached' | 'other' | 'ignored';

export type WriteJudgement =
  | { readonly outcome: 'applied'; readonly fields: ReadonlyMap<string, FieldReading> }
  /** It never happened and no longer will: it may be sent again. */
  | { readonly outcome: 'not-applied' }
  /** It may still be on its way. */
  | { readonly outcome: 'wait'; readonly ms: number }
  /** Nobody can tell whether it happened: it is never sent again. */
  | { readonly outcome: 'unclear' };

/** How long an answered write that does not show may take to, in settling times. */
const PATIENCE = 6;

/**
 * Pure: what became of a write whose outcome is open, from what the ATS shows now. All fields of it are one write: when one of
 * them shows, it happened.
 */
export function judgeWrite(
  attempt: WriteAttempt,
  written: readonly WrittenField[],
  updatedAt: Date | null,
  settleMs: number,
): WriteJudgement {
  const readings = written.map((one) => ({ field: one.field, ...readingOf(one, attempt) }));
  const happened = attempt.answered || readings.some(({ isReached }) => isReached);
  const still = readings.filter(({ isReached, isUnchanged }) => !isReached && isUnchanged);
  if (!happened && still.length < readings.length) return { outcome: 'unclear' };
  const restMs = (happened ? PATIENCE * settleMs : settleMs) - attempt.ageMs;
  if (still.length > 0 && restMs > 0) return { outcome: 'wait', ms: Math.min(restMs, settleMs) };
  if (happened) {
    const fields = readings.map(({ field, isReached, isUnchanged, isKindred }) => {
      // What means the same needs no change to show it: some ATSs do not keep the type of a contact.
      const reading = isReached || isKindred ? 'reached' : isUnchanged ? 'ignored' : 'other';
      return [field, reading] as const;
    });
    return { outcome: 'applied', fields: new Map(fields) };
  }
  // It came there and somebody took it back: the same values, but no longer the same moment.
  const isSameMoment = attempt.beforeUpdatedAt?.getTime() === updatedAt?.getTime();
  return isSameMoment ? { outcome: 'not-applied' } : { outcome: 'unclear' };
}

function readingOf({ field, wanted, now }: WrittenField, { before }: WriteAttempt) {
  const isKindred = kindredKeyOf(field, now) === kindredKeyOf(field, wanted);
  const isUnchanged = exactKeyOf(now) === before[field];
  return { isKindred, isUnchanged, isReached: exactKeyOf(now) === exactKeyOf(wanted) || (isKindred && !isUnchanged) };
}
