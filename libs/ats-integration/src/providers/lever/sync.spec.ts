import { describe, expect, it } from '@jest/globals';
import type { StreamRequest } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import type { Responder, ScriptedAnswer } from '../../testing/index.js';
import { createProviderContext, readStream } from '../../testing/index.js';
import { lever } from './index.js';

const config = { clientId: 'client', clientSecret: 'secret' };
const contextOver = (respond: Responder, scopes: readonly string[] = []) =>
  createProviderContext({ provider: lever, config, respond, scopes });
const page = (data: readonly unknown[], next?: string): ScriptedAnswer => ({
  body: { data, hasNext: next !== undefined, next },
});
const row = (id: string, fields: object = {}) => ({ id, contact: `c-${id}`, applications: [], ...fields });
const faultOf = async (work: Promise<unknown>): Promise<ProviderFault> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderFault)) throw new Error('no fault was thrown');
  return error;
};

describe('listing opportunities', () => {
  it('asks for confidential rows too, expands applications by a repeated key and takes a hundred at a time', async () => {
    const context = contextOver(() => page([]));
    await readStream(lever, context, 'opportunities');
    expect(context.sent.map(({ path, url }) => path + url.search)).toEqual([
      '/opportunities?expand=applications&confidentiality=all&limit=100',
    ]);
  });

  it('asks for what changed by an inclusive window in milliseconds', async () => {
    const context = contextOver(() => page([]));
    const request: StreamRequest = { mode: 'changes', since: new Date(1000), until: new Date(2000) };
    await readStream(lever, context, 'opportunities', request);
    await readStream(lever, context, 'jobs', request);
    expect(context.sent[0]?.query.get('updated_at_start')).toBe('1000');
    expect(context.sent[0]?.query.get('updated_at_end')).toBe('2000');
    // Postings take the window with `confidentiality` and nothing else.
    expect([...(context.sent[1]?.query.keys() ?? [])].sort()).toEqual([
      'confidentiality',
      'limit',
      'updated_at_end',
      'updated_at_start',
    ]);
  });

  it('sends an offset back as the opaque text that it is', async () => {
    const token = '%5B3%2C1491435120000%2C%22abc%22%5D';
    const context = contextOver(({ query }) =>
      query.get('offset') === null ? page([row('a')], token) : page([row('b')]),
    );
    const pages = await readStream(lever, context, 'opportunities');
    expect(pages).toHaveLength(2);
    expect(context.sent[1]?.query.get('offset')).toBe(token);
    expect(context.sent[1]?.query.get('confidentiality')).toBe('all');
  });

  it('takes an absent hasNext for the end', async () => {
    const pages = await readStream(
      lever,
      contextOver(() => ({ body: { data: [row('a')] } })),
      'opportunities',
    );
    expect(pages.map((one) => one.next)).toEqual([null]);
  });

  it('does not stop quietly when there is more but no word of where', async () => {
    const fault = await faultOf(
      readStream(
        lever,
        contextOver(() => ({ body: { data: [row('a')], hasNext: true } })),
        'opportunities',
      ),
    );
    expect(fault.code).toBe('unexpected-shape');
  });

  it('stops at offsets that lead in a circle', async () => {
    const fault = await faultOf(
      readStream(
        lever,
        contextOver(() => page([row('a')], 'again')),
        'opportunities',
      ),
    );
    expect(fault).toMatchObject({ code: 'unexpected-shape' });
    expect(fault.message).toContain('never end');
  });

  it.each([[{ data: 'none' }], [[]], ['text'], [null], [{ hasNext: false }]])('calls %j no list', async (body) => {
    expect(
      (
        await faultOf(
          readStream(
            lever,
            contextOver(() => ({ body })),
            'opportunities',
          ),
        )
      ).code,
    ).toBe('unexpected-shape');
  });

  it('calls a page of nulls a failure of Lever and not an empty account', async () => {
    expect(
      (
        await faultOf(
          readStream(
            lever,
            contextOver(() => page([null, null])),
            'opportunities',
          ),
        )
      ).code,
    ).toBe('unexpected-shape');
  });

  it('rejects the one row that does not parse and keeps the others', async () => {
    const [first] = await readStream(
      lever,
      contextOver(() => page([row('a'), { id: 'b', contact: null }, row('c', { emails: [7] })])),
      'opportunities',
    );
    expect(first?.records.map((record) => `${record.kind} ${record.remoteId}`)).toEqual([
      'candidate c-a',
      'application a',
    ]);
    expect(first?.rejected).toEqual([
      { kind: 'application', remoteId: 'b', reason: expect.stringContaining('contact: expected') },
      { kind: 'application', remoteId: 'c', reason: 'emails[0]: expected string, received number' },
    ]);
  });

  it('gives the stages of each opportunity behind it, also where it is asked for by its id', async () => {
    const stageChanges = [
      { toStageId: 'new', updatedAt: 1000, userId: 'u-1' },
      { toStageId: 'offer', updatedAt: 2000 },
    ];
    const opportunity = row('1', { updatedAt: 2000, stageChanges });
    const context = contextOver(({ path }) =>
      path === '/opportunities' ? page([opportunity, row('2')]) : { body: { data: opportunity } },
    );
    for (const request of [{ mode: 'full' }, { mode: 'ids', remoteIds: ['1'] }] satisfies StreamRequest[]) {
      const [first] = await readStream(lever, context, 'opportunities', request);
      expect(first?.records.filter(({ kind }) => kind === 'stage-stay')).toMatchObject([
        { applicationRemoteId: '1', stageRemoteId: 'new', leftAt: new Date(2000), movedByRemoteId: 'u-1' },
        { applicationRemoteId: '1', stageRemoteId: 'offer', leftAt: null, movedByRemoteId: null },
      ]);
    }
  });

  it('gives one candidate for several opportunities of one person', async () => {
    const [first] = await readStream(
      lever,
      contextOver(() => page([row('a', { contact: 'c' }), row('b', { contact: 'c' })])),
      'opportunities',
    );
    expect(first?.records.map((record) => record.kind)).toEqual(['candidate', 'application', 'application']);
  });

  it('asks for archive reasons once a run and only when something is archived', async () => {
    const respond: Responder = ({ path, query }) => {
      if (path === '/archive_reasons') return { body: { data: { id: 'r', text: 'Hired', type: 'hired' } } };
      const offset = query.get('offset');
      return offset === null
        ? page([row('a')], '1')
        : offset === '1'
          ? page([row('b', { archived: { reason: 'r' } })], '2')
          : page([row('c', { archived: { reason: 'r' } })]);
    };
    const context = contextOver(respond);
    const pages = await readStream(lever, context, 'opportunities');
    expect(
      pages.flatMap((one) => one.records).flatMap((record) => (record.kind === 'application' ? [record.status] : [])),
    ).toEqual(['active', 'hired', 'hired']);
    expect(context.sent.map((request) => request.path)).toEqual([
      '/opportunities',
      '/opportunities',
      '/archive_reasons',
      '/opportunities',
    ]);
  });

  it('names the scope that is missing for archive reasons', async () => {
    const respond: Responder = ({ path }) =>
      path === '/archive_reasons' ? { status: 403 } : page([row('a', { archived: { reason: 'r' } })]);
    const fault = await faultOf(readStream(lever, contextOver(respond), 'opportunities'));
    expect(fault).toMatchObject({
      code: 'forbidden-scope',
      message: expect.stringContaining('archive_reasons:read:admin'),
    });
  });
});

describe('confidential rows without the grant', () => {
  const refusesAll: Responder = ({ query }) =>
    query.get('confidentiality') === 'all'
      ? { status: 403, body: {} }
      : query.get('offset') === null
        ? page([row('a')], 'two')
        : page([row('b')]);

  it('are left out where Lever refuses to be asked for them, on every later page too', async () => {
    const context = contextOver(refusesAll);
    const pages = await readStream(lever, context, 'opportunities');
    expect(pages.flatMap((one) => one.records)).toHaveLength(4);
    expect(context.sent.map((request) => request.query.get('confidentiality'))).toEqual([
      'all',
      'non-confidential',
      'non-confidential',
    ]);
    const resumed = await readStream(
      lever,
      contextOver(refusesAll),
      'opportunities',
      { mode: 'full' },
      pages[0]?.next ?? null,
    );
    expect(resumed.flatMap((one) => one.records)).toHaveLength(2);
  });

  it('are a missing scope, by name, when nothing at all may be listed', async () => {
    const fault = await faultOf(
      readStream(
        lever,
        contextOver(() => ({ status: 403 })),
        'jobs',
      ),
    );
    expect(fault).toMatchObject({ code: 'forbidden-scope', message: expect.stringContaining('postings:read:admin') });
  });

  it('are not given up when the grant is there', async () => {
    expect(
      (await faultOf(readStream(lever, contextOver(refusesAll, ['confidential:access:admin']), 'opportunities'))).code,
    ).toBe('forbidden-scope');
  });
});

describe('opportunities of some jobs', () => {
  it('are asked for twice, active and archived, fifty jobs at a time, and resume between', async () => {
    const jobRemoteIds = Array.from({ length: 60 }, (_, index) => `job-${index}`);
    const respond: Responder = ({ query }) =>
      page([row(`${query.get('posting_id') ?? 'archived'}-${query.get('archived_posting_id') ?? ''}`)]);
    const context = contextOver(respond);
    const pages = await readStream(lever, context, 'opportunities', { mode: 'of-jobs', jobRemoteIds });
    expect(
      context.sent.map(({ query }) => [query.getAll('posting_id').length, query.getAll('archived_posting_id').length]),
    ).toEqual([
      [50, 0],
      [0, 50],
      [10, 0],
      [0, 10],
    ]);
    const rest = await readStream(
      lever,
      contextOver(respond),
      'opportunities',
      { mode: 'of-jobs', jobRemoteIds },
      pages[1]?.next ?? null,
    );
    expect(rest).toEqual(pages.slice(2));
  });

  it('of no jobs are one empty page', async () => {
    const context = contextOver(() => page([]));
    expect(await readStream(lever, context, 'opportunities', { mode: 'of-jobs', jobRemoteIds: [] })).toEqual([
      { records: [], rejected: [], withheld: [], next: null },
    ]);
    expect(context.sent).toEqual([]);
  });
});

describe('single rows by id', () => {
  it('leave out what is gone and tell what may not be seen', async () => {
    const respond: Responder = ({ path }) =>
      path.endsWith('/gone')
        ? { status: 404 }
        : path.endsWith('/secret')
          ? { status: 403 }
          : { body: { data: row('here') } };
    const remoteIds = ['here', 'gone', 'secret'];
    const [first] = await readStream(lever, contextOver(respond), 'opportunities', { mode: 'ids', remoteIds });
    expect(first?.records.map((record) => record.remoteId)).toEqual(['c-here', 'here']);
    expect(first?.withheld).toEqual([{ kind: 'application', remoteId: 'secret', reason: 'private' }]);
  });

  it('come in chunks that resume', async () => {
    const respond: Responder = ({ path }) => ({
      body: { data: { id: path.split('/').at(-1), text: 'x', state: 'closed' } },
    });
    const remoteIds = Array.from({ length: 25 }, (_, index) => `p-${index}`);
    const pages = await readStream(lever, contextOver(respond), 'jobs', { mode: 'ids', remoteIds });
    expect(pages.map((one) => one.records.length)).toEqual([10, 10, 5]);
    const rest = await readStream(
      lever,
      contextOver(respond),
      'jobs',
      { mode: 'ids', remoteIds },
      pages[0]?.next ?? null,
    );
    expect(rest).toEqual(pages.slice(1));
  });

  it('keep an id from reaching another address', async () => {
    const context = contextOver(() => ({ status: 404 }));
    await readStream(lever, context, 'jobs', { mode: 'ids', remoteIds: ['../users?x=1'] });
    expect(context.sent[0]?.url.pathname).toBe('/v1/postings/..%2Fusers%3Fx%3D1');
  });
});

describe('stages', () => {
  it('have the position of their row over all pages, a rejected row included', async () => {
    const respond: Responder = ({ query }) =>
      query.get('offset') === null
        ? page([{ id: 'lead-new', text: 'New lead' }, { id: 7 }], 'two')
        : page([{ id: 'offer', text: 'Offer' }]);
    const pages = await readStream(lever, contextOver(respond), 'stages');
    expect(pages.flatMap((one) => one.records)).toMatchObject([
      { remoteId: 'lead-new', position: 0, jobRemoteId: null },
      { remoteId: 'offer', position: 2 },
    ]);
    expect(pages[0]?.rejected).toEqual([
      { kind: 'stage', remoteId: '7', reason: 'id: expected string, received number' },
    ]);
  });
});

describe('a cursor', () => {
  it.each([['text'], [{ offset: 5 }], [{ part: 9, offset: null, index: 0, confidentiality: 'all' }], [{}]])(
    'that is not ours (%j) is an expired place and never a silent start from the beginning',
    async (cursor) => {
      const context = contextOver(() => page([]));
      expect((await faultOf(readStream(lever, context, 'opportunities', { mode: 'full' }, cursor as never))).code).toBe(
        'cursor-expired',
      );
      expect(context.sent).toEqual([]);
    },
  );

  it('that Lever no longer knows is an expired place', async () => {
    const respond: Responder = () => ({
      status: 400,
      body: { code: 'BadRequestError', message: 'Invalid offset token' },
    });
    expect((await faultOf(readStream(lever, contextOver(respond), 'opportunities'))).code).toBe('cursor-expired');
  });
});
