import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

const MINUTES = 60_000;
const ROOT = new URL('..', import.meta.url).pathname;
const RECORDINGS = process.env['ATS_RECORDINGS'] ?? join(ROOT, '../shared/recordings');

type Counts = Readonly<Record<string, number>>;

interface Story {
  readonly account: Readonly<{
    jobs: number;
    openJobs: number;
    stages: number;
    candidates: number;
    applications: number;
    readonly inScope: Counts;
  }>;
  readonly imported: Readonly<{
    jobs: number;
    stages: number;
    candidates: number;
    applications: number;
    resumes: number;
  }>;
  readonly skipped: Counts;
  readonly quarantined: number;
  readonly again: { readonly created: number; readonly updated: number };
  readonly incremental: { readonly made: Counts; readonly seen: Counts };
  readonly twoWays: {
    readonly confirmed: number;
    readonly sent: Counts;
    readonly made: number;
    readonly arrived: number;
    readonly writes: number;
    readonly mostTimes: number;
  };
  readonly requests: number;
}

/** What a built program prints, as JSON. */
async function printed<Document>(program: string, ...options: string[]): Promise<Document> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'apps/demo/dist', program), ...options], {
    env: { PATH: process.env['PATH'] },
  });
  return JSON.parse(stdout) as Document;
}

describe('npm run demo -- --json', () => {
  let providers: Readonly<Record<string, Story>>;

  beforeAll(async () => {
    ({ providers } = await printed<{ providers: Record<string, Story> }>('demo.js', '--json', '--candidates', '40'));
  }, 3 * MINUTES);

  it('tells of both ATSs', () => {
    expect(Object.keys(providers)).toEqual(['greenhouse', 'lever']);
  });

  describe.each(['greenhouse', 'lever'])('of %s', (provider) => {
    const story = (): Story => {
      const found = providers[provider];
      if (found === undefined) throw new Error(`The document says nothing of ${provider}.`);
      return found;
    };
    const skipped = (...reasons: string[]): number =>
      reasons.reduce((sum, reason) => sum + (story().skipped[reason] ?? 0), 0);

    it('accounts for every record of the account: imported, or skipped for a reason', () => {
      const { account, imported, quarantined } = story();
      expect(quarantined).toBe(0);
      expect(account.openJobs).toBeGreaterThan(0);
      expect(imported.jobs).toBe(account.jobs);
      expect(imported.stages).toBe(account.stages);
      expect(imported.applications + skipped('job-not-open', 'no-job', 'candidate-not-visible')).toBe(
        account.applications,
      );
      expect(imported.candidates + skipped('no-application-on-open-job')).toBe(account.candidates);
      expect(imported).toMatchObject(account.inScope);
      expect(imported.resumes).toBeGreaterThan(0);
    });

    it('changes nothing when it imports once more', () => {
      expect(story().again).toEqual({ created: 0, updated: 0 });
    });

    it('sees exactly the changes that were made', () => {
      const { made, seen } = story().incremental;
      expect(Object.keys(made).length).toBeGreaterThan(0);
      expect(seen).toEqual(made);
    });

    it('moves people on both sides: what goes out is taken once, what is done in the ATS comes in by its webhooks', () => {
      const { confirmed, sent, made, arrived, writes, mostTimes } = story().twoWays;
      expect(confirmed).toBeGreaterThan(0);
      expect(sent).toEqual({ confirmed: 3 });
      expect(made).toBeGreaterThan(2);
      expect(arrived).toBe(made);
      expect([writes, mostTimes]).toEqual([3, 1]);
    });
  });
});

const present = existsSync(join(RECORDINGS, 'lever'));
const recorded = present ? describe : describe.skip;

recorded(`npm run replay${present ? '' : ' (skipped: there are no recordings at ATS_RECORDINGS)'}`, () => {
  it(
    'imports all 300 recorded opportunities and sets none aside',
    async () => {
      const document = await printed('replay.js', join(RECORDINGS, 'lever'), '--all-jobs', '--json');
      expect(document).toMatchObject({ imported: { applications: 300 }, skipped: {}, quarantined: [] });
    },
    3 * MINUTES,
  );
});
