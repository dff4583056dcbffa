import { describe, expect, it } from '@jest/globals';
import type { AtsProvider, StreamSpec } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { ProviderManifest } from '../contract/manifest.js';
import type { ProviderPage } from '../contract/page.js';
import type { GoneRecord } from '../contract/tombstone.js';
import { brokenPromises, describeAtsProvider } from './describe-ats-provider.js';
import type { PaperConfig } from './reference-people.js';
import { referenceProvider } from './reference-provider.js';
import { referenceScenario as scenario } from './reference-scenario.js';

type Provider = AtsProvider<PaperConfig>;
type Pages = StreamSpec<PaperConfig>['pages'];

/** What reads is proved without what writes, which has a spec of its own and would double the time. */
const { stageChanges: _moves, fieldChanges: _fields, webhooks: _hooks, ...good } = referenceProvider;

describeAtsProvider({ describe, it, expect }, referenceProvider, scenario);

describe('the contract suite', () => {
  it('finds nothing wrong with the reference provider', async () => {
    expect([...(await brokenPromises(referenceProvider, scenario))]).toEqual([]);
  });

  it.each(variants())('finds a provider that %s', async (_flaw, provider, promise) => {
    const broken = await brokenPromises(provider, scenario);
    expect([...broken.keys()].some((title) => title.includes(promise))).toBe(true);
    // The sentence must say how, not only that.
    for (const how of broken.values()) expect(how.length).toBeGreaterThan(10);
  });

  it('refuses a scenario that proves nothing: no second page, no new word, no count', async () => {
    const poor = { ...scenario, account: scenario.empty, expected: {}, unknownWords: [] };
    const broken = [...(await brokenPromises(good, poor)).keys()];
    expect(broken).toEqual(
      expect.arrayContaining([expect.stringContaining('reads every stream'), expect.stringContaining("'unknown'")]),
    );
  });

  it('counts what is gone where the scenario says how much', async () => {
    const counted = { ...scenario, expected: { ...scenario.expected, stages: { records: { stage: 2 }, gone: 1 } } };
    const broken = await brokenPromises(good, counted);
    expect([...broken.values()].join(' ')).toContain('"gone":0');
  });

  it('needs a test runner that has tests', () => {
    expect(() => describeAtsProvider({ describe, expect }, good, scenario)).toThrow('`it` or `test`');
  });
});

/** Providers that each break one promise, and words of the promise that must find them. */
function variants(): readonly (readonly [flaw: string, provider: Provider, promise: string])[] {
  return [
    ['has an id for nobody', manifest({ id: 'Paper ATS' }), 'has an id'],
    [
      'documents over http',
      manifest({ documentation: { api: 'http://paper.example', authorisation: 'https://paper.example' } }),
      'has an id',
    ],
    ['was checked never', manifest({ checkedOn: 'lately' }), 'has an id'],
    [
      'lists a field that no record has',
      manifest({ fields: { job: [{ field: 'salary', label: 'Salary', direction: 'read-only' }] } }),
      'names fields',
    ],
    ['lists fields of a kind that it has not', manifest({ fields: { resume: [] } }), 'names fields'],
    ['has no open job status', manifest({ openJobStatuses: [] }), 'which job statuses are open'],
    [
      'yields a kind that it does not declare',
      manifest({ kinds: { job: { deletions: 'sweep' } } }),
      'declares every kind',
    ],
    [
      'declares a kind that it never yields',
      manifest({ kinds: { ...good.manifest.kinds, user: { deletions: 'none' } } }),
      'declares every kind',
    ],
    ['lets files come from anywhere', manifest({ fileHosts: ['*.com'] }), 'lists file hosts'],
    ['gives a file host as an address', manifest({ fileHosts: ['https://files.paper.example'] }), 'lists file hosts'],
    [
      'has streams that wait in a circle',
      streams((stream) => ({ ...stream, after: stream.name === 'jobs' ? ['stages'] : ['jobs'] })),
      'without a circle',
    ],
    ['has a stream that waits for nobody', streams((stream) => ({ ...stream, after: ['people'] })), 'without a circle'],
    [
      'has a stream without a full reading',
      streams((stream) => ({ ...stream, modes: ['changes'] })),
      'without a circle',
    ],
    [
      'has a history that can be read neither in full nor by its changes',
      streams((stream) => (stream.name === 'moves' ? { ...stream, modes: ['ids'] } : stream)),
      'or history by its changes',
    ],
    [
      'sweeps a history that it never lists whole',
      manifest({ kinds: { ...good.manifest.kinds, 'stage-stay': { deletions: 'sweep' } } }),
      'or history by its changes',
    ],
    [
      'has two streams of one name',
      streams((stream) => ({ ...stream, name: 'jobs', after: [] })),
      'names of their own',
    ],
    ['accepts every option', { ...good, config: anything() }, 'refuses a key that it does not know'],
    [
      'has an address with a slash at its end',
      { ...good, authUrl: () => 'https://auth.paper.example/' },
      'without a trailing slash',
    ],
    [
      'authorises otherwise than it says',
      { ...good, auth: { kind: 'api-key', authorisation: () => ({ name: 'x', value: 'y' }) } },
      'manifest and in its code alike',
    ],
    ['asks for a scope that it does not declare', oauth({ scopes: () => ['everything'] }), 'asks for scopes'],
    ['sets the state itself', oauth({ authorizeParameters: () => ({ state: 'mine' }) }), 'asks for scopes'],
    [
      'shows the client secret to the browser',
      oauth({ authorizeParameters: (config) => ({ hint: config.clientSecret }) }),
      'asks for scopes',
    ],
    [
      'reads minutes for seconds',
      oauth({ parseToken: (body, now) => ({ ...parseToken(body, now), expiresAt: new Date(now.getTime() + 60_000) }) }),
      'reads the token',
    ],
    [
      'takes anything for a token',
      oauth({ parseToken: (_body, now) => ({ accessToken: 'x', refreshToken: null, expiresAt: now, scopes: null }) }),
      'refuses what is no token',
    ],
    [
      'quotes the token endpoint',
      oauth({
        parseToken: (body) => {
          throw new ProviderFault('unexpected-shape', `no token in ${JSON.stringify(body)}`);
        },
      }),
      'refuses what is no token',
    ],
    [
      'loses the last row of every page',
      mapPages((page) => ({ ...page, records: page.records.slice(0, -1) })),
      'yields what the account holds',
    ],
    [
      'never says that it ended',
      mapPages((page) => ({ ...page, next: page.next ?? { page: 99 } })),
      'yields what the account holds',
    ],
    [
      'says that something is gone of a kind that it does not declare',
      mapPages((page) => ({ ...page, gone: [{ ...GONE, kind: 'resume' }] })),
      'says of what is gone',
    ],
    [
      'says that something was merged and not into what',
      over(async function* (context, request, cursor, pages) {
        for await (const page of pages(context, request, cursor))
          yield { ...page, gone: page.records.map(({ kind }) => ({ ...GONE, kind, tombstone: 'merged' as const })) };
      }),
      'says of what is gone',
    ],
    [
      'never ends',
      over(async function* () {
        for (let page = 1; ; page += 1) yield { ...EMPTY, next: { page } };
      }),
      'yields what the account holds',
    ],
    [
      'yields ids as numbers',
      mapRecords((record) => ({ ...record, remoteId: 7 })),
      'every field is what the contract says',
    ],
    [
      'yields moments as text',
      mapRecords((record) => ({ ...record, updatedAt: '2026-11-20' })),
      'every field is what the contract says',
    ],
    [
      'yields a field of its own',
      mapRecords((record) => ({ ...record, vendor: {} })),
      'every field is what the contract says',
    ],
    [
      'yields the vendor’s word as a status',
      mapRecords((record) => ({ ...record, status: 'live' })),
      'every field is what the contract says',
    ],
    [
      'yields another page at every reading',
      mapRecords((record) => ({ ...record, remoteStatus: String(Math.random()) })),
      'same page again',
    ],
    [
      'keeps a moment in its cursor',
      mapPages((page) => ({ ...page, next: page.next === null ? null : ({ page: 2, at: new Date(0) } as never) })),
      'plain JSON',
    ],
    [
      'forgets its cursor',
      over((context, request, _cursor, pages) => pages(context, request, null)),
      'exactly the rest',
    ],
    [
      'skips a page when it resumes',
      over((context, request, cursor, pages) =>
        pages(context, request, cursor === null ? null : { page: (cursor as { page: number }).page + 1 }),
      ),
      'exactly the rest',
    ],
    [
      'starts over when it cannot read its cursor',
      over((context, request, cursor, pages) =>
        pages(context, request, (cursor as { page?: number } | null)?.page === undefined ? null : cursor),
      ),
      'never starts over',
    ],
    [
      'stumbles over an empty account',
      over(async function* (context, request, cursor, pages) {
        for await (const page of pages(context, request, cursor)) {
          if (page.records.length === 0) throw new Error('nothing here');
          yield page;
        }
      }),
      'in which there is nothing',
    ],
    [
      'throws at a new word',
      over(async function* (context, request, cursor, pages) {
        for await (const page of pages(context, request, cursor)) {
          if (page.records.some((record) => record.kind === 'job' && record.status === 'unknown'))
            throw new Error('nobody knows this status');
          yield page;
        }
      }),
      "'unknown'",
    ],
    [
      'asks somebody else',
      over(async function* (context, request, cursor, pages) {
        await context.http.request({ path: 'https://elsewhere.example/jobs' }).catch(() => undefined);
        yield* pages(context, request, cursor);
      }),
      'nobody but its own API',
    ],
    [
      'reads everything before it yields anything',
      over(async function* (context, request, cursor, pages) {
        const all: ProviderPage[] = [];
        for await (const page of pages(context, request, cursor)) all.push(page);
        yield* all;
      }),
      'stops within a page',
    ],
    ['trusts a row before it has parsed it', trusting(), 'any odd field'],
    ['takes a withdrawn authorisation for an empty list', quiet('auth-revoked'), 'says auth-revoked'],
    ['takes a refusal for an empty list', quiet('forbidden-scope'), 'says forbidden-scope'],
    ['takes an outage for an empty list', quiet('unavailable'), 'says unavailable'],
    ['takes a log-in page for an empty list', quiet('unexpected-shape'), 'says unexpected-shape when a log-in page'],
    [
      'calls every refusal an outage',
      classify(() => new ProviderFault('unavailable', 'Paper is away.')),
      'says rate-limited',
    ],
    [
      'sets its own waiting time',
      classify(({ status }) =>
        status === 429 ? new ProviderFault('rate-limited', 'Wait.', { retryAfterMs: 1 }) : null,
      ),
      'with seconds to wait',
    ],
    [
      'quotes what a refusal said',
      classify(({ status, body }) =>
        status === 422 ? new ProviderFault('invalid-request', `Paper said ${JSON.stringify(body)}`) : null,
      ),
      'says no secret',
    ],
    [
      'throws an error of its own',
      over(async function* (context, request, cursor, pages) {
        try {
          yield* pages(context, request, cursor);
        } catch {
          throw new Error('something went wrong');
        }
      }),
      'says unavailable',
    ],
    [
      'ends quietly when a later page fails',
      over(async function* (context, request, cursor, pages) {
        let yielded = false;
        try {
          for await (const page of pages(context, request, cursor)) {
            yield page;
            yielded = true;
          }
        } catch (error) {
          if (!yielded) throw error;
        }
      }),
      'keeps the pages before a fault',
    ],
    [
      'lets nobody through',
      { ...good, preflight: async () => ({ ...PROFILE, blockers: ['No.'] }) },
      'lets an account through',
    ],
    ['lets everybody through', { ...good, preflight: async () => PROFILE }, 'stops an account that may see nothing'],
    [
      'stops an account without a sentence',
      {
        ...good,
        preflight: async (context, grant) => ({
          ...PROFILE,
          blockers: (await good.preflight(context, grant)).blockers.map(() => 'ERR_403'),
        }),
      },
      'stops an account that may see nothing',
    ],
  ];
}

const GONE: GoneRecord = { kind: 'job', remoteId: '1', tombstone: 'deleted', intoRemoteId: null, at: null };
const EMPTY: ProviderPage = { records: [], rejected: [], withheld: [], next: null };
const PROFILE = { accountId: null, accountName: null, authorisedBy: null, blockers: [], warnings: [] };

function manifest(changes: Partial<ProviderManifest>): Provider {
  return { ...good, manifest: { ...good.manifest, ...changes } };
}

function streams(change: (stream: StreamSpec<PaperConfig>) => StreamSpec<PaperConfig>): Provider {
  return { ...good, streams: good.streams.map(change) };
}

function oauth(changes: Partial<Extract<Provider['auth'], { kind: 'oauth2' }>>): Provider {
  if (good.auth.kind !== 'oauth2') throw new Error('the reference provider has lost its OAuth');
  return { ...good, auth: { ...good.auth, ...changes } };
}

function parseToken(body: unknown, now: Date) {
  if (good.auth.kind !== 'oauth2') throw new Error('the reference provider has lost its OAuth');
  return good.auth.parseToken(body, now);
}

type Wrapped = (
  context: Parameters<Pages>[0],
  request: Parameters<Pages>[1],
  cursor: Parameters<Pages>[2],
  pages: Pages,
) => AsyncIterable<ProviderPage>;

function over(wrap: Wrapped): Provider {
  return streams((stream) => ({
    ...stream,
    pages: (context, request, cursor) => wrap(context, request, cursor, (...given) => stream.pages(...given)),
  }));
}

function mapPages(change: (page: ProviderPage) => ProviderPage): Provider {
  return over(async function* (context, request, cursor, pages) {
    for await (const page of pages(context, request, cursor)) yield change(page);
  });
}

function mapRecords(change: (record: ProviderPage['records'][number]) => object): Provider {
  return mapPages((page) => ({ ...page, records: page.records.map((record) => change(record) as typeof record) }));
}

/** Ends quietly at one fault. */
function quiet(code: ProviderFault['code']): Provider {
  return over(async function* (context, request, cursor, pages) {
    try {
      yield* pages(context, request, cursor);
    } catch (error) {
      if (!(error instanceof ProviderFault) || error.code !== code) throw error;
      yield EMPTY;
    }
  });
}

/** Reads a field of a row that may be anything. */
function trusting(): Provider {
  return over((context, request, cursor, pages) => {
    const http: typeof context.http = {
      request: async (wanted) => {
        const response = await context.http.request(wanted);
        for (const row of (response.body as { rows: { changed?: string }[] }).rows ?? []) row.changed?.slice(0, 10);
        return response;
      },
    };
    return pages({ ...context, http }, request, cursor);
  });
}

function classify(read: NonNullable<Provider['classify']>): Provider {
  return { ...good, classify: read };
}

function anything(): Provider['config'] {
  const parsed = good.config.parse(scenario.config);
  const lenient = { parse: () => parsed, safeParse: () => ({ success: true, data: parsed }) };
  return lenient as unknown as Provider['config'];
}
