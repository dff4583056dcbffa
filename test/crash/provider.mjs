// An ATS with one stream: enough to sign in, refresh and sync.
import { ProviderFault, defineProvider } from '@elly/ats-integration/contract';
import { z } from 'zod';

const job = (row) => ({
  kind: 'job',
  remoteId: row.id,
  updatedAt: null,
  title: row.title,
  descriptionHtml: null,
  status: 'open',
  remoteStatus: 'live',
  department: null,
  location: null,
  confidential: false,
  openedAt: null,
  closedAt: null,
  url: null,
  customFields: {},
});

export const crashAts = defineProvider({
  manifest: {
    id: 'crash',
    name: 'Crash',
    summary: 'An ATS to die at.',
    documentation: { api: 'https://crash.example', authorisation: 'https://crash.example' },
    checkedOn: '2026-11-25',
    auth: {
      kind: 'oauth2',
      authorizePath: '/authorize',
      tokenPath: '/token',
      revokePath: '/revoke',
      scopes: ['all'],
      clientAuthentication: 'basic',
      pkce: 'S256',
      sendsRedirectUri: true,
      accessTokenSeconds: 3600,
      refreshTokenIdleSeconds: 86_400,
      rotatesRefreshToken: true,
    },
    rateLimit: { algorithm: 'token-bucket', capacity: 1000, refillPerSecond: 500 },
    kinds: { job: { deletions: 'none' } },
    fields: {},
    stagesBelongTo: 'account',
    openJobStatuses: ['live'],
    incremental: { overlapSeconds: 60, lagSeconds: 1 },
    fileHosts: [],
  },
  config: z.strictObject({ url: z.url() }),
  apiUrl: ({ url }) => `${url}/api`,
  authUrl: ({ url }) => url,
  auth: {
    kind: 'oauth2',
    clientId: () => 'elly',
    clientSecret: () => 'secret',
    scopes: () => ['all'],
    parseToken: (body, now) => {
      const parsed = z
        .object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() })
        .safeParse(body);
      if (!parsed.success) throw new ProviderFault('unexpected-shape', 'No token.');
      const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = parsed.data;
      return { accessToken, refreshToken, expiresAt: new Date(now.getTime() + seconds * 1000), scopes: null };
    },
  },
  streams: [
    {
      name: 'jobs',
      kinds: ['job'],
      modes: ['full', 'changes'],
      after: [],
      async *pages({ http }) {
        const { body } = await http.request({ path: '/jobs' });
        yield { records: body.jobs.map(job), rejected: [], withheld: [], next: null };
      },
    },
  ],
  async preflight({ http }) {
    const { body } = await http.request({ path: '/me' });
    return { accountId: body.account, accountName: 'Acme', authorisedBy: 'Ann', blockers: [], warnings: [] };
  },
});

/** The same ATS, connected by a key instead. */
export const crashByKey = defineProvider({
  ...crashAts,
  manifest: {
    ...crashAts.manifest,
    id: 'crash-by-key',
    auth: { kind: 'api-key', fields: [{ name: 'key', label: 'Key', secret: true, help: 'Any.' }] },
  },
  auth: { kind: 'api-key', authorisation: ({ key }) => ({ name: 'authorization', value: `Bearer ${key}` }) },
});
