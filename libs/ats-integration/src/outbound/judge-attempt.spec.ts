import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAttempt } from './judge-attempt.js';
import type { Attempt } from './judge-attempt.js';
import type { Standing } from './standing.js';

const SETTLE_MS = 1000;
const at = (stageRemoteId: string | null, updatedAt: string | null = 't1'): Standing => ({
  status: 'active',
  stageRemoteId,
  jobRemoteId: 'j1',
  updatedAt,
});
const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  id: 'x',
  move: { kind: 'stage', stageRemoteId: 's2' },
  before: at('s1'),
  answered: false,
  ageMs: SETTLE_MS * 100,
  ...changes,
});

describe('judgeAttempt', () => {
  it.each([
    ['shown at once', attempt({ ageMs: 0 }), at('s2', 't2'), { outcome: 'applied', movedOn: false }],
    ['not shown yet, a moment after it was sent', attempt({ ageMs: 400 }), at('s1'), { outcome: 'wait', ms: 600 }],
    ['never shown', attempt(), at('s1'), { outcome: 'not-applied' }],
    ['not shown, where something happened to the application', attempt(), at('s1', 't2'), { outcome: 'unclear' }],
    ['not shown, where somebody moved it', attempt(), at('s3', 't2'), { outcome: 'unclear' }],
    ['answered and moved on from', attempt({ answered: true }), at('s3', 't2'), { outcome: 'applied', movedOn: true }],
    ['answered and not shown yet', attempt({ answered: true, ageMs: 2000 }), at('s1'), { outcome: 'wait', ms: 1000 }],
    ['answered and never shown', attempt({ answered: true }), at('s1'), { outcome: 'unclear' }],
  ])('says of a write that is %s what became of it', (_, given, now, judgement) => {
    expect(judgeAttempt(given, now, SETTLE_MS)).toEqual(judgement);
  });

  it('only ever allows to send again what was not answered, has had its time, and left no trace at all', () => {
    const standing = fc.record({
      status: fc.constantFrom('active' as const, 'rejected' as const, 'hired' as const),
      stageRemoteId: fc.option(fc.constantFrom('s1', 's2', 's3')),
      jobRemoteId: fc.constant('j1'),
      updatedAt: fc.option(fc.constantFrom('t1', 't2')),
    });
    fc.assert(
      fc.property(standing, standing, fc.boolean(), fc.nat(10_000), (before, now, answered, ageMs) => {
        const { outcome } = judgeAttempt(attempt({ before, answered, ageMs }), now, SETTLE_MS);
        if (outcome !== 'not-applied') return;
        expect([answered, ageMs >= SETTLE_MS, now.updatedAt, now.status]).toEqual([
          false,
          true,
          before.updatedAt,
          before.status,
        ]);
      }),
    );
  });
});
