import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MovingAts } from '../testing-support/moving-ats.js';
import { MOMENT, aStay, after } from '../testing-support/records.js';
import { StageHistory } from './stage-history.js';

describe('StageHistory', () => {
  const moving = new MovingAts();

  beforeAll(() => moving.start());
  afterAll(() => moving.stop());
  beforeEach(() => moving.fill(2));

  const historyOf = async (remoteId: string) =>
    moving.ats.get(StageHistory).of(moving.workspace, moving.connection, await moving.id(remoteId));

  it('tells the stages in order, by name, with when and by whom', async () => {
    const left = after(60);
    await moving.page([
      moving.shown('a1'),
      aStay('t2', { stageRemoteId: 's2', enteredAt: left, movedByRemoteId: 'u9' }),
      aStay('t1', { leftAt: left, movedByRemoteId: 'u-unlisted' }),
      aStay('t0', { stageRemoteId: 's-unlisted', enteredAt: null, leftAt: MOMENT }),
      aStay('other', { applicationRemoteId: 'a2' }),
    ]);
    expect(await historyOf('a1')).toEqual([
      {
        id: expect.any(String),
        stageRemoteId: 's-unlisted',
        stageName: null,
        enteredAt: null,
        leftAt: MOMENT,
        movedBy: null,
      },
      {
        id: expect.any(String),
        stageRemoteId: 's1',
        stageName: 'Applied',
        enteredAt: MOMENT,
        leftAt: left,
        movedBy: { who: 'ats-user', name: null, userId: 'u-unlisted' },
      },
      {
        id: expect.any(String),
        stageRemoteId: 's2',
        stageName: 'Phone screen',
        enteredAt: left,
        leftAt: null,
        movedBy: { who: 'ats-user', name: 'User u9', userId: 'u9' },
      },
    ]);
  });

  it('says Elly of our own move once it was confirmed, and not of one that was refused', async () => {
    await moving.move('a1', 'screen');
    await moving.work('a1');
    moving.moves.onSend = () => undefined;
    await moving.move('a2', 'screen');
    await moving.work('a2', 1);
    const now = new Date();
    await moving.page([
      moving.shown('a1'),
      moving.shown('a2'),
      aStay('t1', { leftAt: now }),
      aStay('t2', { stageRemoteId: 's2', enteredAt: now }),
      aStay('t3', { applicationRemoteId: 'a2', stageRemoteId: 's2', enteredAt: now }),
    ]);
    expect((await historyOf('a1')).map(({ movedBy }) => movedBy)).toEqual([
      null,
      { who: 'elly', name: 'Elly', userId: 'ann' },
    ]);
    expect((await historyOf('a2')).map(({ movedBy }) => movedBy)).toEqual([null]);
  });

  it('is empty for an application of which no history is known', async () => {
    expect(await historyOf('a1')).toEqual([]);
  });

  it('is of the workspace’s own connection and application only', async () => {
    const history = moving.ats.get(StageHistory);
    const application = await moving.id('a1');
    const [mine, mineToo] = [moving.workspace, moving.connection];
    await expect(history.of('w-other', mineToo, application)).rejects.toMatchObject({ code: 'not-found' });
    await expect(history.of(mine, mineToo, randomUUID())).rejects.toMatchObject({ code: 'not-found' });
    await moving.fill(1);
    await expect(history.of(moving.workspace, moving.connection, application)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
