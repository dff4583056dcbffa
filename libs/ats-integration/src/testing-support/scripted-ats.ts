import { z } from 'zod';
import type { AtsProvider, StreamMode, StreamRequest } from '../contract/ats-provider.js';
import type { AccountProfile } from '../contract/auth.js';
import { ProviderFault } from '../contract/fault.js';
import type { Cursor, ProviderPage, RejectedRecord, WithheldRecord } from '../contract/page.js';
import type { ProviderRecord, RecordKind } from '../contract/records.js';
import type { GoneRecord } from '../contract/tombstone.js';

export interface ScriptedPage {
  readonly records?: readonly ProviderRecord[];
  readonly rejected?: readonly RejectedRecord[];
  readonly withheld?: readonly WithheldRecord[];
  readonly gone?: readonly GoneRecord[];
  /** Overrides where the page leads to. */
  readonly next?: Cursor | null;
}

export type Script = readonly ScriptedPage[] | ((request: StreamRequest) => readonly ScriptedPage[]);

export interface AskedPage {
  readonly stream: string;
  readonly request: StreamRequest;
  readonly page: number;
}

export interface StreamShape {
  readonly name: string;
  readonly kinds: readonly [RecordKind, ...RecordKind[]];
  readonly modes?: readonly StreamMode[];
  readonly after?: readonly string[];
  readonly optional?: boolean;
  readonly wanted?: () => boolean;
}

/** Applications before their people: an ATS that lists each kind by itself. */
export const LISTED_APART: readonly StreamShape[] = [
  { name: 'jobs', kinds: ['job'] },
  { name: 'stages', kinds: ['stage'] },
  { name: 'applications', kinds: ['application'], modes: ['full', 'changes', 'of-jobs'] },
  { name: 'candidates', kinds: ['candidate'], modes: ['full', 'changes', 'ids'], after: ['applications'] },
  { name: 'resumes', kinds: ['resume'] },
];

/** A person and the application in one row. */
export const LISTED_TOGETHER: readonly StreamShape[] = [
  { name: 'jobs', kinds: ['job'] },
  { name: 'stages', kinds: ['stage'] },
  { name: 'opportunities', kinds: ['candidate', 'application', 'stage-stay'], modes: ['full', 'changes', 'of-jobs'] },
];

export const SCRIPTED_ID = 'scripted';
export const LAG_SECONDS = 30;
export const OVERLAP_SECONDS = 120;

const cursorSchema = z.strictObject({ page: z.int().nonnegative() });
const tokenSchema = z.object({ access_token: z.string(), refresh_token: z.string().nullish(), expires_in: z.number() });

/** An ATS whose pages are arrays: no network, every fetch written down, faults wherever the test wants them. */
export class ScriptedAts {
  /** By stream. A stream without a script is an empty listing. */
  readonly scripts = new Map<string, Script>();
  readonly asked: AskedPage[] = [];
  /** Called before each page is handed out; what it throws is what the ATS did. */
  before: (asked: AskedPage) => Promise<void> | void = () => undefined;
  profile: AccountProfile = { accountId: null, accountName: 'Acme', authorisedBy: 'Ann', blockers: [], warnings: [] };
  resumes: AtsProvider['resumes'] = undefined;
  readonly provider: AtsProvider;

  constructor(shapes: readonly StreamShape[] = LISTED_APART, overrides: Partial<AtsProvider> = {}) {
    const ats = () => this;
    this.provider = {
      ...scriptedBase,
      streams: shapes.map(({ name, kinds, modes = ['full', 'changes'], after = [], ...rest }) => ({
        ...rest,
        name,
        kinds,
        modes,
        after,
        pages: (_: unknown, request: StreamRequest, cursor: Cursor | null) => this.#pages(name, request, cursor),
      })),
      get resumes() {
        return ats().resumes;
      },
      preflight: () => Promise.resolve(this.profile),
      ...overrides,
    };
  }

  /** Fetches of one stream, as `mode:page`. */
  fetches(stream: string): string[] {
    return this.asked.filter((asked) => asked.stream === stream).map(({ request, page }) => `${request.mode}:${page}`);
  }

  async *#pages(stream: string, request: StreamRequest, cursor: Cursor | null): AsyncGenerator<ProviderPage> {
    const script = this.scripts.get(stream) ?? [];
    const pages = typeof script === 'function' ? script(request) : script;
    let page = cursor === null ? 0 : cursorSchema.parse(cursor).page;
    while (page < pages.length) {
      this.asked.push({ stream, request, page });
      await this.before({ stream, request, page });
      const { records = [], rejected = [], withheld = [], gone = [], ...rest } = pages[page] ?? {};
      const next = rest.next === undefined ? (page + 1 < pages.length ? { page: page + 1 } : null) : rest.next;
      yield { records, rejected, withheld, gone, next };
      if (next === null) return;
      page = cursorSchema.parse(next).page;
    }
  }
}

const scriptedBase: Omit<AtsProvider, 'streams' | 'preflight'> = {
  manifest: {
    id: SCRIPTED_ID,
    name: 'Scripted',
    summary: 'An ATS made of arrays.',
    documentation: { api: 'https://scripted.example/docs', authorisation: 'https://scripted.example/docs/oauth' },
    checkedOn: '2026-03-01',
    auth: {
      kind: 'oauth2',
      authorizePath: '/authorize',
      tokenPath: '/token',
      revokePath: '/revoke',
      scopes: ['everything'],
      clientAuthentication: 'basic',
      pkce: 'S256',
      sendsRedirectUri: true,
      accessTokenSeconds: 3600,
      refreshTokenIdleSeconds: 86_400,
      rotatesRefreshToken: true,
    },
    rateLimit: { algorithm: 'token-bucket', capacity: 1000, refillPerSecond: 500 },
    kinds: {
      user: { deletions: 'none' },
      job: { deletions: 'none' },
      stage: { deletions: 'none' },
      candidate: { deletions: 'none' },
      application: { deletions: 'none' },
      resume: { deletions: 'none' },
      'stage-stay': { deletions: 'none' },
    },
    fields: {},
    stagesBelongTo: 'account',
    openJobStatuses: ['live'],
    incremental: { overlapSeconds: OVERLAP_SECONDS, lagSeconds: LAG_SECONDS },
    fileHosts: ['127.0.0.1'],
  },
  config: z.strictObject({ url: z.url(), clientSecret: z.string().min(1) }),
  apiUrl: (config) => `${(config as { url: string }).url}/v1`,
  authUrl: (config) => (config as { url: string }).url,
  auth: {
    kind: 'oauth2',
    clientId: () => 'elly',
    clientSecret: (config) => (config as { clientSecret: string }).clientSecret,
    scopes: () => ['everything'],
    parseToken: (body, now) => {
      const parsed = tokenSchema.safeParse(body);
      if (!parsed.success) throw new ProviderFault('unexpected-shape', 'Scripted answered without a token.');
      return {
        accessToken: parsed.data.access_token,
        refreshToken: parsed.data.refresh_token ?? null,
        expiresAt: new Date(now.getTime() + parsed.data.expires_in * 1000),
        scopes: null,
      };
    },
  },
};
