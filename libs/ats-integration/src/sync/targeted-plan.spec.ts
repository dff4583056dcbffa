import { describe, expect, it } from '@jest/globals';
import type { GoneRecord, Tombstone } from '../contract/tombstone.js';
import { planOf } from './targeted-plan.js';

const hint = (tombstone: Tombstone, intoRemoteId: string | null = null): GoneRecord => ({
  kind: 'candidate',
  remoteId: 'c1',
  tombstone,
  intoRemoteId,
  at: null,
});
const kept = (...hints: readonly GoneRecord[]): GoneRecord | undefined =>
  planOf(hints.map((gone, at) => ({ id: `${at}`, attempts: 0, touched: [], gone: [gone] })))
    .hints.get('candidate')
    ?.get('c1');

describe('of several hints about one record', () => {
  const [erased, merged, deleted] = [hint('anonymised'), hint('merged', 'c2'), hint('deleted')];

  it.each([
    ['that a person was anonymised outlives that they were deleted', [erased, deleted], erased],
    ['that a person was anonymised outlives a merge', [merged, erased], erased],
    ['a merge keeps its target when the record is deleted', [merged, deleted], merged],
    ['that it was deleted outlives that it can no longer be seen', [hint('permission-lost'), deleted], deleted],
  ])('%s, whichever came first', (_, hints, expected) => {
    expect(kept(...hints)).toEqual(expected);
    expect(kept(...[...hints].reverse())).toEqual(expected);
  });

  it('the newer of two merges counts', () => {
    expect(kept(merged, hint('merged', 'c3'))).toMatchObject({ intoRemoteId: 'c3' });
  });
});
