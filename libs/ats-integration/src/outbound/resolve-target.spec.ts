import { describe, expect, it } from '@jest/globals';
import type { PlacementContext } from '../mapping/place-application.js';
import { ELLY_STAGES } from '../testing-support/elly-stages.js';
import { resolveTarget } from './resolve-target.js';
import type { PipelineStage, TargetQuestion } from './resolve-target.js';

const stage = (
  remoteId: string,
  name: string,
  position: number,
  changes: Partial<PipelineStage> = {},
): PipelineStage => ({
  remoteId,
  name,
  position,
  jobRemoteId: null,
  active: true,
  ...changes,
});
const STAGES = [stage('s2', 'Panel', 2), stage('s1', 'Onsite', 1), stage('s3', 'Offer', 3)];
const placement = (
  mappings: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, string>> = { s1: 'id:s1', s2: 'id:s2', s3: 'id:s3' },
): PlacementContext => ({
  hostStages: ELLY_STAGES,
  stageKeys: new Map(Object.entries(keys)),
  mappings: new Map(
    Object.entries(mappings).map(([key, hostStageId]) => [key, { hostStageId, confirmed: true, confidence: 1 }]),
  ),
});
const ask = (changes: Partial<TargetQuestion> = {}): ReturnType<typeof resolveTarget> =>
  resolveTarget({
    ats: 'Scripted',
    toStageId: 'interview',
    rejection: null,
    standing: { status: 'active', stageRemoteId: 's3', jobRemoteId: 'j1', updatedAt: null },
    placement: placement({ 'id:s1': 'interview', 'id:s2': 'interview', 'id:s3': 'offer' }),
    stages: STAGES,
    stagesBelongTo: 'account',
    defaults: {},
    reasons: [],
    ...changes,
  });
const toStage = (stageRemoteId: string) => ({ found: 'target', target: { kind: 'stage', stageRemoteId } });

describe('resolveTarget', () => {
  it('takes the first of several stages that mean the same, and none other where the application stands at one', () => {
    expect(ask()).toEqual(toStage('s1'));
    expect(ask({ standing: { status: 'active', stageRemoteId: 's2', jobRemoteId: 'j1', updatedAt: null } })).toEqual(
      toStage('s2'),
    );
  });

  it('never goes by a suggestion, nor to a stage that is no longer in use', () => {
    const suggested = placement({});
    const mappings = new Map([['id:s1', { hostStageId: 'interview', confirmed: false, confidence: 1 }]]);
    expect(ask({ placement: { ...suggested, mappings } })).toMatchObject({
      found: 'unmapped',
      stage: { id: 'interview' },
    });
    expect(ask({ stages: STAGES.map((one) => ({ ...one, active: one.remoteId === 's2' })) })).toEqual(toStage('s2'));
    expect(ask({ toStageId: 'screen' })).toMatchObject({ found: 'unmapped' });
  });

  it("takes the stage of the application's own job, and what was said for that job before the rule for all", () => {
    const stages = ['j1', 'j2'].flatMap((job) => [
      stage(`${job}-on`, 'Onsite', 1, { jobRemoteId: job }),
      stage(`${job}-pa`, 'Panel', 2, { jobRemoteId: job }),
    ]);
    const keys = Object.fromEntries(stages.map(({ remoteId, name }) => [remoteId, `name:${name.toLowerCase()}`]));
    const mapped = placement(
      {
        'name:onsite': 'interview',
        'name:panel': 'offer',
        'job:j1:name:onsite': 'screen',
        'job:j1:name:panel': 'interview',
      },
      keys,
    );
    const of = (jobRemoteId: string | null) =>
      ask({
        stages,
        placement: mapped,
        stagesBelongTo: 'job',
        standing: { status: 'active', stageRemoteId: null, jobRemoteId, updatedAt: null },
      });
    expect(of('j2')).toEqual(toStage('j2-on'));
    expect(of('j1')).toEqual(toStage('j1-pa'));
    expect(of(null)).toMatchObject({ found: 'nothing', code: 'no-job' });
  });

  it.each([
    ['none where the ATS has none', [], null, {}, { kind: 'reject', reasonRemoteId: null, note: null }],
    ['the chosen one', ['r1', 'r2'], 'r2', { reject: 'r1' }, { kind: 'reject', reasonRemoteId: 'r2', note: null }],
    [
      "the connection's where none was chosen",
      ['r1'],
      null,
      { reject: 'r1' },
      { kind: 'reject', reasonRemoteId: 'r1', note: null },
    ],
  ])('rejects with a reason: %s', (_, ids, chosen, defaults, target) => {
    const reasons = ids.map((remoteId) => ({ remoteId, name: remoteId, of: 'reject' as const }));
    const rejection = chosen === null ? null : { reasonRemoteId: chosen, note: null };
    expect(ask({ toStageId: 'rejected', reasons, rejection, defaults })).toEqual({ found: 'target', target });
  });

  it('asks for a reason where the ATS wants one, and does not take one that it does not have', () => {
    const reasons = [{ remoteId: 'r1', name: 'No', of: 'reject' as const }];
    expect(ask({ toStageId: 'rejected', reasons })).toMatchObject({ found: 'nothing', code: 'reason-missing' });
    expect(ask({ toStageId: 'rejected', reasons, rejection: { reasonRemoteId: 'r9', note: null } })).toMatchObject({
      found: 'nothing',
      code: 'reason-unknown',
    });
    expect(ask({ toStageId: 'gone' })).toMatchObject({ found: 'nothing', code: 'unknown-stage' });
  });

  it('hires with the only reason that there is', () => {
    expect(ask({ toStageId: 'hired', reasons: [{ remoteId: 'h1', name: 'Hired', of: 'hire' }] })).toEqual({
      found: 'target',
      target: { kind: 'hire', reasonRemoteId: 'h1', startsOn: null },
    });
  });
});
