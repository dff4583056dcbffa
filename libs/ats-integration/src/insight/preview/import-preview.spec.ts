import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionOverview } from '../connection-overview.js';
import { ProviderFault } from '../../contract/fault.js';
import { StageMapper } from '../../sync/stage-mapper.js';
import { aCandidate, aJob, aStage, anApplication } from '../../testing-support/records.js';
import { RunningAts } from '../../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../../testing-support/scripted-ats.js';
import type { ScriptedPage } from '../../testing-support/scripted-ats.js';
import { ImportPreview } from './import-preview.js';
import type { PreviewLimits } from './import-preview.js';
import type { ImportPreviewReport } from './preview-report.js';

const email = (value: string) => [{ value, type: null }];

describe('ImportPreview', () => {
  const script = new ScriptedAts([
    { name: 'jobs', kinds: ['job'] },
    { name: 'stages', kinds: ['stage'] },
    { name: 'applications', kinds: ['application'], modes: ['full', 'changes', 'of-jobs'] },
    { name: 'candidates', kinds: ['candidate'], modes: ['full', 'changes', 'ids'], after: ['applications'] },
  ]);
  let ats: RunningAts;
  let workspaceId: string;
  let connection: string;
  let workspaces = 0;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    workspaceId = `workspace-${(workspaces += 1)}`;
    connection = await ats.connect({ workspaceId });
    await ats.database.rows(
      `update ats.connections set scopes = '["everything"]', warnings = '["Ann does not see private candidates."]' where id = $1`,
      [connection],
    );
    script.asked.length = 0;
    script.before = () => undefined;
    account({ openJobs: 2, closedJobs: 1, people: 2 });
  });

  /** Jobs `o…` are open, `s…` are shut; every job has as many people. */
  function account(size: { openJobs: number; closedJobs: number; people: number; a?: number }): void {
    const open = Array.from({ length: size.openJobs }, (_, n) => aJob(`o${n}`));
    const shut = Array.from({ length: size.closedJobs }, (_, n) => aJob(`s${n}`, { remoteStatus: 'shut' }));
    script.scripts.set('jobs', [{ records: [...open, ...shut] }]);
    script.scripts.set('stages', [
      {
        records: [
          aStage('s1', { name: 'Offer', position: 3 }),
          aStage('s2', { name: 'Zork', position: 2 }),
          aStage('s3', { name: 'Phone screen', position: 1 }),
        ],
      },
    ]);
    const of = (job: string) =>
      Array.from({ length: size.people }, (_, n) =>
        anApplication(`a${job}-${n}`, { jobRemoteId: job, candidateRemoteId: `c${job}-${n}` }),
      );
    script.scripts.set('applications', (request) => {
      const jobs =
        request.mode === 'of-jobs' ? request.jobRemoteIds : [...open, ...shut].map(({ remoteId }) => remoteId);
      return pagesOf(jobs.flatMap(of), size.a ?? 100);
    });
    script.scripts.set('candidates', (request) => {
      const ids =
        request.mode === 'ids'
          ? request.remoteIds
          : [...open, ...shut].flatMap((job) => of(job.remoteId)).map(({ candidateRemoteId }) => candidateRemoteId);
      return pagesOf(
        ids.map((id) => aCandidate(id, { emails: email(`${id}@Mail.example`) })),
        50,
      );
    });
  }

  const preview = (limits?: PreviewLimits): Promise<ImportPreviewReport> =>
    ats.get(ImportPreview).preview(workspaceId, connection, limits);
  const contents = () =>
    ats.database.value<string>(
      `select string_agg(x, '|') from (
         select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as x from ats.connections t
         union all select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from ats.sync_runs t
         union all select count(*)::text from ats.jobs union all select count(*)::text from ats.stage_mappings
         union all select count(*)::text from ats.candidates union all select count(*)::text from ats.outbox_events
         union all select count(*)::text from ats.skipped_records union all select count(*)::text from ats.issues) s`,
    );

  it('counts exactly what the import then brings, and writes nothing', async () => {
    const before = await contents();
    const report = await preview();
    expect(await contents()).toBe(before);
    expect(report).toMatchObject({
      connectionId: connection,
      jobs: {
        total: { value: 3, precision: 'exact' },
        open: { value: 2, precision: 'exact' },
        byStatus: [
          { status: 'live', count: 2, open: true },
          { status: 'shut', count: 1, open: false },
        ],
      },
      stages: { total: { value: 3, precision: 'exact' } },
      people: {
        candidates: { value: 4, precision: 'exact' },
        applications: { value: 4, precision: 'exact' },
      },
      imported: { jobs: 0, candidates: 0, applications: 0 },
    });
    await ats.sync(connection);
    const { records } = await ats.get(ConnectionOverview).details(workspaceId, connection);
    expect(records).toMatchObject({
      jobs: report.jobs.total.value,
      openJobs: report.jobs.open.value,
      stages: report.stages.total.value,
      candidates: report.people.candidates.value,
      applications: report.people.applications.value,
    });
  });

  it('works as well for a connection that is synced, and says what is here already', async () => {
    await ats.sync(connection);
    const report = await preview();
    expect(report).toMatchObject({
      people: { candidates: { value: 4, precision: 'exact' } },
      imported: { jobs: 3, candidates: 4, applications: 4 },
      duplicates: { found: { value: 0, precision: 'exact' } },
    });
  });

  it('leaves out whoever the ATS does not show, as the import does', async () => {
    const all = script.scripts.get('candidates');
    script.scripts.set('candidates', (request) => {
      const pages = typeof all === 'function' ? all(request) : [];
      return pages.map((page) => ({ records: (page.records ?? []).filter(({ remoteId }) => remoteId !== 'co1-1') }));
    });
    const { people } = await preview();
    expect(people).toEqual({
      candidates: { value: 3, precision: 'exact' },
      applications: { value: 3, precision: 'exact' },
    });
    await ats.sync(connection);
    const { records } = await ats.get(ConnectionOverview).details(workspaceId, connection);
    expect(records).toMatchObject({ candidates: 3, applications: 3 });
  });

  it('lists the stages that nobody confirmed, the least certain first, with the reason of each suggestion', async () => {
    const { stages } = await preview();
    expect(stages.unconfirmed.map(({ name }) => name)).toEqual(['Zork', expect.anything(), 'Offer']);
    expect(stages.unconfirmed.at(-1)?.suggestion).toMatchObject({ confidence: 1, hostStageName: 'Offer' });
    await ats.sync(connection);
    const offer = stages.unconfirmed.at(-1);
    await ats
      .get(StageMapper)
      .confirm(workspaceId, connection, 'ann', [
        { key: offer?.key ?? '', hostStageId: offer?.suggestion?.hostStageId ?? '' },
      ]);
    expect((await preview()).stages.unconfirmed.map(({ name }) => name)).not.toContain('Offer');
  });

  it("finds people whom the workspace's other connections brought, and nobody of another workspace", async () => {
    const mine = await ats.connect({ workspaceId });
    const theirs = await ats.connect({ workspaceId: 'another' });
    for (const [id, remoteId, address] of [
      [mine, 'x1', ' CO0-0@mail.EXAMPLE'],
      [theirs, 'x2', 'co0-1@mail.example'],
    ] as const) {
      await ats.database.rows(
        `insert into ats.candidates (connection_id, remote_id, hash, version, name, emails, phones, links, tags, anonymised, custom_fields)
         values ($1, $2, 'h', 1, 'X', $3, '[]', '[]', '[]', false, '{}')`,
        [id, remoteId, JSON.stringify(email(address))],
      );
    }
    const id = await ats.database.value<string>(`select id from ats.candidates where connection_id = $1`, [mine]);
    expect((await preview()).duplicates).toEqual({
      checked: 4,
      found: { value: 1, precision: 'exact' },
      candidateIds: [id],
    });
  });

  it('asks the host instead, where it says who is there', async () => {
    const asked: unknown[] = [];
    Object.assign(ats.pipeline, {
      findByEmail: (...call: unknown[]) => {
        asked.push(call);
        return Promise.resolve([{ email: 'co0-1@mail.example', candidateId: 'elly-7' }]);
      },
    });
    try {
      expect((await preview()).duplicates).toMatchObject({ found: { value: 1 }, candidateIds: ['elly-7'] });
      expect(asked).toEqual([
        [workspaceId, expect.arrayContaining(['co0-1@mail.example']), { notOfConnection: connection }],
      ]);
    } finally {
      Reflect.deleteProperty(ats.pipeline, 'findByEmail');
    }
  });

  it('names what whoever authorised may not see: warnings, scopes and lists that were refused', async () => {
    await ats.database.rows(`update ats.connections set scopes = '[]' where id = $1`, [connection]);
    script.before = ({ stream }) => {
      if (stream === 'stages') throw new ProviderFault('forbidden-scope', 'Scripted does not show its stages.');
    };
    const report = await preview();
    expect(report.missingPermissions).toEqual([
      'The scope "everything" was not granted.',
      'Ann does not see private candidates.',
      'Scripted does not show its stages.',
    ]);
    expect(report.stages.total).toEqual({ value: 0, precision: 'at-least' });
  });

  it.each([5, 12, 20])('never asks for more than %i requests, however large the account is', async (requests) => {
    account({ openJobs: 300, closedJobs: 500, people: 40, a: 100 });
    const report = await preview({ requests });
    expect(script.asked.length).toBeLessThanOrEqual(requests);
    expect(report.requests).toBeLessThanOrEqual(requests);
  });

  it('reckons the people of a large account from jobs drawn by lot, and says that it did', async () => {
    account({ openJobs: 300, closedJobs: 500, people: 40, a: 100 });
    const { people, duplicates, cost } = await preview();
    expect(people.applications.precision).toBe('estimate');
    expect(people.applications.value).toBeGreaterThan(0.8 * 12_000);
    expect(people.applications.value).toBeLessThan(1.2 * 12_000);
    expect(people.candidates.precision).toBe('estimate');
    expect(duplicates.checked).toBeGreaterThan(0);
    expect(duplicates.checked).toBeLessThan(12_000);
    expect(duplicates.found.precision).toBe('estimate');
    // 32,000 applications and as many people, a hundred a page.
    expect(cost.requests.value).toBeGreaterThan(500);
    expect(cost.requests.value).toBeLessThan(800);
  });

  it('does not read on where the ATS says how many there are', async () => {
    account({ openJobs: 20, closedJobs: 0, people: 50, a: 10 });
    const pages = script.scripts.get('applications');
    const counted: ScriptedAts['provider']['streams'] = script.provider.streams.map((stream) => ({
      ...stream,
      async *pages(context, request, cursor) {
        const all = typeof pages === 'function' ? pages(request) : [];
        const total = all.reduce((sum, page) => sum + (page.records?.length ?? 0), 0);
        for await (const page of stream.pages(context, request, cursor))
          yield stream.name === 'applications' ? { ...page, total } : page;
      },
    }));
    const original = script.provider.streams;
    Object.assign(script.provider, { streams: counted });
    try {
      const { people, requests } = await preview();
      expect(people.applications).toEqual({ value: 1000, precision: 'exact' });
      expect(requests).toBeLessThanOrEqual(20);
    } finally {
      Object.assign(script.provider, { streams: original });
    }
  });

  it('stops when its time is over, with what it has by then', async () => {
    script.before = ({ stream }) =>
      stream === 'applications' ? new Promise((_, reject) => setTimeout(reject, 400, new Error('stopped'))) : undefined;
    const report = await preview({ seconds: 0.2 });
    expect(report.jobs.total).toEqual({ value: 3, precision: 'exact' });
    expect(report.people.applications).toEqual({ value: 0, precision: 'at-least' });
  });

  it('is taken once for two who ask at the same time', async () => {
    // Long enough for the second to find the first at it.
    script.before = ({ stream }) =>
      stream === 'jobs' ? new Promise((resolve) => setTimeout(resolve, 500)) : undefined;
    const [one, other] = await Promise.all([preview(), preview()]);
    expect(other).toEqual(one);
    expect(script.fetches('jobs')).toHaveLength(1);
  });

  it('imports people of all jobs where the connection is set so', async () => {
    await ats.database.rows(`update ats.connections set settings = '{"openJobsOnly": false}' where id = $1`, [
      connection,
    ]);
    const { people } = await preview();
    expect(people).toMatchObject({ applications: { value: 6, precision: 'exact' }, candidates: { value: 6 } });
  });

  it('is refused without a connection that works, and for a stranger (ASVS 8.2.2)', async () => {
    await expect(ats.get(ImportPreview).preview('another', connection)).rejects.toMatchObject({ code: 'not-found' });
    await ats.database.rows(`update ats.connections set status = 'reconnect_required' where id = $1`, [connection]);
    await expect(preview()).rejects.toMatchObject({ code: 'not-connected' });
    await ats.database.rows(`update ats.connections set status = 'suspended' where id = $1`, [connection]);
    await expect(preview()).rejects.toMatchObject({ code: 'suspended' });
  });
});

describe('ImportPreview where people and applications come in one row', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());

  it('counts a person with two applications once, and what could not be read', async () => {
    const connection = await ats.connect({ workspaceId: 'together' });
    script.scripts.set('jobs', [{ records: [aJob('j1'), aJob('j2')] }]);
    const page: ScriptedPage = {
      records: [
        aCandidate('c1', { emails: email('c1@mail.example') }),
        anApplication('a1'),
        anApplication('a2', { candidateRemoteId: 'c1', jobRemoteId: 'j2' }),
      ],
      rejected: [{ kind: 'application', remoteId: 'a3', reason: 'stage: expected string' }],
    };
    script.scripts.set('opportunities', (request) =>
      request.mode === 'of-jobs'
        ? [{ ...page, records: page.records?.filter((row) => isOf(row, request.jobRemoteIds)) }]
        : [page],
    );
    const report = await ats.get(ImportPreview).preview('together', connection);
    expect(report.people).toEqual({
      candidates: { value: 1, precision: 'exact' },
      applications: { value: 2, precision: 'exact' },
    });
    expect(report.setAside).toEqual([{ kind: 'application', reason: 'unreadable', count: expect.any(Number) }]);
    await ats.sync(connection);
    const { records } = await ats.get(ConnectionOverview).details('together', connection);
    expect(records).toMatchObject({ candidates: 1, applications: 2 });
  });
});

function isOf(row: NonNullable<ScriptedPage['records']>[number], jobs: readonly string[]): boolean {
  return row.kind !== 'application' || (row.jobRemoteId !== null && jobs.includes(row.jobRemoteId));
}

function pagesOf(records: NonNullable<ScriptedPage['records']>, size: number): ScriptedPage[] {
  const count = Math.max(1, Math.ceil(records.length / size));
  return Array.from({ length: count }, (_, page) => ({ records: records.slice(page * size, (page + 1) * size) }));
}
