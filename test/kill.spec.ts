import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KillRounds } from './kill/kill-rounds.js';
import type { Moment, Round } from './kill/kill-rounds.js';

const MINUTES = 60_000;
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const KILLS = 2;
const RESUME_KILLS = 1;
/** Of a person's or a file's own, behind the records; and what sets webhooks up beside them. */
const BESIDE_THE_RECORDS = /resumes|files|webhooks/;

/** Greenhouse and Lever are imported side by side, so each kill hits both. A failure names the seed; KILL_SEED repeats it. */
describe(`a process killed with -9 in the middle of the initial sync (KILL_SEED=${SEED})`, () => {
  let rounds: KillRounds;
  let undisturbed: Round;

  beforeAll(async () => {
    rounds = await KillRounds.open({ greenhouse: 2500, lever: 1500 });
    undisturbed = await rounds.play([], 'records');
  }, 2 * MINUTES);
  afterAll(() => rounds.close());

  it.each([1, 2, 3])(
    'ends in the state of an undisturbed run and asks for no finished page again, round %i',
    async (number) => {
      const round = await rounds.play(momentsOf(SEED + number, KILLS, total(recordRequests(undisturbed))), 'records');
      expect(round.kills).toBeGreaterThan(0);
      expect(round.content).toEqual(undisturbed.content);
      // A page that committed is behind the cursor: over all lives of the process each was committed exactly once.
      expect(round.pages).toEqual(undisturbed.pages);
      // Repeated is the one page of each list that a kill caught on its way into the database. The page after it is being
      // fetched while that one is written, so it may have been asked for in vain as well: two requests a list and kill at most.
      const asked = recordRequests(undisturbed);
      const most = Object.fromEntries(Object.entries(asked).map(([route, count]) => [route, count + 2 * round.kills]));
      const tooMany = Object.entries(recordRequests(round)).filter(([route, count]) => count > (most[route] ?? 0));
      expect(tooMany).toEqual([]);
    },
    2 * MINUTES,
  );
});

describe(`a process killed with -9 while it fetches résumés (KILL_SEED=${SEED})`, () => {
  let rounds: KillRounds;

  beforeAll(async () => {
    rounds = await KillRounds.open({ greenhouse: 20, lever: 20 });
  });
  afterAll(() => rounds.close());

  it(
    'has every file whole and once when it was started again',
    async () => {
      const undisturbed = await rounds.play([], 'resumes');
      // Half of the span: a small account is partly imported before the second connect is over, where the count begins.
      const span = total(undisturbed.requests) / 2;
      const round = await rounds.play(momentsOf(SEED, RESUME_KILLS, span), 'resumes');
      expect(round.kills).toBeGreaterThan(0);
      expect(undisturbed.resumes.length).toBeGreaterThan(0);
      expect(round.resumes).toEqual(undisturbed.resumes);
      expect(round.content).toEqual(undisturbed.content);
    },
    2 * MINUTES,
  );
});

function recordRequests({ requests }: Round): Record<string, number> {
  return Object.fromEntries(Object.entries(requests).filter(([route]) => !BESIDE_THE_RECORDS.test(route)));
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Spread over the requests that an undisturbed run sends; those of the connects come before the first moment. */
function momentsOf(seed: number, kills: number, requests: number): Moment[] {
  const random = randomFrom(seed);
  const moments = Array.from({ length: kills }, () => ({ requests: random() * 0.85 * requests, ms: random() * 60 }));
  return moments.sort((a, b) => a.requests - b.requests);
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
