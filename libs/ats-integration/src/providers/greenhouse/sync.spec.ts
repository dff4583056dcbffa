import { describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../../contract.js';
import type { Responder, ScriptedAnswer } from '../../testing/index.js';
import { createProviderContext, readStream } from '../../testing/index.js';
import { greenhouse } from './index.js';

const contextOver = (respond: Responder, scopes: readonly string[] = []) =>
  createProviderContext({
    provider: greenhouse,
    config: { clientId: 'client-1', clientSecret: 'secret' },
    respond,
    scopes,
  });
const BASE = 'https://harvest.greenhouse.io/v3';
const page = (rows: readonly unknown[], next?: string): ScriptedAnswer => ({
  body: rows,
  ...(next === undefined ? {} : { headers: { link: next } }),
});
const link = (path: string, cursor: string) => `<${BASE}${path}?cursor=${cursor}>; rel="next"`;
const faultOf = async (work: Promise<unknown>): Promise<ProviderFault> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderFault)) throw new Error('no fault was thrown');
  return error;
};
const candidateRow = (id: number) => ({ id, first_name: 'A', last_name: 'B' });
const applicationRow = (id: number, fields: object = {}) => ({
  id,
  candidate_id: 1,
  status: 'in_process',
  job_interview_stage_id: 7,
  ...fields,
});
/** Answers by path; what is not scripted is an empty list. */
const script =
  (answers: Record<string, (query: URLSearchParams) => ScriptedAnswer>): Responder =>
  ({ path, query }) =>
    answers[path]?.(query) ?? page([]);

describe('paging', () => {
  it('sends filters once and then the cursor alone', async () => {
    const context = contextOver(({ query }) =>
      query.has('cursor') ? page([candidateRow(1)]) : page([candidateRow(2)], link('/candidates', 'abc_-==')),
    );
    const request = {
      mode: 'changes',
      since: new Date('2026-01-01T00:00:00Z'),
      until: new Date('2026-01-02T00:00:00Z'),
    } as const;
    const pages = await readStream(greenhouse, context, 'candidates', request);
    expect(pages.map((one) => one.next)).toEqual([{ part: 0, next: 'abc_-==' }, null]);
    expect(Object.fromEntries(context.sent[0]?.query ?? [])).toEqual({
      updated_at: 'gte|2026-01-01T00:00:00.000Z|lte|2026-01-02T00:00:00.000Z',
      per_page: '500',
    });
    expect(Object.fromEntries(context.sent[1]?.query ?? [])).toEqual({ cursor: 'abc_-==' });
  });

  it('resumes at its cursor with the cursor alone', async () => {
    const context = contextOver(() => page([candidateRow(1)]));
    await readStream(greenhouse, context, 'candidates', { mode: 'full' }, { part: 0, next: 'abc' });
    expect(context.sent.map((request) => request.url.search)).toEqual(['?cursor=abc']);
  });

  it('finds the next link among others and in any spelling', async () => {
    for (const header of [
      `<${BASE}/candidates?cursor=p>; rel="prev", <${BASE}/candidates?cursor=n>; rel="next"`,
      `<${BASE}/candidates?cursor=n>; title="x"; rel=next`,
      `</v3/candidates?cursor=n>; REL="next"`,
    ]) {
      const context = contextOver(({ query }) => (query.has('cursor') ? page([]) : page([candidateRow(2)], header)));
      await readStream(greenhouse, context, 'candidates');
      expect(context.sent[1]?.query.get('cursor')).toBe('n');
    }
  });

  it.each([
    '<https://attacker.example/v3/candidates?cursor=n>; rel="next"',
    '<https://harvest.greenhouse.io.attacker.example/v3/candidates?cursor=n>; rel="next"',
    '<https://harvest.greenhouse.io/other?cursor=n>; rel="next"',
    '<http://harvest.greenhouse.io/v3/candidates?cursor=n>; rel="next"',
    `<${BASE}/candidates?page=2>; rel="next"`,
    '<https://[>; rel="next"',
  ])('refuses the next link %s and asks nobody else', async (header) => {
    const context = contextOver(() => page([candidateRow(2)], header));
    expect((await faultOf(readStream(greenhouse, context, 'candidates'))).code).toBe('unexpected-shape');
    expect(context.sent.map((request) => request.url.host)).toEqual(['harvest.greenhouse.io']);
  });

  it('stops at cursors that lead in a circle', async () => {
    const fault = await faultOf(
      readStream(
        greenhouse,
        contextOver(() => page([candidateRow(2)], link('/candidates', 'same'))),
        'candidates',
      ),
    );
    expect(fault.message).toContain('never end');
  });

  it.each([[{ candidates: [] }], [null], ['text'], [undefined]])('calls %j no list', async (body) => {
    expect(
      (
        await faultOf(
          readStream(
            greenhouse,
            contextOver(() => ({ body })),
            'candidates',
          ),
        )
      ).code,
    ).toBe('unexpected-shape');
  });

  it('calls a page of nulls a failure of Greenhouse and not an empty account', async () => {
    expect(
      (
        await faultOf(
          readStream(
            greenhouse,
            contextOver(() => page([null, null])),
            'candidates',
          ),
        )
      ).code,
    ).toBe('unexpected-shape');
  });

  it.each([['text'], [{ next: 5 }], [{ part: 3, next: null }], [{ part: 0, next: '' }]])(
    'takes a cursor that is not ours (%j) for an expired place and never for a start from the beginning',
    async (cursor) => {
      const context = contextOver(() => page([]));
      expect((await faultOf(readStream(greenhouse, context, 'candidates', { mode: 'full' }, cursor))).code).toBe(
        'cursor-expired',
      );
      expect(context.sent).toEqual([]);
    },
  );

  it('asks for ids fifty at a time', async () => {
    const remoteIds = Array.from({ length: 120 }, (_, index) => String(index + 1));
    const context = contextOver(({ query }) =>
      page((query.get('ids') ?? '').split(',').map((id) => candidateRow(Number(id)))),
    );
    const pages = await readStream(greenhouse, context, 'candidates', { mode: 'ids', remoteIds });
    expect(pages.map((one) => one.records.length)).toEqual([50, 50, 20]);
    const rest = await readStream(
      greenhouse,
      context,
      'candidates',
      { mode: 'ids', remoteIds },
      pages[0]?.next ?? null,
    );
    expect(rest).toEqual(pages.slice(1));
  });

  it.each(['jobs', 'stages', 'candidates', 'applications'])(
    'finds %s by id and is silent about those that are gone',
    async (name) => {
      const remoteIds = Array.from({ length: 51 }, (_, index) => String(index + 1));
      const row = { id: 2, job_id: 5, candidate_id: 1, status: 'rejected', name: 'A', first_name: 'A' };
      const context = contextOver(({ query }) => {
        const asked = (query.get('ids') ?? '').split(',');
        return page(asked.includes('2') && query.get('active') !== 'false' ? [row] : []);
      });
      const pages = await readStream(greenhouse, context, name, { mode: 'ids', remoteIds });
      expect(pages.flatMap((one) => one.records.map((record) => record.remoteId))).toEqual(['2']);
      expect(pages.flatMap((one) => [...one.rejected, ...one.withheld])).toEqual([]);
      const asked = context.sent.flatMap(({ query }) => query.get('ids')?.split(',').length ?? []);
      expect(Math.max(...asked)).toBe(50);
    },
  );

  it('names the scope of a list that is refused', async () => {
    const fault = await faultOf(
      readStream(
        greenhouse,
        contextOver(() => ({ status: 403, body: { message: 'Forbidden' } })),
        'stages',
      ),
    );
    expect(fault).toMatchObject({
      code: 'forbidden-scope',
      message: expect.stringContaining('harvest:job_interview_stages:list'),
    });
    expect(fault.message).toContain('Site Admin');
  });
});

describe('candidates', () => {
  it('who are private come as stubs and are withheld, not rejected', async () => {
    const [first] = await readStream(
      greenhouse,
      contextOver(() => page([candidateRow(1), { message: 'This candidate is private' }])),
      'candidates',
    );
    expect(first).toMatchObject({
      records: [{ remoteId: '1' }],
      rejected: [],
      withheld: [{ kind: 'candidate', remoteId: null, reason: 'private' }],
    });
  });

  it('may be a page of stubs only', async () => {
    const [first] = await readStream(
      greenhouse,
      contextOver(() => page([{ message: 'private' }])),
      'candidates',
    );
    expect(first?.withheld).toHaveLength(1);
  });

  it('that do not parse are rejected one by one', async () => {
    const [first] = await readStream(
      greenhouse,
      contextOver(() => page([{ id: 1, tags: [7] }, candidateRow(2), 5])),
      'candidates',
    );
    expect(first?.rejected).toEqual([
      { kind: 'candidate', remoteId: '1', reason: 'tags[0]: expected string, received number' },
      { kind: 'candidate', remoteId: null, reason: 'row: expected object, received number' },
    ]);
  });
});

describe('applications', () => {
  it('without the stage of their job have it asked for, fifty at a time, and only those in a stage', async () => {
    const rows = [
      ...Array.from({ length: 60 }, (_, index) =>
        applicationRow(index + 1, { job_interview_stage_id: undefined, stage_id: 1000 + index + 1 }),
      ),
      applicationRow(100),
      applicationRow(101, { job_interview_stage_id: null, status: 'rejected' }),
    ];
    const context = contextOver(
      script({
        '/applications': () => page(rows),
        '/application_stages': (query) =>
          page(
            (query.get('application_ids') ?? '').split(',').map((id) => ({
              id: 1000 + Number(id),
              application_id: Number(id),
              job_interview_stage_id: 70,
              current: true,
            })),
          ),
      }),
    );
    const [first] = await readStream(greenhouse, context, 'applications');
    const asked = context.sent.filter((request) => request.path === '/application_stages');
    expect(asked.map(({ query }) => [query.get('application_ids')?.split(',').length, query.get('current')])).toEqual([
      [50, 'true'],
      [10, 'true'],
    ]);
    const stages = first?.records.map((record) => (record.kind === 'application' ? record.stageRemoteId : ''));
    expect(stages?.slice(0, 60).every((stage) => stage === '70')).toBe(true);
    expect(stages?.slice(60)).toEqual(['7', null]);
  });

  it('that all name their stage cost one request, and one more a run where a source is to be named', async () => {
    const context = contextOver(
      script({
        '/applications': (query) =>
          query.has('cursor')
            ? page([applicationRow(1, { source_id: 12 })])
            : page([applicationRow(2, { source_id: 12 })], link('/applications', 'n')),
        '/sources': () => page([{ id: 12, name: 'Referral' }]),
      }),
    );
    const pages = await readStream(greenhouse, context, 'applications');
    expect(pages.flatMap((one) => one.records)).toMatchObject([{ source: 'Referral' }, { source: 'Referral' }]);
    expect(context.sent.map((request) => request.path)).toEqual(['/applications', '/sources', '/applications']);
  });

  it('come without the name of their source where sources may not be listed', async () => {
    const context = contextOver(
      script({
        '/applications': () => page([applicationRow(1, { source_id: 12 })]),
        '/sources': () => ({ status: 403 }),
      }),
    );
    expect((await readStream(greenhouse, context, 'applications'))[0]?.records).toMatchObject([{ source: null }]);
  });

  it('of some jobs are asked for fifty jobs at a time, every chunk to its end', async () => {
    const jobRemoteIds = Array.from({ length: 60 }, (_, index) => String(index + 1));
    const respond: Responder = ({ query }) =>
      query.has('cursor')
        ? page([applicationRow(9)])
        : page([applicationRow(8)], link('/applications', `after-${query.get('job_ids')?.slice(0, 2)}`));
    const context = contextOver(respond);
    const pages = await readStream(greenhouse, context, 'applications', { mode: 'of-jobs', jobRemoteIds });
    expect(pages.map((one) => one.next)).toEqual([
      { part: 0, next: 'after-1,' },
      { part: 1, next: null },
      { part: 1, next: 'after-51' },
      null,
    ]);
    expect(
      await readStream(
        greenhouse,
        contextOver(respond),
        'applications',
        { mode: 'of-jobs', jobRemoteIds },
        pages[1]?.next ?? null,
      ),
    ).toEqual(pages.slice(2));
  });

  it('stop, naming the scope, when stages must be asked for and may not be', async () => {
    const context = contextOver(
      script({
        '/applications': () => page([applicationRow(1, { job_interview_stage_id: null, stage_id: 5 })]),
        '/application_stages': () => ({ status: 403 }),
      }),
    );
    expect((await faultOf(readStream(greenhouse, context, 'applications'))).message).toContain(
      'harvest:application_stages:list',
    );
  });
});

describe('applications of a connection without the scope of the stage history', () => {
  it('come with the name of their stage alone, and nothing is asked in vain', async () => {
    const rows = [applicationRow(1, { job_interview_stage_id: null, stage_id: 5, stage_name: 'Onsite' })];
    const context = contextOver(script({ '/applications': () => page(rows) }), ['harvest:applications:list']);
    const [first] = await readStream(greenhouse, context, 'applications');
    expect(first?.records).toMatchObject([{ stageRemoteId: null, stageName: 'Onsite', status: 'active' }]);
    expect(context.sent.map(({ path }) => path)).toEqual(['/applications']);
  });
});

describe('the stage history', () => {
  const window = {
    mode: 'changes',
    since: new Date('2026-01-01T00:00:00Z'),
    until: new Date('2026-01-02T00:00:00Z'),
  } as const;
  const stay = (id: number, fields: object = {}) => ({
    id,
    application_id: 1,
    job_interview_stage_id: 7,
    updated_at: '2026-01-01T12:00:00Z',
    ...fields,
  });

  it('is every row that changed in the window, current or not; one of no stage says nothing', async () => {
    const context = contextOver(
      script({
        '/application_stages': (query) =>
          query.has('cursor')
            ? page([stay(1, { exited_at: '2026-01-01T12:00:00Z' }), { id: 9 }])
            : page([stay(3), stay(2, { job_interview_stage_id: null })], link('/application_stages', 'abc')),
      }),
    );
    const pages = await readStream(greenhouse, context, 'stage-history', window);
    expect(pages.flatMap(({ records }) => records)).toMatchObject([
      { kind: 'stage-stay', remoteId: '3', leftAt: null },
      { kind: 'stage-stay', remoteId: '1', leftAt: new Date('2026-01-01T12:00:00Z') },
    ]);
    expect(pages.flatMap(({ rejected }) => rejected)).toMatchObject([{ kind: 'stage-stay', remoteId: '9' }]);
    expect(context.sent.map(({ query }) => Object.fromEntries(query))).toEqual([
      { updated_at: 'gte|2026-01-01T00:00:00.000Z|lte|2026-01-02T00:00:00.000Z', per_page: '500' },
      { cursor: 'abc' },
    ]);
  });

  it('can be left out by the deployment and by a connection, and is never read in full', () => {
    const stream = greenhouse.streams.find(({ name }) => name === 'stage-history');
    const config = (options: object) => greenhouse.config.parse({ clientId: 'c', clientSecret: 's', ...options });
    expect(stream).toMatchObject({ modes: ['changes'], optional: true });
    expect(stream?.wanted?.(config({}))).toBe(true);
    expect(stream?.wanted?.(config({ stageHistory: false }))).toBe(false);
  });

  it('is a missing scope, by name, without a request where that is known', async () => {
    const refusing = contextOver(() => ({ status: 403 }));
    const without = contextOver(() => page([]), ['harvest:applications:list']);
    for (const context of [refusing, without]) {
      const fault = await faultOf(readStream(greenhouse, context, 'stage-history', window));
      expect(fault.code).toBe('forbidden-scope');
      expect(fault.message).toContain('harvest:application_stages:list');
    }
    expect([refusing.sent.length, without.sent.length]).toEqual([1, 0]);
    const granted = contextOver(() => page([]), ['harvest:application_stages:list']);
    expect(await readStream(greenhouse, granted, 'stage-history', window)).toHaveLength(1);
  });
});

describe('jobs', () => {
  it('show names and descriptions from the lists beside them; templates are withheld', async () => {
    const context = contextOver(
      script({
        '/jobs': () =>
          page([
            { id: 2, name: 'Engineer', status: 'open', department_id: 51, office_ids: [61] },
            { id: 1, name: 'Template', status: 'draft', is_template: true },
          ]),
        '/departments': () => page([{ id: 51, name: 'Engineering' }]),
        '/offices': () => page([{ id: 61, name: 'Paris' }]),
        '/job_posts': () =>
          page([{ id: 9, job_id: 2, content: '<p>Build</p>', live: true }, { id: 10, job_id: 3 }, { nonsense: true }]),
      }),
    );
    const [first] = await readStream(greenhouse, context, 'jobs');
    expect(first?.records).toMatchObject([
      { remoteId: '2', department: 'Engineering', location: 'Paris', descriptionHtml: '<p>Build</p>' },
    ]);
    expect(first?.withheld).toEqual([{ kind: 'job', remoteId: '1', reason: 'template' }]);
    expect(context.sent.find((request) => request.path === '/job_posts')?.query.get('job_ids')).toBe('2');
  });

  it('come without what may not be listed, but not without themselves', async () => {
    const refuse = () => ({ status: 403 });
    const context = contextOver(
      script({
        '/jobs': () => page([{ id: 2, name: 'Engineer', status: 'open', department_id: 51 }]),
        '/departments': refuse,
        '/offices': () => ({ status: 404 }),
        '/job_posts': refuse,
      }),
    );
    expect((await readStream(greenhouse, context, 'jobs'))[0]?.records).toMatchObject([
      { department: null, descriptionHtml: null },
    ]);
  });

  it('stop when a list beside them fails for the moment: a job must not lose its department to an outage', async () => {
    const context = contextOver(
      script({
        '/jobs': () => page([{ id: 2, name: 'Engineer', status: 'open' }]),
        '/departments': () => ({ status: 503 }),
      }),
    );
    expect((await faultOf(readStream(greenhouse, context, 'jobs'))).code).toBe('unavailable');
  });

  it('of which there are none cost one request', async () => {
    const context = contextOver(() => page([]));
    await readStream(greenhouse, context, 'jobs');
    expect(context.sent).toHaveLength(1);
  });
});

describe('stages', () => {
  it('are read twice, active and inactive, and resume between', async () => {
    const respond: Responder = ({ query }) =>
      page([
        {
          id: query.get('active') === 'true' ? 1 : 2,
          job_id: 3,
          name: 'S',
          sort_order: 0,
          active: query.get('active') === 'true',
        },
      ]);
    const pages = await readStream(greenhouse, contextOver(respond), 'stages');
    expect(pages.flatMap((one) => one.records)).toMatchObject([
      { remoteId: '1', active: true },
      { remoteId: '2', active: false },
    ]);
    expect(
      await readStream(greenhouse, contextOver(respond), 'stages', { mode: 'full' }, pages[0]?.next ?? null),
    ).toEqual(pages.slice(1));
  });
});

describe('résumés', () => {
  const attachment = (id: number, fields: object = {}) => ({
    id,
    application_id: 8,
    candidate_id: 3,
    type: 'resume',
    filename: 'cv.pdf',
    url: `https://files.example/${id}`,
    ...fields,
  });

  it('are the attachments of that type, with the candidate looked up where the attachment does not say', async () => {
    const context = contextOver(
      script({
        '/attachments': () =>
          page([
            attachment(1),
            attachment(2, { candidate_id: null }),
            attachment(3, { type: 'cover_letter' }),
            attachment(4, { candidate_id: null, application_id: 9 }),
          ]),
        '/applications': () => page([applicationRow(8, { candidate_id: 33 })]),
      }),
    );
    const [first] = await readStream(greenhouse, context, 'resumes');
    expect(context.sent[0]?.query.get('type')).toBe('resume');
    expect(first?.records).toMatchObject([
      { remoteId: '1', candidateRemoteId: '3' },
      { remoteId: '2', candidateRemoteId: '33' },
    ]);
    expect(first?.rejected).toMatchObject([{ kind: 'resume', remoteId: '4' }]);
  });

  it('of some jobs come by way of their applications', async () => {
    const context = contextOver(
      script({ '/applications': () => page([applicationRow(8)]), '/attachments': () => page([attachment(1)]) }),
    );
    const [first] = await readStream(greenhouse, context, 'resumes', { mode: 'of-jobs', jobRemoteIds: ['5'] });
    expect(first?.records).toHaveLength(1);
    expect(context.sent.map((request) => request.url.search)).toEqual([
      '?job_ids=5&per_page=500',
      '?type=resume&application_ids=8&per_page=500',
    ]);
  });

  it('are fetched at the link of the listing, at a new one when that has ended, and not at all when they are gone', async () => {
    const resume = (expired: boolean) => ({
      remoteId: '1',
      locator: { attachment: '1', url: 'https://files.example/old' },
      expired,
    });
    const context = contextOver(() => page([attachment(1)]));
    expect(await greenhouse.resumes?.locate(context, resume(false))).toEqual({
      url: 'https://files.example/old',
      authorised: false,
    });
    expect(context.sent).toEqual([]);
    expect(await greenhouse.resumes?.locate(context, resume(true))).toEqual({
      url: 'https://files.example/1',
      authorised: false,
    });
    expect(
      await greenhouse.resumes?.locate(
        contextOver(() => page([])),
        resume(true),
      ),
    ).toBeNull();
    await expect(greenhouse.resumes?.locate(context, { ...resume(true), locator: 'x' })).rejects.toThrow(ProviderFault);
  });
});
