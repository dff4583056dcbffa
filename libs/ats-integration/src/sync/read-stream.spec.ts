import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../contract/fault.js';
import { aCandidate, aJob, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';

const PAGES = 5;
const EVERYBODY = Array.from({ length: PAGES }, (_, index) => `a${index}`);

const unavailable = (): ProviderFault => new ProviderFault('unavailable', 'Scripted did not answer.');

describe('ReadStream', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    connection = await ats.connect();
    script.before = () => undefined;
    script.asked.length = 0;
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set(
      'opportunities',
      EVERYBODY.map((id, index) => ({ records: [aCandidate(`c${index}`), anApplication(id)] })),
    );
  });

  const cursorOf = (runId: string): Promise<unknown> =>
    ats.database.value(`select cursor from ats.sync_streams where run_id = $1 and stream = 'opportunities'`, [runId]);

  it.each(EVERYBODY.map((_, page) => page))(
    'keeps everything before page %d when that page fails, and goes on there without asking for an earlier one',
    async (failing) => {
      script.before = ({ stream, page }) => {
        if (stream === 'opportunities' && page === failing) throw unavailable();
      };
      const run = await ats.sync(connection);
      expect(run.status).toBe('queued');
      expect(await ats.hosted(connection)).toEqual(EVERYBODY.slice(0, failing));
      expect(await cursorOf(run.id)).toEqual(failing === 0 ? null : { page: failing });

      script.before = () => undefined;
      script.asked.length = 0;
      expect((await ats.work(run.id)).status).toBe('completed');
      expect(await ats.hosted(connection)).toEqual(EVERYBODY);
      expect(script.fetches('opportunities')).toEqual(
        Array.from({ length: PAGES - failing }, (_, index) => `full:${failing + index}`),
      );
      expect(script.fetches('jobs')).toEqual([]);
    },
  );

  it('fetches at most one page ahead of the one that could not be committed', async () => {
    ats.pipeline.before = (batch) => {
      if (batch.candidates.some(({ record }) => record.remoteId === 'c2')) throw new Error('The host is ill.');
    };
    const run = await ats.sync(connection);
    ats.pipeline.before = () => undefined;
    expect(await ats.hosted(connection)).toEqual(['a0', 'a1']);
    expect(script.fetches('opportunities').at(-1)).toMatch(/full:[23]/);
    script.asked.length = 0;
    await ats.work(run.id);
    expect(await ats.hosted(connection)).toEqual(EVERYBODY);
    expect(script.fetches('opportunities')).toEqual(['full:2', 'full:3', 'full:4']);
  });

  it('begins a list anew when the ATS forgot the cursor, and changes nothing of what it brought before', async () => {
    let forgot = false;
    script.before = ({ stream, page }) => {
      if (stream !== 'opportunities' || page !== 3 || forgot) return;
      forgot = true;
      throw new ProviderFault('cursor-expired', 'Scripted forgot the cursor.');
    };
    const run = await ats.sync(connection);
    expect(run.status).toBe('completed');
    expect(await ats.hosted(connection)).toEqual(EVERYBODY);
    expect(script.fetches('opportunities').filter((fetch) => fetch === 'full:0')).toHaveLength(2);
  });

  it('counts nobody twice when the list began anew', async () => {
    let forgot = false;
    script.before = ({ stream, page }) => {
      if (stream !== 'opportunities' || page !== 3 || forgot) return;
      forgot = true;
      throw new ProviderFault('cursor-expired', 'Scripted forgot the cursor.');
    };
    const run = await ats.sync(connection);
    const [row] = await ats.database.rows<{ counts: { application: object }; pages: number }>(
      `select counts, pages::int as pages from ats.sync_streams where run_id = $1 and stream = 'opportunities'`,
      [run.id],
    );
    expect(row?.counts.application).toMatchObject({ seen: 5, updated: 0 });
    expect(row?.pages).toBe(5);
  });

  it('does not begin a list anew for ever: the second time in one attempt the run waits', async () => {
    script.before = ({ stream, page }) => {
      if (stream === 'opportunities' && page === 2) throw new ProviderFault('cursor-expired', 'Forgotten again.');
    };
    expect((await ats.sync(connection)).status).toBe('queued');
    expect(script.fetches('opportunities').filter((fetch) => fetch === 'full:0')).toHaveLength(2);
    expect(await ats.hosted(connection)).toEqual(['a0', 'a1']);
  });

  it("keeps its cursor when another list's expired cursor stops the run", async () => {
    // `opportunities` waits for jobs and stages; make it stop while a list beside it gives up.
    const beside = new ScriptedAts([
      { name: 'jobs', kinds: ['job'] },
      { name: 'users', kinds: ['user'] },
    ]);
    const other = await RunningAts.start({ provider: beside.provider });
    const id = await other.connect();
    beside.scripts.set('users', [{ records: [] }]);
    beside.scripts.set(
      'jobs',
      EVERYBODY.map((jobId) => ({ records: [aJob(jobId)] })),
    );
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let committed = 0;
    other.pipeline.before = () => void (committed += 1);
    beside.before = async ({ stream, page }) => {
      if (stream === 'jobs' && page === 2) await held;
      if (stream !== 'users') return;
      while (committed < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      setTimeout(release, 1_000);
      throw new ProviderFault('cursor-expired', 'Forgotten.');
    };
    const run = await other.sync(id);
    expect(run.status).toBe('queued');
    expect(
      await other.database.value(`select cursor from ats.sync_streams where run_id = $1 and stream = 'jobs'`, [run.id]),
    ).toEqual({ page: 2 });
    await other.stop();
  });

  it('stops an ATS that leads back to a page it gave before', async () => {
    script.scripts.set('opportunities', [
      { records: [aCandidate('c0'), anApplication('a0')] },
      { records: [aCandidate('c1'), anApplication('a1')] },
      { records: [aCandidate('c2'), anApplication('a2')], next: { page: 1 } },
    ]);
    const run = await ats.sync(connection);
    expect(script.fetches('opportunities').length).toBeLessThanOrEqual(4);
    expect(run).toMatchObject({ status: 'failed', fault_code: 'invalid-request' });
    expect(run.fault_message).toContain('leads back to a page');
    expect(await ats.hosted(connection)).toEqual(['a0', 'a1']);
  });

  it('takes a page that comes twice as it is', async () => {
    const page = { records: [aCandidate('c0'), anApplication('a0')] };
    script.scripts.set('opportunities', [page, page, page]);
    expect((await ats.sync(connection)).status).toBe('completed');
    expect(await ats.hosted(connection)).toEqual(['a0']);
  });

  it('ends a list that has no pages at all', async () => {
    script.scripts.set('opportunities', []);
    const run = await ats.sync(connection);
    expect(run.status).toBe('completed');
    expect(
      await ats.database.value(`select count(*)::int from ats.sync_streams where run_id = $1 and status <> 'done'`, [
        run.id,
      ]),
    ).toBe(0);
  });

  it('ends a list whose last page promised another one that does not exist', async () => {
    script.scripts.set('opportunities', [{ records: [aCandidate('c0'), anApplication('a0')], next: { page: 7 } }]);
    expect((await ats.sync(connection)).status).toBe('completed');
    expect(await ats.hosted(connection)).toEqual(['a0']);
  });
});
