import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { APPLICATION_STATUSES } from '../contract/records.js';
import { MOVE_KINDS } from '../contract/stage-change.js';
import type { Move, MoveKind } from '../contract/stage-change.js';
import { planMove } from './plan-move.js';
import type { Target } from './plan-move.js';
import { isReached } from './standing.js';
import type { Standing } from './standing.js';

const stage = fc.constantFrom('s1', 's2', 's3');
const standing: fc.Arbitrary<Standing> = fc.record({
  status: fc.constantFrom(...APPLICATION_STATUSES),
  stageRemoteId: fc.option(stage),
  jobRemoteId: fc.option(fc.constant('j1')),
  updatedAt: fc.constant(null),
});
const target: fc.Arbitrary<Target> = fc.oneof(
  stage.map((stageRemoteId) => ({ kind: 'stage' as const, stageRemoteId })),
  fc.constant({ kind: 'reject' as const, reasonRemoteId: 'r1', note: null }),
  fc.constant({ kind: 'hire' as const, reasonRemoteId: null, startsOn: null }),
);

/** What an ATS does with a write; taking a rejection back may bring the person to any stage. */
function apply(from: Standing, move: Move, backTo: string): Standing {
  if (move.kind === 'stage') return { ...from, stageRemoteId: move.stageRemoteId };
  if (move.kind === 'reject') return { ...from, status: 'rejected', stageRemoteId: null };
  if (move.kind === 'hire') return { ...from, status: 'hired', stageRemoteId: null };
  return { ...from, status: 'active', stageRemoteId: backTo };
}

describe('planMove', () => {
  it('comes to the target with at most two writes, or says at once that there is no way', () => {
    fc.assert(
      fc.property(standing, target, stage, fc.subarray([...MOVE_KINDS]), (from, wanted, backTo, moves) => {
        let at = from;
        for (let writes = 0; ; writes += 1) {
          const plan = planMove(at, wanted, moves);
          if (plan.step === 'done') return expect(isReached(wanted, at)).toBe(true);
          // No way is only ever found before anything was written.
          if (plan.step === 'impossible') return expect(writes).toBe(0);
          expect(moves).toContain(plan.move.kind);
          expect(writes).toBeLessThan(2);
          at = apply(at, plan.move, backTo);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a stage of an active application', 'active', 'stage', ['stage']],
    ['a stage of a rejected application', 'rejected', 'stage', ['unreject', 'stage']],
    ['a rejection', 'active', 'reject', ['reject']],
    ['a hire of a rejected person', 'rejected', 'hire', ['unreject', 'hire']],
  ] as const)('writes what brings %s about', (_, status, kind, writes) => {
    const wanted: Target =
      kind === 'stage'
        ? { kind, stageRemoteId: 's2' }
        : kind === 'reject'
          ? { kind, reasonRemoteId: null, note: null }
          : { kind, reasonRemoteId: null, startsOn: null };
    let at: Standing = { status, stageRemoteId: 's1', jobRemoteId: 'j1', updatedAt: null };
    const sent: MoveKind[] = [];
    for (let plan = planMove(at, wanted, MOVE_KINDS); plan.step === 'send'; plan = planMove(at, wanted, MOVE_KINDS)) {
      sent.push(plan.move.kind);
      at = apply(at, plan.move, 's1');
    }
    expect(sent).toEqual(writes);
  });

  it.each(['hired', 'converted', 'unknown'] as const)('leaves an application alone that is %s', (status) => {
    const at: Standing = { status, stageRemoteId: null, jobRemoteId: 'j1', updatedAt: null };
    expect(planMove(at, { kind: 'stage', stageRemoteId: 's1' }, MOVE_KINDS).step).toBe('impossible');
  });
});
