import { describe, expect, it } from '@jest/globals';
import { APPLICATION_STATUSES } from '../contract/records.js';
import { ELLY_STAGES } from '../testing-support/elly-stages.js';
import { anApplication } from '../testing-support/records.js';
import { placeApplication } from './place-application.js';
import type { MappedStage, PlacementContext } from './place-application.js';

function context(mappings: Readonly<Record<string, MappedStage>> = {}, stages = ELLY_STAGES): PlacementContext {
  return {
    hostStages: stages,
    mappings: new Map(Object.entries(mappings)),
    stageKeys: new Map([
      ['s1', 'id:s1'],
      ['s2', 'name:phone screen'],
    ]),
  };
}

const OFFER: MappedStage = { hostStageId: 'offer', confirmed: true, confidence: 1 };

describe('placeApplication', () => {
  it.each([
    ['hired', 'hired'],
    ['rejected', 'rejected'],
  ] as const)('puts who is %s where the host keeps them, whatever the stage says', (status, stageId) => {
    const application = anApplication('a1', { status, stageRemoteId: 's1', stageName: 'Offer' });
    expect(placeApplication(application, context({ 'id:s1': OFFER }))).toEqual({ stageId, how: 'status' });
  });

  it.each(['active', 'converted', 'unknown'] as const)('goes by the stage when the status is %s', (status) => {
    const application = anApplication('a1', { status, stageRemoteId: 's1' });
    expect(placeApplication(application, context({ 'id:s1': OFFER }))).toEqual({ stageId: 'offer', how: 'mapped' });
  });

  it('goes by the stage when the host has no stage for who is hired', () => {
    const open = ELLY_STAGES.filter(({ kind }) => kind !== 'hired');
    const application = anApplication('a1', { status: 'hired', stageRemoteId: 's1' });
    expect(placeApplication(application, context({ 'id:s1': OFFER }, open))).toEqual({
      stageId: 'offer',
      how: 'mapped',
    });
  });

  it('tells a confirmed mapping, a suggestion and a weak suggestion apart', () => {
    const application = anApplication('a1', { stageRemoteId: 's1' });
    const how = (mapping: MappedStage): string | undefined =>
      placeApplication(application, context({ 'id:s1': mapping }))?.how;
    expect(how(OFFER)).toBe('mapped');
    expect(how({ ...OFFER, confirmed: false, confidence: 0.65 })).toBe('suggested');
    expect(how({ ...OFFER, confirmed: false, confidence: 0.3 })).toBe('nearest');
  });

  it('finds the mapping by the name when the stage itself is not known', () => {
    const application = anApplication('a1', { stageRemoteId: 'unheard-of', stageName: 'Phone - Screen' });
    expect(placeApplication(application, context({ 'name:phone screen': OFFER }))).toEqual({
      stageId: 'offer',
      how: 'mapped',
    });
  });

  it('does not use a mapping to a stage that the host has deleted', () => {
    const application = anApplication('a1', { stageRemoteId: 's1', stageName: 'Onsite interview' });
    const placement = placeApplication(application, context({ 'id:s1': { ...OFFER, hostStageId: 'deleted' } }));
    expect(placement).toEqual({ stageId: 'interview', how: 'nearest' });
  });

  it.each([
    ['an unmapped stage whose name tells', { stageName: 'Recruiter phone screen' }, 'screen'],
    ['an unmapped stage whose name tells nothing', { stageName: 'Zzz' }, 'applied'],
    ['no stage', { stageName: null }, 'applied'],
    ['no stage and no job', { stageName: null, jobRemoteId: null }, 'lead'],
  ])('puts %s at the nearest sensible stage and marks it', (_, changes, stageId) => {
    expect(placeApplication(anApplication('a1', changes), context())).toEqual({ stageId, how: 'nearest' });
  });

  it('finds a place for every status as long as the host has any stage at all', () => {
    const only = [{ id: 'only', name: 'Everybody', kind: 'interview' as const, position: 1 }];
    for (const status of APPLICATION_STATUSES) {
      expect(placeApplication(anApplication('a1', { status }), context({}, only))?.stageId).toBe('only');
      expect(placeApplication(anApplication('a1', { status }), context({}, []))).toBeNull();
    }
  });
});
