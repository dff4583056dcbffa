import { z } from 'zod';
import type { AtsProvider, StreamRequest, StreamSpec } from '../contract/ats-provider.js';
import { defineProvider } from '../contract/ats-provider.js';
import type { ProviderContext } from '../contract/context.js';
import { ProviderFault } from '../contract/fault.js';
import type { Cursor, ProviderPage } from '../contract/page.js';
import { parseRows } from '../contract/parse-rows.js';
import type { JobRecord, ProviderRecord, RecordKind, StageRecord } from '../contract/records.js';
import type { Responder } from './provider-context.js';
import type { ProviderScenario } from './scenario.js';

/** The smallest provider that keeps every promise: an ATS on paper, with jobs, stages and a page number. Copy it to begin your own. */
export interface PaperConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUrl: string;
}

const config: z.ZodType<PaperConfig> = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  apiUrl: z.url().default('https://api.paper.example/v1'),
});

const jobSchema = z.looseObject({ id: z.int(), title: z.string(), status: z.string(), changed: z.iso.datetime() });
const stageSchema = z.looseObject({ id: z.string().min(1), name: z.string(), job: z.int() });
const bodySchema = z.looseObject({ rows: z.array(z.unknown()), last: z.boolean() });
const cursorSchema = z.strictObject({ page: z.int().positive() });
const tokenSchema = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().nullish(),
  expires_in: z.number().default(3600),
  scope: z.string().nullish(),
});

const JOB_STATUS: Readonly<Record<string, JobRecord['status']>> = { live: 'open', over: 'closed' };

const toJob = (job: z.infer<typeof jobSchema>): JobRecord => ({
  kind: 'job',
  remoteId: String(job.id),
  updatedAt: new Date(job.changed),
  title: job.title,
  descriptionHtml: null,
  status: (Object.hasOwn(JOB_STATUS, job.status) ? JOB_STATUS[job.status] : undefined) ?? 'unknown',
  remoteStatus: job.status,
  department: null,
  location: null,
  confidential: false,
  openedAt: null,
  closedAt: null,
  url: null,
  customFields: {},
});

const toStage = (stage: z.infer<typeof stageSchema>): StageRecord => ({
  kind: 'stage',
  remoteId: stage.id,
  updatedAt: null,
  name: stage.name,
  jobRemoteId: String(stage.job),
  position: 0,
  active: true,
});

type Row = {
  readonly kind: RecordKind;
  readonly schema: z.ZodType<unknown>;
  readonly read: (row: never) => ProviderRecord;
};

function stream(name: string, after: readonly string[], { kind, schema, read }: Row): StreamSpec<PaperConfig> {
  return {
    name,
    kinds: [kind],
    modes: ['full', 'changes'],
    after,
    async *pages(
      context: ProviderContext<PaperConfig>,
      request: StreamRequest,
      cursor: Cursor | null,
    ): AsyncGenerator<ProviderPage> {
      let page = readCursor(cursor);
      for (;;) {
        const since = request.mode === 'changes' ? { since: request.since.toISOString() } : {};
        const { body } = await context.http.request({ path: `/${name}`, query: { page, ...since } });
        const parsed = bodySchema.safeParse(body);
        if (!parsed.success)
          throw new ProviderFault('unexpected-shape', `Paper's list of ${name} is not as documented.`);
        const { rows, rejected } = parseRows(parsed.data.rows, kind, schema);
        const next = parsed.data.last ? null : { page: page + 1 };
        yield { records: rows.map((row) => read(row as never)), rejected, withheld: [], next };
        if (next === null) return;
        page = next.page;
      }
    },
  };
}

function readCursor(cursor: Cursor | null): number {
  if (cursor === null) return 1;
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success)
    throw new ProviderFault(
      'cursor-expired',
      'The stored place of this Paper list cannot be read. Elly starts the list again.',
    );
  return parsed.data.page;
}

export const referenceProvider: AtsProvider<PaperConfig> = defineProvider<PaperConfig>({
  manifest: {
    id: 'paper',
    name: 'Paper',
    summary: 'An ATS on paper, for proving the contract suite.',
    documentation: { api: 'https://paper.example/docs', authorisation: 'https://paper.example/docs/oauth' },
    checkedOn: '2026-11-23',
    auth: {
      kind: 'oauth2',
      authorizePath: '/authorize',
      tokenPath: '/token',
      revokePath: '/revoke',
      scopes: ['jobs', 'stages'],
      clientAuthentication: 'basic',
      pkce: 'S256',
      sendsRedirectUri: true,
      accessTokenSeconds: 3600,
      refreshTokenIdleSeconds: 86_400,
      rotatesRefreshToken: true,
    },
    rateLimit: { algorithm: 'token-bucket', capacity: 10, refillPerSecond: 10 },
    kinds: { job: { deletions: 'sweep' }, stage: { deletions: 'sweep' } },
    fields: { job: [{ field: 'title', label: 'Job title', direction: 'read-only' }] },
    stagesBelongTo: 'job',
    openJobStatuses: ['live'],
    incremental: { overlapSeconds: 60, lagSeconds: 0 },
    fileHosts: ['*.paper.example'],
  },
  config,
  apiUrl: (options) => options.apiUrl,
  authUrl: () => 'https://auth.paper.example',
  auth: {
    kind: 'oauth2',
    clientId: (options) => options.clientId,
    clientSecret: (options) => options.clientSecret,
    authorizeParameters: () => ({ audience: 'paper' }),
    scopes: () => ['jobs', 'stages'],
    parseToken: (body, now) => {
      const parsed = tokenSchema.safeParse(body);
      if (!parsed.success) throw new ProviderFault('unexpected-shape', 'Paper answered without an access token.');
      const { access_token, refresh_token, expires_in, scope } = parsed.data;
      return {
        accessToken: access_token,
        refreshToken: refresh_token ?? null,
        expiresAt: new Date(now.getTime() + expires_in * 1000),
        scopes: scope?.split(' ') ?? null,
      };
    },
  },
  streams: [
    stream('jobs', [], { kind: 'job', schema: jobSchema, read: toJob }),
    stream('stages', ['jobs'], { kind: 'stage', schema: stageSchema, read: toStage }),
  ],
  classify: () => null,
  preflight: async ({ http }) => {
    const { status } = await http.request({ path: '/jobs', query: { page: 1 }, accept: [403] });
    const blockers =
      status === 403 ? ['Paper refuses to list jobs. Ask an administrator of Paper to connect again.'] : [];
    return { accountId: null, accountName: null, authorisedBy: null, blockers, warnings: [] };
  },
});

/** Seven jobs of which one cannot be read and one is in a status that nobody knows, in three pages; two stages. */
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

const PAGE_SIZE = 3;

/** Paper's server: pages of three. */
export function paperServer(jobs: readonly unknown[], stages: readonly unknown[]): Responder {
  return ({ path, query }) => {
    const all = path === '/jobs' ? jobs : stages;
    const end = Number(query.get('page')) * PAGE_SIZE;
    return { body: { rows: all.slice(end - PAGE_SIZE, end), last: end >= all.length } };
  };
}

export const referenceScenario: ProviderScenario = {
  config: { clientId: 'paper-client', clientSecret: 'paper-canary-secret' },
  account: paperServer(JOBS, STAGES),
  expected: { jobs: { records: { job: 6 }, rejected: 1 }, stages: { records: { stage: 2 } } },
  empty: paperServer([], []),
  unknownWords: [
    {
      stream: 'jobs',
      field: 'status',
      account: paperServer([{ id: 1, title: 'x', status: 'folded', changed: '2026-11-20T08:00:00Z' }], []),
    },
  ],
};
