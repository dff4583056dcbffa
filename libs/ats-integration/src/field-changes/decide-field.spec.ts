import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONFLICT_POLICIES, fieldPolicyOf } from '../connections/connection-settings.js';
import { decideField } from './decide-field.js';

const ASKED = new Date('2026-03-01T12:00:00Z');
const BEFORE = new Date('2026-03-01T11:00:00Z');
const AFTER = new Date('2026-03-01T13:00:00Z');
const edit = { field: 'headline', seen: 'Weaver', wanted: 'Smith' };

describe('decideField', () => {
  it.each([
    ['as it was seen', 'Weaver', AFTER, 'ats-wins', 'write'],
    ['as it was seen, but for how it is written', ' Weaver', AFTER, 'ats-wins', 'write'],
    ['as it is wanted', 'Smith', AFTER, 'ats-wins', 'there'],
    ['changed, by elly-wins', 'Painter', AFTER, 'elly-wins', 'write'],
    ['changed, by ats-wins', 'Painter', BEFORE, 'ats-wins', 'leave'],
    ['changed before it was asked for, by newest', 'Painter', BEFORE, 'newest', 'write'],
    ['changed in the same moment, by newest', 'Painter', ASKED, 'newest', 'write'],
    ['changed after it was asked for, by newest', 'Painter', AFTER, 'newest', 'leave'],
    ['changed at a time that the ATS does not say, by newest', 'Painter', null, 'newest', 'leave'],
    ['emptied, by ats-wins', null, AFTER, 'ats-wins', 'leave'],
  ] as const)('decides on a field that is %s', (_, value, updatedAt, policy, decision) => {
    expect(decideField(edit, { value, updatedAt }, ASKED, policy)).toBe(decision);
  });

  it('never writes over what somebody changed later, unless Elly is set to win', () => {
    const value = fc.constantFrom('Weaver', 'Smith', 'Painter', null);
    fc.assert(
      fc.property(
        value,
        fc.constantFrom(BEFORE, AFTER, null),
        fc.constantFrom(...CONFLICT_POLICIES),
        (now, at, policy) => {
          const decision = decideField(edit, { value: now, updatedAt: at }, ASKED, policy);
          if (decision !== 'write' || policy === 'elly-wins') return;
          expect(now === edit.seen || (policy === 'newest' && at === BEFORE)).toBe(true);
        },
      ),
    );
  });
});

describe('the policy of a field', () => {
  const settings = {
    conflicts: { fields: { headline: 'ats-wins', customFields: 'elly-wins', 'customFields.a': 'newest' } },
  } as const;
  it.each([
    ['headline', 'ats-wins'],
    ['emails', 'newest'],
    ['customFields.a', 'newest'],
    ['customFields.b', 'elly-wins'],
    ['toString', 'newest'],
  ])('of %s is %s', (field, policy) => {
    expect(fieldPolicyOf(settings, field)).toBe(policy);
  });
});
