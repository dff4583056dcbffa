import { describe, expect, it } from '@jest/globals';
import type { HostStageKind } from '../host/hiring-pipeline.port.js';
import { ELLY_STAGES } from '../testing-support/elly-stages.js';
import { normaliseName, stageKeyOf } from './stage-key.js';
import { suggestStages } from './suggest-stages.js';
import type { StageSuggestion } from './suggest-stages.js';

function suggest(name: string, relativePosition = 0.5): StageSuggestion {
  const [suggestion] = suggestStages([{ key: `name:${name}`, name, relativePosition }], ELLY_STAGES);
  if (suggestion === undefined) throw new Error(`Nothing was suggested for ${name}.`);
  return suggestion;
}

/** Stage names that customers of the two ATSs have, with the stage of Elly that a recruiter would choose. */
const USUAL: readonly (readonly [string, HostStageKind])[] = [
  ['Application Review', 'applied'],
  ['Preliminary Phone Screen', 'screen'],
  ['Recruiter Phone Screen', 'screen'],
  ['Phone Interview', 'screen'],
  ['Hiring Manager Screen', 'screen'],
  ['Take Home Test', 'interview'],
  ['Technical Interview', 'interview'],
  ['Face to Face', 'interview'],
  ['Onsite', 'interview'],
  ['Executive Interview', 'interview'],
  ['Team Interview', 'interview'],
  ['Reference Check', 'offer'],
  ['Background Check', 'offer'],
  ['Offer', 'offer'],
  ['Offer sent', 'offer'],
  ['Hired', 'hired'],
  ['Rejected', 'rejected'],
  ['New lead', 'lead'],
  ['Reached out', 'lead'],
  ['Responded', 'lead'],
  ['Sourced', 'lead'],
  ['New applicant', 'applied'],
  ['Resume review', 'applied'],
  ['Recruiter screen', 'screen'],
  ['On-site interview', 'interview'],
  ['Case study', 'interview'],
  ['Final round', 'interview'],
];

describe('suggestStages', () => {
  it.each(USUAL)('takes "%s" for %s', (name, kind) => {
    expect(suggest(name).hostStageId).toBe(kind);
  });

  it.each(['Not hired', 'Not a fit', 'Offer declined', 'Offer rejected', 'Rejected after interview', 'Withdrawn'])(
    'never takes "%s" for a success',
    (name) => {
      expect(suggest(name).hostStageId).toBe('rejected');
    },
  );

  it('says why, in a sentence that names the stage of the host', () => {
    for (const [name, kind] of USUAL) {
      const { reason } = suggest(name);
      const host = ELLY_STAGES.find((stage) => stage.kind === kind)?.name;
      expect(reason).toContain(`"${host}"`);
      expect(reason).toMatch(/\.$/);
    }
  });

  it('is surest of the same name and least sure of a mere place', () => {
    const [same, words, meaning, place] = ['Interview', 'Team Interview', 'Onsite', 'Zzz'].map(
      (name) => suggest(name).confidence,
    );
    expect(same).toBe(1);
    for (const between of [words, meaning]) {
      expect(between).toBeLessThan(1);
      expect(between).toBeGreaterThan(place ?? 1);
    }
    expect(place).toBeGreaterThan(0);
  });

  it.each([0, 0.25, 0.5, 0.75, 1])('never takes a stage for hired or rejected because it stands at %d', (position) => {
    expect(['applied', 'screen', 'interview', 'offer']).toContain(suggest('Zzz', position).hostStageId);
  });

  it('places a name that says nothing by where it stands', () => {
    expect([0, 1 / 3, 2 / 3, 1].map((position) => suggest('Zzz', position).hostStageId)).toEqual([
      'applied',
      'screen',
      'interview',
      'offer',
    ]);
  });

  it('chooses between several stages of one kind by place', () => {
    const two = [
      ...ELLY_STAGES.filter(({ kind }) => kind !== 'interview'),
      { id: 'first', name: 'First talk', kind: 'interview' as const, position: 2.5 },
      { id: 'last', name: 'Last talk', kind: 'interview' as const, position: 3.5 },
    ];
    const hostStageIds = [0.1, 0.9].map(
      (relativePosition) => suggestStages([{ key: 'k', name: 'Onsite', relativePosition }], two)[0]?.hostStageId,
    );
    expect(hostStageIds).toEqual(['first', 'last']);
  });

  it('suggests nothing when the host has no stages', () => {
    expect(suggestStages([{ key: 'k', name: 'Offer', relativePosition: 0 }], [])).toEqual([]);
  });
});

describe('stageKeyOf', () => {
  it('is the stage itself where stages belong to the account', () => {
    expect(stageKeyOf({ remoteId: 'offer', name: 'Offer', jobRemoteId: null })).toBe('id:offer');
  });

  it('is the name where every job has its own stages, so that one mapping serves all jobs', () => {
    const keys = ['Phone-Screen', ' phone  screen', 'PHONE SCREEN', 'Phóne screen'].map((name, index) =>
      stageKeyOf({ remoteId: String(index), name, jobRemoteId: `job ${index}` }),
    );
    expect(new Set(keys)).toEqual(new Set(['name:phone screen']));
  });

  it('keeps names of other scripts apart', () => {
    expect(normaliseName('面接')).not.toBe(normaliseName('内定'));
    expect(normaliseName('面接')).not.toBe('');
  });
});
