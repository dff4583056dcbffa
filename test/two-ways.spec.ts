import { PROVIDERS } from './bad-input/troubled-elly.js';
import { TroubledElly } from './bad-input/troubled-elly.js';
import type { FaultRule } from '@elly/ats-sandbox';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BothSides } from './two-ways/both-sides.js';
import { inTheAts } from './two-ways/one-side.js';

const MINUTES = 60_000;
const RUNS = Number(process.env['TWO_WAYS_RUNS'] ?? 3);
const SEED = Number(process.env['TWO_WAYS_SEED'] ?? 20_261_125);
const PEOPLE = 30;

/** What strikes a write: it was carried out and nobody was told, late, or not at all. */
const TROUBLES: readonly FaultRule['fault'][] = [
  { kind: 'answer-lost' },
  { kind: 'status-after', status: 500 },
  { kind: 'status-after', status: 503 },
  { kind: 'applied-late', ms: 300 },
  { kind: 'slow-answer', ms: 300 },
  { kind: 'status', status: 503 },
  { kind: 'reset' },
];

/** Carried out, and whoever asked does not know. */
const APPLIED = TROUBLES.filter(({ kind }) => ['answer-lost', 'status-after', 'applied-late'].includes(kind));

type Deed =
  | { readonly deed: 'elly moves'; readonly nth: number; readonly stage: number; readonly trouble: number | null }
  | { readonly deed: 'elly edits'; readonly nth: number; readonly word: number; readonly trouble: number | null }
  | { readonly deed: 'the ATS changes'; readonly seed: number; readonly what: string }
  | { readonly deed: 'webhooks come' }
  | { readonly deed: 'a poll' }
  /** Elly is stopped in the middle of what it does, and started again. */
  | { readonly deed: 'a restart' };

const IN_THE_ATS = [
  'moves',
  'edits',
  'rejections',
  'hires',
  'unrejections',
  'deletedApplications',
  'merges',
  'newCandidates',
  'deletedCandidates',
  'anonymized',
];

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      deed: fc.constant('elly moves' as const),
      nth: fc.nat(200),
      stage: fc.nat(20),
      trouble: fc.option(fc.nat(TROUBLES.length - 1), { freq: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      deed: fc.constant('elly edits' as const),
      nth: fc.nat(200),
      word: fc.nat(1_000_000),
      trouble: fc.option(fc.nat(TROUBLES.length - 1), { freq: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      deed: fc.constant('the ATS changes' as const),
      seed: fc.nat(1_000_000),
      what: fc.constantFrom(...IN_THE_ATS),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ deed: 'webhooks come' as const }) },
  { weight: 1, arbitrary: fc.constant({ deed: 'a poll' as const }) },
  { weight: 1, arbitrary: fc.constant({ deed: 'a restart' as const }) },
);

describe.each(PROVIDERS)('people who move the same candidates in Elly and in %s', (provider) => {
  let elly: TroubledElly;
  let sides: BothSides;

  beforeAll(async () => {
    elly = await TroubledElly.start({ OUTBOUND_SETTLE_SECONDS: '1', SYNC_LEASE_SECONDS: '2' });
    sides = await BothSides.connect(elly, provider, PEOPLE);
  }, 2 * MINUTES);
  afterAll(() => elly.stop());

  const does = async (one: Deed): Promise<void> => {
    switch (one.deed) {
      case 'elly moves': {
        const stage = sides.stages[one.stage % sides.stages.length];
        const trouble = one.trouble === null ? null : (TROUBLES[one.trouble] ?? null);
        if (stage !== undefined) await sides.moveInElly(one.nth, stage, trouble);
        return;
      }
      case 'elly edits': {
        const trouble = one.trouble === null ? null : (TROUBLES[one.trouble] ?? null);
        await sides.editInElly(one.nth, `Headline ${one.word}`, trouble);
        return;
      }
      case 'the ATS changes':
        sides.account.change({ seed: one.seed, [one.what]: 1 });
        return;
      case 'webhooks come':
        return sides.deliverSome();
      case 'a poll':
        return sides.run('incremental');
      case 'a restart':
        return elly.running.restart();
      default:
        return one satisfies never;
    }
  };
  /** What is in one moment happens at the same time; a restart strikes what the others of its moment have set going. */
  const happens = async (moment: readonly Deed[]): Promise<void> => {
    await Promise.all(moment.filter(({ deed: what }) => what !== 'a restart').map(does));
    const restart = moment.find(({ deed: what }) => what === 'a restart');
    if (restart !== undefined) await does(restart);
  };

  it.each(APPLIED)(
    'write each move once although %j says nothing of it: on, rejected, taken back, hired',
    async (trouble) => {
      const kinds = new Map(sides.stages.map((stage) => [stage.kind, stage]));
      const way = ['interview', 'rejected', 'screen', 'hired'].flatMap((kind) => kinds.get(kind) ?? []);
      expect(way).toHaveLength(4);
      const remote = await sides.somebodyAtTheBeginning();
      for (const stage of way) {
        const writes = await sides.moveToTheEnd(remote, stage, trouble);
        expect(await sides.endOf(remote)).toMatchObject({ status: 'confirmed' });
        // Taking a rejection back and moving on can be two writes; none of them comes twice.
        expect(writes.length).toBeGreaterThan(0);
        expect(writes.length).toBeLessThanOrEqual(stage.kind === 'screen' ? 2 : 1);
        expect(new Set(writes).size).toBe(writes.length);
      }
    },
    2 * MINUTES,
  );

  it(
    `come to rest, agree, and nothing was written more often than it was meant (TWO_WAYS_SEED=${SEED} TWO_WAYS_RUNS=${RUNS})`,
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(deed, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 12 }),
          async (moments) => {
            for (const moment of moments) await happens(moment);
            await sides.comeToRest();
            const truth = inTheAts(sides.account);
            expect(Object.keys(truth.applications).length).toBeGreaterThan(0);
            expect(await sides.kept()).toEqual(truth);
            expect(await sides.misplaced()).toEqual([]);
            expect(await sides.parkedMoves()).toBe(0);
            const tooMany = (await sides.writes()).filter(({ made, meant }) => made > meant);
            expect(tooMany).toEqual([]);
          },
        ),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      // It would prove nothing if nobody had moved anybody, or nothing had gone wrong.
      const { confirmed, edited, unanswered } = await sides.endings();
      expect(confirmed).toBeGreaterThan(RUNS);
      expect(edited).toBeGreaterThan(0);
      expect(unanswered).toBeGreaterThan(0);
    },
    10 * MINUTES,
  );
});
