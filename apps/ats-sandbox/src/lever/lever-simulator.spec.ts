import { afterEach, describe, expect, it } from '@jest/globals';
import { BASE, closeSandboxes, postingOf, sandbox, type Row } from './testing/api-sandbox.js';

afterEach(closeSandboxes);

describe('the data', () => {
  it('is the same for the same seed and base date', async () => {
    const [first, second] = [await sandbox(), await sandbox()];
    expect(await first.walk('/opportunities')).toEqual(await second.walk('/opportunities'));
    expect(await first.walk('/postings')).toEqual(await second.walk('/postings'));
    expect((await (await sandbox({ seed: 8 })).walk('/opportunities'))[0]).not.toEqual(
      (await first.walk('/opportunities'))[0],
    );
  });

  it('has as many people as were asked for', async () => {
    const { account } = await sandbox({ candidates: 500 });
    expect(account.counts().candidates).toBe(500);
    expect(account.counts().applications / 500).toBeCloseTo(1.25, 0);
  });

  it('looks as an account does: mostly untouched rows, leads without location, archived ones, several states', async () => {
    const { walk } = await sandbox({ candidates: 2000 });
    const rows = await walk('/opportunities');
    const share = (test: (row: Row) => boolean): number => rows.filter(test).length / rows.length;
    expect(share((row) => row.updatedAt === null)).toBeCloseTo(0.95, 1);
    expect(share((row) => row.archived !== null)).toBeCloseTo(0.35, 1);
    expect(share((row) => row.applications.length === 0)).toBeCloseTo(0.15, 1);
    expect(rows.every((row) => (row.applications.length === 0) === !('opportunityLocation' in row))).toBe(true);
    expect(rows.filter((row) => row.isAnonymized).every((row) => row.name === '' && row.emails.length === 0)).toBe(
      true,
    );
    expect(rows.some((row) => row.isAnonymized)).toBe(true);
    const states = new Set((await walk('/postings')).map((posting) => posting.state));
    expect([...states].sort()).toEqual(
      ['closed', 'draft', 'internal', 'pending', 'published', 'rejected'].filter((state) => states.has(state)),
    );
    expect(states.size).toBeGreaterThanOrEqual(4);
  });

  it('keeps times in order and before the base date', async () => {
    const { walk } = await sandbox({ candidates: 1000 });
    for (const row of await walk('/opportunities')) {
      const times = [row.createdAt, row.lastAdvancedAt, row.lastInteractionAt, BASE];
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(row.createdAt).toBeGreaterThan(BASE - 731 * 86_400_000);
      if (row.updatedAt !== null)
        expect(row.updatedAt).toBeGreaterThanOrEqual(row.archived?.archivedAt ?? row.lastAdvancedAt);
      expect(row.stageChanges.at(-1)?.toStageId).toBe(row.stage);
    }
  });

  it('shows the same person on all their opportunities', async () => {
    const { walk } = await sandbox({ candidates: 1000 });
    const seen = new Map<string, Partial<Row>>();
    for (const row of await walk('/opportunities')) {
      const person = {
        name: row.name,
        headline: row.headline,
        emails: row.emails,
        phones: row.phones,
        links: row.links,
      };
      expect(seen.get(row.contact) ?? person).toEqual(person);
      seen.set(row.contact, person);
    }
  });
});

describe('paging', () => {
  it('walks every opportunity exactly once: by stage rank, then the latest advanced, then id', async () => {
    const { account, get, walk } = await sandbox({ candidates: 1500 });
    const stages = (await get('/stages')).body.data.map(({ id }) => id);
    const rows = await walk('/opportunities?limit=37');
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    expect(rows.length).toBe(account.visible().applications);
    const keys = rows.map(
      (row) => [stages.indexOf(row.stage), -row.lastAdvancedAt, row.id] as [number, number, string],
    );
    expect(keys).toEqual([...keys].sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1)));
  });

  it('gives a token that is percent-encoded text and takes only that, encoded once more', async () => {
    const { get } = await sandbox();
    const first = await get('/opportunities?limit=2');
    const token = first.body.next ?? '';
    expect(token).toMatch(/^%5B\d+(\.\d+)?%2C\d+%2C%22[0-9a-f-]{36}%22%5D$/);
    const second = await get(`/opportunities?limit=2&offset=${encodeURIComponent(token)}`);
    expect((JSON.parse(decodeURIComponent(token)) as string[])[2]).toBe(second.body.data[0]?.id);
    for (const wrong of [token, 'garbage', '%255B1%255D', '']) {
      const answer = await get(`/opportunities?offset=${wrong}`);
      expect([answer.status, answer.body]).toEqual([400, { code: 'BadRequestError', message: 'Invalid offset token' }]);
    }
  });

  it('has no next on the last page', async () => {
    const { get } = await sandbox({ candidates: 20 });
    expect(Object.keys((await get('/opportunities')).body)).toEqual(['data', 'hasNext']);
  });

  it('takes a limit from 1 to 100', async () => {
    const { get } = await sandbox();
    expect((await get('/opportunities')).body.data).toHaveLength(100);
    expect((await get('/opportunities?limit=1')).body.data).toHaveLength(1);
    for (const limit of ['0', '101', 'x', '-1', '1.5'])
      expect((await get(`/opportunities?limit=${limit}`)).status).toBe(400);
  });

  it('pages the short lists as well', async () => {
    const { walk } = await sandbox({ candidates: 3000 });
    for (const path of ['/postings', '/users', '/stages', '/archive_reasons', '/tags', '/sources']) {
      const all = await walk(path);
      expect(await walk(`${path}?limit=3`)).toEqual(all);
    }
  });

  it('is a moving window: what is moved on meanwhile is met where it is now', async () => {
    const { account, get, walk } = await sandbox({ candidates: 50 });
    const first = await get('/opportunities?limit=5');
    const moving = first.body.data[0]?.id;
    account.change({ operations: [{ op: 'move', application: moving, toStage: 'offer' }] });
    const rest = await walk(`/opportunities?limit=5`);
    expect(rest.filter((row) => row.id === moving)).toHaveLength(1);
    const following = await get(`/opportunities?limit=100&offset=${encodeURIComponent(first.body.next ?? '')}`);
    expect(following.body.data.map(({ id }) => id)).toContain(moving);
  });
});

describe('counts', () => {
  it('agree with what a walk through the API finds', async () => {
    const { account, walk } = await sandbox({ candidates: 1200 });
    account.change({
      moves: 20,
      edits: 10,
      newCandidates: 15,
      rejections: 5,
      hires: 5,
      newJobs: 2,
      jobsClosed: 2,
      jobsOpened: 1,
    });
    const rows = await walk('/opportunities?expand=applications');
    const postings = await walk('/postings');
    const open = new Set(
      postings.filter((posting) => ['published', 'internal'].includes(posting.state)).map((posting) => posting.id),
    );
    const inScope = rows.filter((row) => open.has(postingOf(row) ?? ''));
    const resumes = await Promise.all(
      inScope.map(async (row) => ((await walk(`/opportunities/${row.id}/resumes`)).length > 0 ? [row.contact] : [])),
    );
    const visible = account.visible();
    expect(visible).toMatchObject({
      jobs: postings.length,
      openJobs: open.size,
      applications: rows.length,
      candidates: new Set(rows.map((row) => row.contact)).size,
      withoutJob: rows.filter((row) => row.applications.length === 0).length,
      stages: (await walk('/stages')).length,
      inScope: {
        applications: inScope.length,
        candidates: new Set(inScope.map((row) => row.contact)).size,
        resumes: new Set(resumes.flat()).size,
      },
    });
    expect((await walk('/opportunities?confidentiality=all', 'confidential')).length).toBe(
      account.counts().applications,
    );
  });
});
