import { setTimeout as sleep } from 'node:timers/promises';
import { ProviderRegistry } from '@elly/ats-integration';
import type { FaultRule, ProviderId, Sandbox, SimulatedAccount } from '@elly/ats-sandbox';
import { createSandbox } from '@elly/ats-sandbox';
import { MikroORM } from '@mikro-orm/postgresql';
import { EllyClient } from '../../apps/demo/src/elly-client.js';
import type { Details, Run } from '../../apps/demo/src/elly-client.js';
import { User } from '../../apps/elly/src/session/user.entity.js';
import { ADA, runElly } from '../../apps/elly/src/testing/running-elly.js';
import type { RunningElly } from '../../apps/elly/src/testing/running-elly.js';

export const CLIENTS = {
  greenhouse: { clientId: 'troubled-greenhouse-1001', clientSecret: 'greenhouse-secret' },
  lever: { clientId: 'troubled-lever', clientSecret: 'lever-secret' },
} as const;
export const PROVIDERS = Object.keys(CLIENTS) as ProviderId[];

const LOOK_AGAIN_MS = 10;

export interface ConnectionView extends Details {
  readonly status: string;
  readonly statusReason: string | null;
  readonly issues: readonly { readonly code: string; readonly message: string }[];
}

/** Where a connect ended: at the settings page, or on a page of the ATS's that leads nowhere. */
export interface ConnectEnd {
  readonly connection: string | null;
  readonly message: string | null;
  readonly stuckAt: string | null;
}

/** The real sandbox and the real host, with an ATS that misbehaves as it is told. */
export class TroubledElly {
  readonly client: EllyClient;
  readonly publicUrl: string;
  #greenhouses = 0;

  private constructor(
    readonly sandbox: Sandbox,
    readonly sandboxUrl: string,
    readonly running: RunningElly,
  ) {
    this.publicUrl = running.elly.config.publicUrl;
    this.client = new EllyClient(this.publicUrl, ADA);
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<TroubledElly> {
    const sandbox = createSandbox();
    const { url } = await sandbox.listen();
    const running = await runElly({
      SYNC_RETRY_SECONDS: '0.2',
      ...env,
      GREENHOUSE_API_URL: `${url}/greenhouse`,
      GREENHOUSE_AUTH_URL: `${url}/greenhouse-auth`,
      GREENHOUSE_CLIENT_ID: CLIENTS.greenhouse.clientId,
      GREENHOUSE_CLIENT_SECRET: CLIENTS.greenhouse.clientSecret,
      LEVER_API_URL: `${url}/lever`,
      LEVER_AUTH_URL: `${url}/lever-auth`,
      LEVER_CLIENT_ID: CLIENTS.lever.clientId,
      LEVER_CLIENT_SECRET: CLIENTS.lever.clientSecret,
      ...env,
    });
    const elly = new TroubledElly(sandbox, url, running);
    for (const provider of PROVIDERS) elly.registerApp(provider);
    await elly.client.send('PUT', '/api/workspace/plan', { plan: 'enterprise' });
    await elly.client.send('POST', '/api/workspace/credits', { credits: 100 });
    return elly;
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.sandbox.close();
  }

  /** One more beside Ada, in her workspace. */
  async addAdmin(name: string, email: string): Promise<void> {
    const em = this.running.elly.app.get(MikroORM).em.fork();
    const { workspaceId } = await em.findOneOrFail(User, { email: ADA });
    await em.persist(new User({ workspaceId, name, email, role: 'admin' })).flush();
  }

  /** As an operator says it whose app holds the scopes for it: what a connect asks for beyond reading. */
  askFor(provider: ProviderId, features: readonly string[]): void {
    const { config } = this.running.elly.app.get(ProviderRegistry, { strict: false }).get(provider);
    Object.assign(config as { features: readonly string[] }, { features });
  }

  /** As the ATS knows Elly's app; `changes` make it know something else. */
  registerApp(provider: ProviderId, changes: { clientSecret?: string; scopes?: readonly string[] } = {}): void {
    const redirectUris = [`${this.running.elly.config.publicUrl}/api/ats/oauth/callback/${provider}`];
    this.sandbox.clients.register({ provider, ...CLIENTS[provider], redirectUris, ...changes });
  }

  /**
   * As many people in every account, so that what one costs can be compared with what another does. Lever's are the very
   * same people. Greenhouse does not name its accounts: those whose jobs are alike, by title or by the day on which they
   * opened, are taken for one.
   */
  account(provider: ProviderId, candidates: number, faults: readonly FaultRule[] = []): SimulatedAccount {
    if (provider === 'greenhouse') this.#greenhouses += 1;
    const number = provider === 'greenhouse' ? this.#greenhouses : 0;
    const baseDate = new Date(Date.UTC(2026, 9, 1 - number)).toISOString();
    const knobs = { rateLimit: 'off', baseDate };
    const account = this.sandbox.accounts.create({ provider, seed: 5 + number, candidates, knobs });
    account.faults.add(faults);
    return account;
  }

  /** Goes through the sign-in as a browser does, with these fields of the consent page's form. */
  async tryConnect(provider: ProviderId, choices: Readonly<Record<string, string>>): Promise<ConnectEnd> {
    const { authorizeUrl } = await this.client.send<{ authorizeUrl: string }>('POST', '/api/ats/connections', {
      provider,
    });
    const parameters = Object.fromEntries(new URL(authorizeUrl).searchParams);
    const { pathname } = new URL(authorizeUrl);
    const page = await this.client.browser.submit(new URL(pathname, authorizeUrl), {
      ...parameters,
      decision: 'approve',
      ...choices,
    });
    if (page.location === null) return { connection: null, message: null, stuckAt: page.text };
    const end = await this.client.returnFrom(page.location);
    return { connection: end.get('connection'), message: end.get('message'), stuckAt: null };
  }

  /** Connects, and waits for what tells the account from the next one's: its jobs. */
  async connectApart(account: SimulatedAccount): Promise<ConnectEnd> {
    const end = await this.tryConnect(account.provider, { account: account.id });
    while (end.connection !== null && (await this.details(end.connection)).records.jobs === 0)
      await sleep(LOOK_AGAIN_MS);
    return end;
  }

  details(connection: string): Promise<ConnectionView> {
    return this.client.get<ConnectionView>(`/api/ats/connections/${connection}`);
  }

  connections(): Promise<readonly { readonly id: string }[]> {
    return this.client.get('/api/ats/connections');
  }

  async credits(): Promise<number> {
    return (await this.client.get<{ balance: number }>('/api/workspace/credits')).balance;
  }

  /** The newest run, once it is over; and no further one waits. */
  async lastRun(connection: string): Promise<Run> {
    for (;;) {
      const [run] = await this.client.runs(connection);
      if (run !== undefined && run.status !== 'queued' && run.status !== 'running') return run;
      await sleep(100);
    }
  }

  async syncAgain(connection: string): Promise<Run> {
    await this.client.send('POST', `/api/ats/connections/${connection}/sync-runs`);
    return this.lastRun(connection);
  }

  async resumesSettled(connection: string): Promise<ConnectionView> {
    for (;;) {
      const details = await this.details(connection);
      if (details.records.resumesPending === 0) return details;
      await sleep(200);
    }
  }
}
