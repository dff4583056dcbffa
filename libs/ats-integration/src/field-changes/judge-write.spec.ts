import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exactKeyOf } from './field-values.js';
import { judgeWrite } from './judge-write.js';
import type { WriteAttempt } from './judge-write.js';

const SETTLE_MS = 1000;
const T1 = new Date('2026-03-01T12:00:00Z');
const T2 = new Date('2026-03-01T13:00:00Z');
const BEFORE = { headline: 'Weaver', phones: [{ value: '1', type: 'home' }] };
const WANTED = { headline: 'Smith', phones: [{ value: '2', type: 'home' }] };
const attempt = (changes: Partial<WriteAttempt> = {}): WriteAttempt => ({
  id: 'x',
  before: { headline: exactKeyOf(BEFORE.headline), phones: exactKeyOf(BEFORE.phones) },
  beforeUpdatedAt: T1,
  answered: false,
  ageMs: SETTLE_MS * 100,
  ...changes,
});
type Shown = { readonly headline: string; readonly phones: { value: string; type: string | null }[] };
const judge = (given: WriteAttempt, now: Shown, updatedAt: Date | null = T2) =>
  judgeWrite(
    given,
    [
      { field: 'headline', wanted: WANTED.headline, now: now.headline },
      { field: 'phones', wanted: WANTED.phones, now: now.phones },
    ],
    updatedAt,
    SETTLE_MS,
  );
const applied = (headline: string, phones: string) => ({
  outcome: 'applied',
  fields: new Map([
    ['headline', headline],
    ['phones', phones],
  ]),
});

describe('judgeWrite', () => {
  it.each([
    ['shown at once', attempt({ ageMs: 0 }), WANTED, T2, applied('reached', 'reached')],
    ['not shown yet, a moment after it was sent', attempt({ ageMs: 400 }), BEFORE, T1, { outcome: 'wait', ms: 600 }],
    ['never shown', attempt(), BEFORE, T1, { outcome: 'not-applied' }],
    ['not shown, where the person changed otherwise', attempt(), BEFORE, T2, { outcome: 'unclear' }],
    ['not shown, where somebody changed a field', attempt(), { ...BEFORE, headline: 'X' }, T2, { outcome: 'unclear' }],
    ['shown in one field of two', attempt(), { ...BEFORE, headline: 'Smith' }, T2, applied('reached', 'ignored')],
    [
      'shown in one field, a moment after it was sent',
      attempt({ ageMs: 5500 }),
      { ...BEFORE, headline: 'Smith' },
      T2,
      { outcome: 'wait', ms: 500 },
    ],
    [
      'answered and changed since',
      attempt({ answered: true }),
      { ...WANTED, headline: 'X' },
      T2,
      applied('other', 'reached'),
    ],
    ['answered and not shown yet', attempt({ answered: true, ageMs: 2000 }), BEFORE, T1, { outcome: 'wait', ms: 1000 }],
    ['answered and never shown', attempt({ answered: true }), BEFORE, T1, applied('ignored', 'ignored')],
    [
      'kept in another form',
      attempt(),
      { headline: 'Smith', phones: [{ value: ' 2 ', type: null }] },
      T2,
      applied('reached', 'reached'),
    ],
  ])('says of a write that is %s what became of it', (_, given, now, updatedAt, judgement) => {
    expect(judge(given, now, updatedAt)).toEqual(judgement);
  });

  it('takes a type that the ATS does not keep for written, once it had its time', () => {
    const typed = { ...attempt({ answered: true }), before: { phones: exactKeyOf([{ value: '2', type: null }]) } };
    const phones = [{ field: 'phones', wanted: WANTED.phones, now: [{ value: '2', type: null }] }];
    expect(judgeWrite({ ...typed, ageMs: 0 }, phones, T1, SETTLE_MS)).toEqual({ outcome: 'wait', ms: 1000 });
    expect(judgeWrite(typed, phones, T1, SETTLE_MS)).toEqual({
      outcome: 'applied',
      fields: new Map([['phones', 'reached']]),
    });
    expect(judgeWrite({ ...typed, answered: false }, phones, T1, SETTLE_MS)).toEqual({ outcome: 'not-applied' });
  });

  it('only ever allows to send again what was not answered, has had its time, and left no trace at all', () => {
    const shown = fc.record({
      headline: fc.constantFrom('Weaver', 'Smith', 'X'),
      phones: fc.constantFrom('1', '2', '3').map((value) => [{ value, type: 'home' }]),
    });
    const moment = fc.constantFrom(T1, T2, null);
    fc.assert(
      fc.property(shown, moment, fc.boolean(), fc.nat(10_000), (now, updatedAt, answered, ageMs) => {
        const { outcome } = judge(attempt({ answered, ageMs }), now, updatedAt);
        if (outcome !== 'not-applied') return;
        expect([now, answered, ageMs >= SETTLE_MS, updatedAt]).toEqual([BEFORE, false, true, T1]);
      }),
    );
  });
});
