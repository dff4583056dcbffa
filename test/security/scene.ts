import { createHash, randomBytes } from 'node:crypto';
import type { ProviderId, Sandbox, SimulatedAccount } from '@elly/ats-sandbox';
import { createSandbox } from '@elly/ats-sandbox';
import { WorkQueue } from '@elly/ats-integration';
import type { DomainEvent, WorkItem } from '@elly/ats-integration';
import { MikroORM } from '@mikro-orm/postgresql';
import { request } from 'undici';
import { Browser } from '../../apps/demo/src/browser.js';
import { ActivityEventPublisher } from '../../apps/elly/src/ats-ports/activity-event-publisher.js';
import { User } from '../../apps/elly/src/session/user.entity.js';
import { runElly } from '../../apps/elly/src/testing/running-elly.js';
import type { RunningElly } from '../../apps/elly/src/testing/running-elly.js';
import { addWorkspace } from '../../apps/elly/src/testing/test-orm.js';
import { Secrets } from './secrets.js';

export const ADA = 'ada@acme.example';
/** A second admin of Ada's workspace. */
export const BEN = 'ben@acme.example';
export const RAE = 'rae@acme.example';
/** An admin of another workspace. */
export const EVE = 'eve@other.example';

const GREENHOUSE = {
  clientId: 'security-greenhouse-1001',
  clientSecret: `canary-gh-${randomBytes(16).toString('hex')}`,
};
const LEVER = { clientId: 'security-lever', clientSecret: `canary-lever-${randomBytes(16).toString('hex')}` };
const CLIENTS: Readonly<Record<ProviderId, { readonly clientId: string; readonly clientSecret: string }>> = {
  greenhouse: GREENHOUSE,
  lever: LEVER,
};
const KEY = randomBytes(32).toString('base64');

export interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Where it sends the browser, as it says it. */
  readonly location: string | null;
}

export interface Asking {
  readonly user?: string | null;
  /** The sign-in cookie's value. */
  readonly browser?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
  readonly type?: string | null;
}

/** A sign-in that was begun, as its attacker or its victim sees it. */
export interface Begun {
  readonly connectionId: string;
  readonly authorizeUrl: string;
  readonly state: string;
  readonly browser: string;
}

/** Elly and two ATSs, with everything that could give a secret away kept for the scan. */
export class Scene {
  readonly log: string[] = [];
  readonly queued: WorkItem[] = [];
  readonly events: DomainEvent[] = [];
  /** Answers that are no data: refusals and redirects. */
  readonly refusals: { readonly request: string; readonly reply: Reply }[] = [];
  readonly secrets = new Secrets();
  readonly sandbox: Sandbox = createSandbox();
  sandboxUrl = '';
  #running: RunningElly | undefined;
  #accounts = 0;

  /** `redis`: where the work is kept; in the process when it is null. */
  static async start(redis: { readonly url: string; readonly prefix: string } | null): Promise<Scene> {
    const scene = new Scene();
    scene.sandboxUrl = (await scene.sandbox.listen()).url;
    scene.#running = await runElly(
      {
        LOG_LEVEL: 'trace',
        SYNC_RETRY_SECONDS: '0.1',
        ENCRYPTION_KEYS: `k1:${KEY}`,
        GREENHOUSE_API_URL: `${scene.sandboxUrl}/greenhouse`,
        GREENHOUSE_AUTH_URL: `${scene.sandboxUrl}/greenhouse-auth`,
        GREENHOUSE_CLIENT_ID: GREENHOUSE.clientId,
        GREENHOUSE_CLIENT_SECRET: GREENHOUSE.clientSecret,
        LEVER_API_URL: `${scene.sandboxUrl}/lever`,
        LEVER_AUTH_URL: `${scene.sandboxUrl}/lever-auth`,
        LEVER_CLIENT_ID: LEVER.clientId,
        LEVER_CLIENT_SECRET: LEVER.clientSecret,
        ...(redis === null ? {} : { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix }),
      },
      { logTo: { write: (line) => void scene.log.push(line) } },
    );
    scene.#watch();
    await scene.#furnish();
    return scene;
  }

  get running(): RunningElly {
    if (this.#running === undefined) throw new Error('The scene has not begun.');
    return this.#running;
  }

  get publicUrl(): string {
    return this.running.elly.config.publicUrl;
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.sandbox.close();
  }

  async sql<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.running.elly.app
      .get(MikroORM)
      .em.fork()
      .getConnection()
      .execute<Row[]>(text, [...values]);
  }

  async ask(method: string, path: string, asking: Asking = {}): Promise<Reply> {
    const {
      user = ADA,
      browser = null,
      headers = {},
      body,
      type = body === undefined ? null : 'application/json',
    } = asking;
    const answer = await request(`${this.running.elly.url()}/api${path}`, {
      method: method as 'GET',
      headers: {
        ...(user === null ? {} : { 'x-elly-user': user }),
        ...(browser === null ? {} : { cookie: `ats-sign-in=${browser}` }),
        ...(type === null ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const { location } = answer.headers;
    const reply: Reply = {
      status: answer.statusCode,
      type:
        typeof answer.headers['content-type'] === 'string'
          ? (answer.headers['content-type'].split(';')[0] ?? null)
          : null,
      headers: answer.headers,
      text: await answer.body.text(),
      location: typeof location === 'string' ? location : null,
    };
    if (reply.status >= 300) this.refusals.push({ request: `${method} ${path.split('?')[0] ?? ''}`, reply });
    return reply;
  }

  async json<Answer>(method: string, path: string, body?: unknown, user = ADA): Promise<Answer> {
    const reply = await this.ask(method, path, { user, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (reply.status >= 300) throw new Error(`${method} ${path} answered ${reply.status}: ${reply.text}`);
    return (reply.text === '' ? undefined : JSON.parse(reply.text)) as Answer;
  }

  account(provider: ProviderId, candidates = 8): SimulatedAccount {
    this.#accounts += 1;
    const baseDate = new Date(Date.UTC(2026, 9, 1 - this.#accounts)).toISOString();
    const knobs = { rateLimit: 'off', baseDate };
    const account = this.sandbox.accounts.create({ provider, seed: 70 + this.#accounts, candidates, knobs });
    for (const { email } of account.users()) this.secrets.add('a person of the ATS', email);
    return account;
  }

  /** Clicks on Connect, or signs in again. `browser`: whose cookie comes along; absent: a new browser's. */
  async begin(user: string, provider: ProviderId, asking: Asking & { readonly again?: string } = {}): Promise<Begun> {
    const { again, ...rest } = asking;
    const reply = await this.ask(
      'POST',
      again === undefined ? '/ats/connections' : `/ats/connections/${again}/reconnect`,
      {
        ...rest,
        user,
        body: JSON.stringify(again === undefined ? { provider } : {}),
      },
    );
    if (reply.status >= 300) throw new Error(`The connect answered ${reply.status}: ${reply.text}`);
    const { connectionId, authorizeUrl } = JSON.parse(reply.text) as { connectionId: string; authorizeUrl: string };
    const browser = /ats-sign-in=([\w-]+)/.exec(String(reply.headers['set-cookie']))?.[1] ?? '';
    const state = new URL(authorizeUrl).searchParams.get('state') ?? '';
    this.secrets.add('state', state);
    this.secrets.add('sign-in cookie', browser);
    return { connectionId, authorizeUrl, state, browser };
  }

  /** Approves at the ATS. Returns the code that it sends back. */
  async approve({ authorizeUrl }: Begun, account: SimulatedAccount): Promise<string> {
    const url = new URL(authorizeUrl);
    const page = await new Browser().submit(new URL(url.pathname, url), {
      ...Object.fromEntries(url.searchParams),
      decision: 'approve',
      account: account.id,
    });
    const code = page.location === null ? null : new URL(page.location).searchParams.get('code');
    if (code === null) throw new Error(`The ATS answered ${page.status}: ${page.text}`);
    return code;
  }

  callback(
    provider: string,
    query: string | Readonly<Record<string, string>>,
    asking: Asking & { readonly browser: string | null },
  ): Promise<Reply> {
    return this.ask('GET', `/ats/oauth/callback/${provider}?${String(new URLSearchParams(query))}`, asking);
  }

  /** From the click to the active connection. */
  async connect(user: string, account: SimulatedAccount, again?: string): Promise<string> {
    const { provider } = account;
    const begun = await this.begin(user, provider, again === undefined ? {} : { again });
    const code = await this.approve(begun, account);
    const reply = await this.callback(provider, { code, state: begun.state }, { user, browser: begun.browser });
    const connection = endOf(reply).get('connection');
    if (connection === null) throw new Error(`The connect ended at ${reply.location ?? reply.text}`);
    return connection;
  }

  async expire({ state }: Begun): Promise<void> {
    const hash = createHash('sha256').update(state).digest('base64url');
    await this.sql(
      `update ats.connect_states set expires_at = now() - interval '1 second' where state_hash = ? returning 1`,
      [hash],
    );
  }

  /** Codes that were brought to the token endpoint, whether or not tokens came of it. */
  exchanges(account: SimulatedAccount): number {
    return this.sandbox.tokens[account.provider].requests.of(account.id).authorization_code.made;
  }

  /** What the ATS knows as Elly. */
  tokenPath(provider: ProviderId): string {
    return provider === 'greenhouse' ? '/token' : '/oauth/token';
  }

  #watch(): void {
    const queue = this.running.elly.app.get<WorkQueue>(WorkQueue, { strict: false });
    const enqueue = queue.enqueue.bind(queue);
    queue.enqueue = (item, options) => {
      this.queued.push(item);
      return enqueue(item, options);
    };
    const publisher = this.running.elly.app.get(ActivityEventPublisher, { strict: false });
    const publish = publisher.publish.bind(publisher);
    publisher.publish = (events) => {
      this.events.push(...events);
      return publish(events);
    };
    for (const provider of ['greenhouse', 'lever'] as const) {
      const { secrets } = this;
      const tokens = this.sandbox.tokens[provider];
      const issueCode = tokens.issueCode.bind(tokens);
      const addAccessToken = tokens.addAccessToken.bind(tokens);
      const issueRefreshToken = tokens.issueRefreshToken.bind(tokens);
      tokens.issueCode = (...given) => secrets.add('code', issueCode(...given));
      tokens.issueRefreshToken = (...given) => secrets.add('refresh token', issueRefreshToken(...given));
      tokens.addAccessToken = (token, ...given) => addAccessToken(secrets.add('access token', token), ...given);
      const { clientId, clientSecret } = CLIENTS[provider];
      secrets.add('client secret', clientSecret);
      secrets.add('client authentication', Buffer.from(`${clientId}:${clientSecret}`).toString('base64'));
    }
    this.secrets.add('encryption key', KEY);
  }

  async #furnish(): Promise<void> {
    for (const provider of ['greenhouse', 'lever'] as const) {
      const redirectUris = [`${this.publicUrl}/api/ats/oauth/callback/${provider}`];
      this.sandbox.clients.register({ provider, ...CLIENTS[provider], redirectUris });
    }
    const orm: MikroORM = this.running.elly.app.get(MikroORM);
    const { workspaceId: other } = await addWorkspace(orm, 'enterprise');
    const { workspaceId } = await this.json<{ workspaceId: string }>('GET', '/session');
    await orm.em
      .fork()
      .persist([
        new User({ workspaceId, name: 'Ben', email: BEN, role: 'admin' }),
        new User({ workspaceId: other, name: 'Eve', email: EVE, role: 'admin' }),
      ])
      .flush();
    await this.json('PUT', '/workspace/plan', { plan: 'enterprise' });
    for (const user of [ADA, EVE]) await this.json('POST', '/workspace/credits', { credits: 200 }, user);
  }
}

/** What the settings page is told. */
export function endOf(reply: Reply): URLSearchParams {
  if (reply.location === null) throw new Error(`The callback answered ${reply.status}: ${reply.text}`);
  return new URL(reply.location).searchParams;
}
