import { describe, expect, it } from '@jest/globals';
import { ScriptedAts } from '../testing-support/scripted-ats.js';
import type { StreamShape } from '../testing-support/scripted-ats.js';
import { streamsBefore } from './stream-order.js';

const before = (shapes: readonly StreamShape[]) => {
  const { provider } = new ScriptedAts(shapes);
  return Object.fromEntries(
    provider.streams.map((stream) => [stream.name, [...streamsBefore(provider, stream)].sort()]),
  );
};

describe('the order of streams', () => {
  it('puts what a record needs before it, and what the provider says', () => {
    expect(
      before([
        { name: 'jobs', kinds: ['job'] },
        { name: 'stages', kinds: ['stage'] },
        { name: 'people', kinds: ['candidate'], after: ['applications'] },
        { name: 'applications', kinds: ['application'] },
        { name: 'history', kinds: ['stage-stay'] },
        { name: 'files', kinds: ['resume'] },
      ]),
    ).toEqual({
      jobs: [],
      stages: [],
      people: ['applications', 'jobs', 'stages'],
      applications: ['jobs', 'stages'],
      history: ['applications'],
      files: ['people'],
    });
  });

  it('does not let applications that bring their history wait for the feed of deletions that waits for them', () => {
    expect(
      before([
        { name: 'jobs', kinds: ['job'] },
        { name: 'opportunities', kinds: ['application', 'candidate', 'stage-stay'] },
        { name: 'deleted', kinds: ['application'], after: ['opportunities'] },
      ]),
    ).toEqual({ jobs: [], opportunities: ['jobs'], deleted: ['jobs', 'opportunities'] });
  });
});
