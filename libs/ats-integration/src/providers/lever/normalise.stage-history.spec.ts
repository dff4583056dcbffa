import { describe, expect, it } from '@jest/globals';
import { opportunitySchema } from './api.schemas.js';
import { toStageMoves, toStageStays } from './normalise.stage-history.js';

const movesOf = (stageChanges: unknown) =>
  toStageMoves(opportunitySchema.parse({ id: 'opp-1', contact: 'contact-1', stageChanges }));
const step = (toStageId: string, updatedAt: unknown, userId?: string) => ({
  toStageId,
  toStageIndex: 1,
  updatedAt,
  userId,
});

describe('the history of an opportunity', () => {
  it('is one row a step, each with where it came from, when and by whom', () => {
    expect(movesOf([step('applicant-new', 1000, 'u-1'), step('offer', '2000')])).toEqual([
      {
        remoteId: 'opp-1:1000:applicant-new',
        applicationRemoteId: 'opp-1',
        fromStageRemoteId: null,
        toStageRemoteId: 'applicant-new',
        movedAt: new Date(1000),
        actorRemoteId: 'u-1',
      },
      {
        remoteId: 'opp-1:2000:offer',
        applicationRemoteId: 'opp-1',
        fromStageRemoteId: 'applicant-new',
        toStageRemoteId: 'offer',
        movedAt: new Date(2000),
        actorRemoteId: null,
      },
    ]);
  });

  it('keeps the ids of its steps when one before them is left out or comes late', () => {
    const whole = movesOf([step('a', 1000), step('b', 2000), step('c', 3000)]).map(({ remoteId }) => remoteId);
    expect(movesOf([step('b', 2000), step('c', 3000)]).map(({ remoteId }) => remoteId)).toEqual(whole.slice(1));
    expect(movesOf([step('c', 3000), step('a', 1000), step('b', 2000)]).map(({ remoteId }) => remoteId)).toEqual(whole);
  });

  it('tells two steps to one stage at one moment apart', () => {
    const ids = movesOf([step('a', 1000), step('a', 1000)]).map(({ remoteId }) => remoteId);
    expect(ids).toEqual(['opp-1:1000:a', 'opp-1:1000:a:2']);
  });

  it.each([[null], [undefined], ['odd'], [[null, 7, { toStageId: 'a' }, { updatedAt: 1 }]]])(
    'is empty and costs the opportunity nothing when it reads oddly: %j',
    (odd) => expect(movesOf(odd)).toEqual([]),
  );
});

describe('the stays of an opportunity', () => {
  const staysOf = (stageChanges: unknown, fields: object = {}) =>
    toStageStays(opportunitySchema.parse({ id: 'opp-1', contact: 'contact-1', stageChanges, ...fields }));

  it('begin at a step and end at the next one', () => {
    expect(staysOf([step('a', 1000, 'u-1'), step('b', 2000)], { updatedAt: 5000 })).toEqual([
      {
        kind: 'stage-stay',
        remoteId: 'opp-1:1000:a',
        updatedAt: new Date(5000),
        applicationRemoteId: 'opp-1',
        stageRemoteId: 'a',
        enteredAt: new Date(1000),
        leftAt: new Date(2000),
        movedByRemoteId: 'u-1',
      },
      {
        kind: 'stage-stay',
        remoteId: 'opp-1:2000:b',
        updatedAt: new Date(5000),
        applicationRemoteId: 'opp-1',
        stageRemoteId: 'b',
        enteredAt: new Date(2000),
        leftAt: null,
        movedByRemoteId: null,
      },
    ]);
  });

  it('are newer with the opportunity, so that a step that Lever adds late corrects the end of the one before it', () => {
    const [before] = staysOf([step('a', 1000), step('c', 3000)], { updatedAt: 3000 });
    const [corrected] = staysOf([step('a', 1000), step('b', 2000), step('c', 3000)], { updatedAt: 4000 });
    expect(corrected?.remoteId).toBe(before?.remoteId);
    expect([before?.leftAt, corrected?.leftAt]).toEqual([new Date(3000), new Date(2000)]);
    expect(corrected?.updatedAt?.getTime()).toBeGreaterThan(before?.updatedAt?.getTime() ?? Infinity);
  });

  it('of an opportunity without any moment of its own are as new as its last step', () => {
    expect(staysOf([step('a', 1000), step('b', 2000)]).map(({ updatedAt }) => updatedAt)).toEqual([
      new Date(2000),
      new Date(2000),
    ]);
  });
});
