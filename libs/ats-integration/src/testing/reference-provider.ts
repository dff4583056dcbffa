import { z } from 'zod';
import type { AtsProvider, StreamRequest, StreamSpec } from '../contract/ats-provider.js';
import { defineProvider } from '../contract/ats-provider.js';
import type { ProviderContext } from '../contract/context.js';
import { ProviderFault } from '../contract/fault.js';
import type { Cursor, ProviderPage } from '../contract/page.js';
import { parseRows } from '../contract/parse-rows.js';
import type { JobRecord, ProviderRecord, RecordKind, StageRecord } from '../contract/records.js';
import type { PaperConfig } from './reference-people.js';
import { lineSchema, personSchema, toApplication, toCandidate, toStageStay } from './reference-people.js';
import { paperWebhooks } from './reference-webhooks.js';
import { paperFieldChanges, paperStageChanges } from './reference-writes.js';

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

interface Row<Sheet> {
  readonly kinds: readonly [RecordKind, ...RecordKind[]];
  readonly schema: z.ZodType<Sheet>;
  readonly read: (row: Sheet) => readonly ProviderRecord[];
}

function stream<Sheet>(
  name: string,
  after: readonly string[],
  { kinds, schema, read }: Row<Sheet>,
): StreamSpec<PaperConfig> {
  return {
    name,
    kinds,
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
        const { rows, rejected } = parseRows(parsed.data.rows, kinds[0], schema);
        const next = parsed.data.last ? null : { page: page + 1 };
        yield { records: rows.flatMap(read), rejected, withheld: [], next };
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

/** The smallest provider that keeps every promise: an ATS on paper, with a page number. Copy it to begin your own. */
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
      scopes: ['jobs', 'stages', 'people', 'write', 'hooks'],
      clientAuthentication: 'basic',
      pkce: 'S256',
      sendsRedirectUri: true,
      accessTokenSeconds: 3600,
      refreshTokenIdleSeconds: 86_400,
      rotatesRefreshToken: true,
    },
    rateLimit: { algorithm: 'token-bucket', capacity: 10, refillPerSecond: 10 },
    kinds: {
      job: { deletions: 'sweep' },
      stage: { deletions: 'sweep' },
      candidate: { deletions: 'none' },
      application: { deletions: 'webhook' },
      'stage-stay': { deletions: 'none' },
    },
    fields: {
      job: [{ field: 'title', label: 'Job title', direction: 'read-only' }],
      candidate: [
        { field: 'name', label: 'Name', direction: 'bidirectional' },
        { field: 'headline', label: 'Headline', direction: 'bidirectional' },
        { field: 'emails', label: 'E-mail addresses', direction: 'bidirectional' },
      ],
      application: [{ field: 'stageRemoteId', label: 'Stage', direction: 'bidirectional' }],
    },
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
    scopes: () => ['jobs', 'stages', 'people', 'write', 'hooks'],
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
    stream('jobs', [], { kinds: ['job'], schema: jobSchema, read: (job) => [toJob(job)] }),
    stream('stages', ['jobs'], { kinds: ['stage'], schema: stageSchema, read: (stage) => [toStage(stage)] }),
    stream('people', ['jobs', 'stages'], {
      kinds: ['candidate', 'application'],
      schema: personSchema,
      read: (person) => [toCandidate(person), toApplication(person)],
    }),
    // A history grows for ever: only what changed is read, from the day of the connection on.
    {
      ...stream('moves', ['people'], {
        kinds: ['stage-stay'],
        schema: lineSchema,
        read: (line) => [toStageStay(line)],
      }),
      modes: ['changes'],
      optional: true,
    },
  ],
  stageChanges: paperStageChanges,
  fieldChanges: paperFieldChanges,
  webhooks: paperWebhooks,
  classify: () => null,
  preflight: async ({ http }) => {
    const { status } = await http.request({ path: '/jobs', query: { page: 1 }, accept: [403] });
    const blockers =
      status === 403 ? ['Paper refuses to list jobs. Ask an administrator of Paper to connect again.'] : [];
    return { accountId: null, accountName: null, authorisedBy: null, blockers, warnings: [] };
  },
});
