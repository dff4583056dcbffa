import { describe, expect, it } from '@jest/globals';
import { LISTED_APART, LISTED_TOGETHER, ScriptedAts } from '../../testing-support/scripted-ats.js';
import { reckonCost, secondsUnder } from './reckon-cost.js';

const BUCKET = { algorithm: 'token-bucket', capacity: 10, refillPerSecond: 10 } as const;
const WINDOW = { algorithm: 'fixed-window', limit: 50, windowSeconds: 10, headers: null } as const;

describe('reckonCost', () => {
  it('takes as long as the limit makes it', () => {
    expect(secondsUnder(BUCKET, 10)).toBe(0);
    expect(secondsUnder(BUCKET, 110)).toBe(10);
    expect(secondsUnder(WINDOW, 50)).toBe(0);
    expect(secondsUnder(WINDOW, 51)).toBe(10);
    expect(secondsUnder(WINDOW, 500)).toBe(90);
  });

  it('lists what it leaves out as well, a page at a time', () => {
    const rows = { job: 30, stage: 12, application: 10_000, candidate: 8_000, resume: 900 };
    const size = { rows, imported: 1_000, pageRows: 500, msPerRequest: 10 };
    const { requests, resumeRequests, seconds } = reckonCost(new ScriptedAts(LISTED_APART).provider, size, BUCKET);
    // 1 and 1, 20, 16 and 2.
    expect(requests.value).toBe(40);
    expect(resumeRequests.value).toBe(0);
    expect(seconds.value).toBe(3);
    expect([requests, seconds].map(({ precision }) => precision)).toEqual(['estimate', 'estimate']);
  });

  it('takes a further list of a kind for one of what is gone', () => {
    const gone = { name: 'deleted', kinds: ['candidate'] } as const;
    const script = new ScriptedAts([...LISTED_TOGETHER, gone]);
    const size = { rows: { candidate: 1_000 }, imported: 0, pageRows: 100, msPerRequest: 0 };
    expect(reckonCost(script.provider, size, BUCKET).requests.value).toBe(1 + 1 + 10 + 1);
  });

  it('counts people once where they come with their applications, and résumés where each is asked for', () => {
    const script = new ScriptedAts(LISTED_TOGETHER);
    script.resumes = { ofApplication: () => Promise.resolve(null), locate: () => Promise.resolve(null) };
    const size = { rows: { candidate: 1_000 }, imported: 300, pageRows: null, msPerRequest: 100 };
    const cost = reckonCost(script.provider, size, BUCKET);
    expect(cost.requests.value).toBe(12);
    expect(cost.resumeRequests.value).toBe(300);
    // Three hundred and ten answers of a tenth of a second, one after the other.
    expect(cost.seconds.value).toBe(31);
  });
});
