import { createHmac } from 'node:crypto';
import type { Exchange } from './exchange.js';
import type { Responder } from './provider-context.js';
import type { DeliveryCase, FieldChangeScenario, StageChangeScenario, WebhookScenario } from './scenario-parts.js';
import type { ProviderScenario } from './scenario.js';

/** Seven jobs of which one cannot be read and one is in a status that nobody knows, in three pages; two stages; two people; a book of moves in which one line cannot be read. */
const JOBS: readonly unknown[] = [1, 2, 3, 4, 5, 6, 7].map((id) => ({
  id,
  title: id === 4 ? null : `Job ${id}`,
  status: id % 2 === 0 ? 'live' : 'over',
  changed: '2026-11-20T08:00:00Z',
}));
const STAGES: readonly unknown[] = [
  { id: 'new', name: 'New', job: 1 },
  { id: 'offer', name: 'Offer', job: 1 },
];
const ADA = {
  id: 'ada',
  name: 'Ada Example',
  headline: 'Weaver',
  emails: ['ada@example.test', 'ada.e@example.test'],
  job: 1,
  stage: 'new',
  state: 'in',
  reason: null,
};
const BEN = { ...ADA, id: 'ben', name: 'Ben Example', headline: null, state: 'out', reason: 'late' };

const MOVES: readonly unknown[] = [
  { id: 1, person: 'ada', stage: 'new', came: '2026-11-18T08:00:00Z', went: '2026-11-19T08:00:00Z' },
  { id: 2, person: 'ada', stage: 'offer', came: '2026-11-19T08:00:00Z', went: '2026-11-20T08:00:00Z' },
  { id: 3, person: 'ada', stage: 'new', came: '2026-11-20T08:00:00Z', went: null },
  { id: 4, person: 'ben', stage: 'new', came: 'lately', went: null },
];

const PAGE_SIZE = 3;

/** Paper's server: pages of three, sheets by id, reasons. */
export function paperServer(
  jobs: readonly unknown[],
  stages: readonly unknown[],
  people: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[] = [],
  moves: readonly unknown[] = [],
): Responder {
  const lists: Readonly<Record<string, readonly unknown[]>> = {
    '/jobs': jobs,
    '/stages': stages,
    '/people': people,
    '/moves': moves,
  };
  return ({ path, query }) => {
    if (path === '/reasons') return { body: { rows: [{ id: 'late', name: 'Too late' }] } };
    if (path.startsWith('/people/')) {
      const person = people.find(({ id }) => path === `/people/${id}`);
      return person === undefined ? { status: 404 } : { body: person };
    }
    const all = lists[path] ?? [];
    const end = Number(query.get('page')) * PAGE_SIZE;
    return { body: { rows: all.slice(end - PAGE_SIZE, end), last: end >= all.length } };
  };
}

const sheet = (person: typeof ADA | typeof BEN, changes: object = {}): readonly Exchange[] => [
  { path: `/people/${person.id}`, body: { ...person, ...changes } },
];
const moved = { method: 'PUT', path: '/people/ada/place', query: { as: null } } as const;
const ref = (remoteId: string) => ({ remoteId, candidateRemoteId: remoteId, jobRemoteId: '1' });

const stageChanges: StageChangeScenario = {
  moves: [
    {
      application: ref('ada'),
      move: { kind: 'stage', stageRemoteId: 'offer' },
      actorRemoteId: 'recruiter-1',
      from: { status: 'active', stageRemoteId: 'new' },
      becomes: { status: 'active', stageRemoteId: 'offer' },
      before: sheet(ADA),
      write: { ...moved, query: { as: 'recruiter-1' }, json: { stage: 'offer' } },
      after: sheet(ADA, { stage: 'offer' }),
    },
    {
      application: ref('ada'),
      move: { kind: 'reject', reasonRemoteId: 'late', note: null },
      from: { status: 'active', stageRemoteId: 'new' },
      becomes: { status: 'rejected', stageRemoteId: 'new' },
      before: sheet(ADA),
      write: { ...moved, json: { state: 'out', reason: 'late' } },
      after: sheet(ADA, { state: 'out', reason: 'late' }),
    },
    {
      application: ref('ben'),
      move: { kind: 'unreject' },
      from: { status: 'rejected', stageRemoteId: 'new' },
      becomes: { status: 'active', stageRemoteId: 'new' },
      before: sheet(BEN),
      write: { ...moved, path: '/people/ben/place', json: { state: 'in', reason: null } },
      after: sheet(BEN, { state: 'in', reason: null }),
    },
    {
      application: ref('ada'),
      move: { kind: 'hire', reasonRemoteId: null, startsOn: null },
      from: { status: 'active', stageRemoteId: 'new' },
      becomes: { status: 'hired', stageRemoteId: 'new' },
      before: sheet(ADA),
      write: { ...moved, json: { state: 'won', reason: null } },
      after: sheet(ADA, { state: 'won' }),
    },
  ],
  absent: { application: ref('nobody'), account: [] },
  reasons: [{ remoteId: 'late', name: 'Too late', of: 'reject' }],
};

const { name, headline, emails } = ADA;
const written = { method: 'PUT', path: '/people/ada' } as const;

const fieldChanges: FieldChangeScenario = {
  changes: [
    {
      candidateRemoteId: 'ada',
      changes: { name: 'Ada Changed', headline: null },
      before: sheet(ADA),
      write: { ...written, json: { name: 'Ada Changed', headline: null, emails } },
      after: sheet(ADA, { name: 'Ada Changed', headline: null }),
    },
    {
      candidateRemoteId: 'ada',
      changes: { emails: [{ value: 'new@example.test', type: null }] },
      before: sheet(ADA),
      write: { ...written, json: { name, headline, emails: ['new@example.test'] } },
      after: sheet(ADA, { emails: ['new@example.test'] }),
    },
  ],
  absent: { candidateRemoteId: 'nobody', account: [] },
};

const SECRET = 'paper-hook-canary-secret';
const MOMENT = '1790000000000';

function delivery(said: object, news: object): DeliveryCase {
  const body = JSON.stringify(said);
  const signature = createHmac('sha256', SECRET).update(`${MOMENT}.${body}`).digest('hex');
  const read = { deliveryId: null, occurredAt: null, touched: [], gone: [], ...news };
  return { headers: { 'paper-signature': signature, 'paper-time': MOMENT }, body, news: read };
}

const ada = { kind: 'application', remoteId: 'ada' } as const;
const hook = { url: 'https://elly.example/webhooks/1', event: 'person.moved' } as const;
const hooks: Responder = () => ({
  body: {
    rows: [
      { id: 'hook-1', ...hook },
      { id: 'hook-2', ...hook, url: 'https://elsewhere.example' },
    ],
  },
});

const webhooks: WebhookScenario = {
  secret: SECRET,
  deliveries: [
    delivery(
      { id: 'd-1', event: 'person.moved', person: 'ada' },
      { deliveryId: 'd-1', event: 'person.moved', about: 'records', touched: [ada] },
    ),
    delivery(
      { event: 'person.shredded', person: 'ada' },
      {
        event: 'person.shredded',
        about: 'records',
        gone: [{ ...ada, tombstone: 'deleted', intoRemoteId: null, at: null }],
      },
    ),
    delivery({ event: 'hook.tried' }, { event: 'hook.tried', about: 'test' }),
    delivery({ event: 'person.folded', person: 'ada' }, { event: 'person.folded', about: 'ignored' }),
  ],
  unsigned: [{ headers: { 'paper-time': MOMENT }, body: '{"event":"person.moved","person":"ada"}' }],
  registration: {
    hook: { ...hook, secret: SECRET },
    write: { method: 'POST', path: '/hooks', json: { ...hook, secret: SECRET }, body: { id: 'hook-1', ...hook } },
    registered: { remoteId: 'hook-1', secret: SECRET },
    registeredIn: hooks,
    listed: [{ remoteId: 'hook-1', event: 'person.moved' }],
    removal: { method: 'DELETE', path: '/hooks/hook-1', status: 204 },
  },
};

export const referenceScenario: ProviderScenario = {
  config: { clientId: 'paper-client', clientSecret: 'paper-canary-secret' },
  account: paperServer(JOBS, STAGES, [ADA, BEN], MOVES),
  expected: {
    jobs: { records: { job: 6 }, rejected: 1 },
    stages: { records: { stage: 2 } },
    people: { records: { candidate: 2, application: 2 } },
    moves: { records: { 'stage-stay': 3 }, rejected: 1 },
  },
  empty: paperServer([], []),
  unknownWords: [
    {
      stream: 'jobs',
      field: 'status',
      account: paperServer([{ id: 1, title: 'x', status: 'folded', changed: '2026-11-20T08:00:00Z' }], []),
    },
    { stream: 'people', field: 'status', account: paperServer([], [], [{ ...ADA, state: 'folded' }]) },
  ],
  stageChanges,
  fieldChanges,
  webhooks,
};
