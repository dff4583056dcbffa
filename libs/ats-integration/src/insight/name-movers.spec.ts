import { describe, expect, it } from '@jest/globals';
import { after } from '../testing-support/records.js';
import { nameMovers } from './name-movers.js';
import type { OwnMove, StayRow } from './name-movers.js';

const stay = (id: string, stageRemoteId: string, enteredAt: Date | null, changes: Partial<StayRow> = {}): StayRow => ({
  id,
  stageRemoteId,
  stageName: null,
  enteredAt,
  leftAt: null,
  movedByRemoteId: null,
  movedByName: null,
  ...changes,
});
const own = (stageRemoteId: string, seconds: number, changes: Partial<OwnMove> = {}): OwnMove => ({
  stageRemoteId,
  begunAt: after(seconds),
  endedAt: after(seconds + 2),
  actorRemoteId: null,
  hostUserId: 'ann',
  ...changes,
});
const movers = (stays: readonly StayRow[], moves: readonly OwnMove[]) =>
  nameMovers(stays, moves).map(({ movedBy }) => movedBy?.name ?? movedBy?.userId ?? null);

describe('who moved an application', () => {
  it('is Elly, at the request of the host’s user, where our own move led into the stage', () => {
    expect(nameMovers([stay('t1', 's2', after(1))], [own('s2', 0)])).toMatchObject([
      { movedBy: { who: 'elly', name: 'Elly', userId: 'ann' } },
    ]);
  });

  it('is the ATS’s user otherwise, by name or, never listed, by id; or nobody', () => {
    const named = stay('t1', 's1', after(0), { movedByRemoteId: 'u1', movedByName: 'Rae' });
    const unlisted = stay('t2', 's2', after(9), { movedByRemoteId: 'u2' });
    expect(movers([named, unlisted, stay('t3', 's3', after(20))], [])).toEqual(['Rae', 'u2', null]);
  });

  it('is told by the stage and the moment: not of another stage, not of another day', () => {
    const day = 86_400;
    expect(movers([stay('t1', 's1', after(1)), stay('t2', 's2', after(day))], [own('s2', 0)])).toEqual([null, null]);
    expect(movers([stay('t1', 's2', null)], [own('s2', 0)])).toEqual([null]);
  });

  it('allows for clocks that differ by a minute either way', () => {
    expect(movers([stay('t1', 's2', after(-60))], [own('s2', 0)])).toEqual(['Elly']);
    expect(movers([stay('t1', 's2', after(60))], [own('s2', 0)])).toEqual(['Elly']);
  });

  it('takes the nearest stay for each move, and no stay twice', () => {
    const there = [stay('t1', 's2', after(-60)), stay('t2', 's1', after(0)), stay('t3', 's2', after(2))];
    expect(movers(there, [own('s2', 1)])).toEqual([null, null, 'Elly']);
    expect(movers(there, [own('s2', -61), own('s2', 1)])).toEqual(['Elly', null, 'Elly']);
    expect(movers([stay('t1', 's2', after(1))], [own('s2', 0), own('s2', 2)])).toEqual(['Elly']);
  });

  it('is whom the ATS names where we sent it in somebody else’s name', () => {
    const byRae = stay('t1', 's2', after(1), { movedByRemoteId: 'u1', movedByName: 'Rae' });
    expect(movers([byRae], [own('s2', 0, { actorRemoteId: 'u2' })])).toEqual(['Rae']);
    expect(movers([byRae], [own('s2', 0, { actorRemoteId: 'u1' })])).toEqual(['Elly']);
    expect(movers([byRae], [own('s2', 0)])).toEqual(['Elly']);
  });
});
