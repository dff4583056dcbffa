import { ProviderFault, defineProvider } from '@elly/ats-integration/contract';
import type { AtsProvider, ProviderContext, ProviderPage, ProviderRecord } from '@elly/ats-integration/contract';
import { z } from 'zod';

export interface RefereeConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly url: string;
}

const config: z.ZodType<RefereeConfig> = z.strictObject({
  clientId: z.string(),
  clientSecret: z.string(),
  url: z.url(),
});
const tokenSchema = z.looseObject({
  access_token: z.string(),
  refresh_token: z.string().nullish(),
  expires_in: z.number(),
  scope: z.string(),
});
const pageSchema = z.looseObject({ ids: z.array(z.int()), next: z.int().nullable() });
const rowSchema = z.looseObject({ id: z.int(), name: z.string() });

type Read = (row: z.infer<typeof rowSchema>) => readonly ProviderRecord[];

const toJob: Read = ({ id, name }) => [
  {
    kind: 'job',
    remoteId: String(id),
    updatedAt: null,
    title: name,
    descriptionHtml: null,
    status: 'open',
    remoteStatus: 'open',
    department: null,
    location: null,
    confidential: false,
    openedAt: null,
    closedAt: null,
    url: null,
    customFields: {},
  },
];

const toPerson: Read = ({ id, name }) => [
  {
    kind: 'candidate',
    remoteId: String(id),
    updatedAt: null,
    name,
    firstName: null,
    lastName: null,
    emails: [],
    phones: [],
    headline: null,
    company: null,
    location: null,
    links: [],
    tags: [],
    anonymised: false,
    url: null,
    customFields: {},
  },
  {
    kind: 'application',
    remoteId: `of-${id}`,
    updatedAt: null,
    candidateRemoteId: String(id),
    jobRemoteId: '1',
    stageRemoteId: null,
    stageName: null,
    status: 'active',
    statusReason: null,
    appliedAt: null,
    stageChangedAt: null,
    source: null,
    ownerRemoteId: null,
    customFields: {},
  },
];

/** Lists ids a page at a time and then asks for all rows of the page at once. */
async function* pages(
  { http }: ProviderContext<RefereeConfig>,
  list: string,
  read: Read,
  cursor: unknown,
): AsyncGenerator<ProviderPage> {
  let page: number | null = z.int().nullable().parse(cursor) ?? 1;
  while (page !== null) {
    const { ids, next } = pageSchema.parse((await http.request({ path: `/${list}`, query: { page } })).body);
    const rows = await Promise.all(ids.map((id) => http.request({ path: `/${list}/${id}` })));
    const records = rows.flatMap(({ body }) => read(rowSchema.parse(body)));
    yield { records, rejected: [], withheld: [], next };
    page = next;
  }
}

/** The ATS whose sign-in is a certified authorization server. It declares everything that the library can hold a server to. */
export const refereeProvider: AtsProvider<RefereeConfig> = defineProvider<RefereeConfig>({
  manifest: {
    id: 'referee',
    name: 'Referee',
    summary: 'An ATS behind an OpenID-certified authorization server.',
    documentation: {
      api: 'https://github.com/panva/node-oidc-provider',
      authorisation: 'https://github.com/panva/node-oidc-provider',
    },
    checkedOn: '2026-11-25',
    auth: {
      kind: 'oauth2',
      authorizePath: '/auth',
      tokenPath: '/token',
      revokePath: '/token/revocation',
      scopes: ['jobs', 'candidates'],
      clientAuthentication: 'basic',
      pkce: 'S256',
      sendsRedirectUri: true,
      accessTokenSeconds: 3600,
      refreshTokenIdleSeconds: 86_400,
      rotatesRefreshToken: true,
    },
    rateLimit: { algorithm: 'token-bucket', capacity: 10_000, refillPerSecond: 10_000 },
    kinds: { job: { deletions: 'none' }, candidate: { deletions: 'none' }, application: { deletions: 'none' } },
    fields: {},
    stagesBelongTo: 'job',
    openJobStatuses: ['open'],
    incremental: { overlapSeconds: 60, lagSeconds: 0 },
    fileHosts: [],
  },
  config,
  apiUrl: ({ url }) => `${url}/api`,
  authUrl: ({ url }) => url,
  auth: {
    kind: 'oauth2',
    clientId: ({ clientId }) => clientId,
    clientSecret: ({ clientSecret }) => clientSecret,
    scopes: () => ['jobs', 'candidates'],
    issuer: ({ url }) => url,
    parseToken: (body, now) => {
      const parsed = tokenSchema.safeParse(body);
      if (!parsed.success) throw new ProviderFault('unexpected-shape', 'The referee answered without a token.');
      const { access_token, refresh_token, expires_in, scope } = parsed.data;
      return {
        accessToken: access_token,
        refreshToken: refresh_token ?? null,
        expiresAt: new Date(now.getTime() + expires_in * 1000),
        scopes: scope.split(' '),
      };
    },
  },
  streams: [
    {
      name: 'jobs',
      kinds: ['job'],
      modes: ['full', 'changes'],
      after: [],
      pages: (context, _request, cursor) => pages(context, 'jobs', toJob, cursor),
    },
    {
      name: 'candidates',
      kinds: ['candidate', 'application'],
      modes: ['full', 'changes'],
      after: ['jobs'],
      pages: (context, _request, cursor) => pages(context, 'candidates', toPerson, cursor),
    },
  ],
  preflight: async ({ http }) => {
    const { account } = z.looseObject({ account: z.string() }).parse((await http.request({ path: '/me' })).body);
    return { accountId: account, accountName: account, authorisedBy: account, blockers: [], warnings: [] };
  },
});
