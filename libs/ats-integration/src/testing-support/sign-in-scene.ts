import type { AtsProvider } from '../contract/ats-provider.js';
import { ConnectFlow } from '../connect/connect-flow.js';
import type { Callback } from '../connect/authorisation.js';
import { markReconnectRequired } from '../connections/standstill.js';
import { LocalServer, json } from './local-server.js';
import { RunningAts } from './running-ats.js';
import type { RunningAtsOptions } from './running-ats.js';
import { LISTED_APART, SCRIPTED_ID, ScriptedAts } from './scripted-ats.js';

const CALLBACK = { callbackPath: 'api/ats/oauth/callback' };

/** One person after the other who signs in at a scripted ATS that says yes. */
export class SignInScene {
  readonly script: ScriptedAts;
  person = { workspaceId: 'scene-0', userId: 'ann', browser: 'browser-of-ann' };
  #people = 0;

  private constructor(
    readonly ats: RunningAts,
    readonly server: LocalServer,
    script: ScriptedAts,
  ) {
    this.script = script;
  }

  static async start(
    overrides: Partial<AtsProvider> = {},
    options: RunningAtsOptions['options'] = {},
  ): Promise<SignInScene> {
    const script = new ScriptedAts([{ name: 'users', kinds: ['user'] }, ...LISTED_APART], overrides);
    const server = await LocalServer.start();
    return new SignInScene(
      await RunningAts.start({ provider: script.provider, url: server.url, options }),
      server,
      script,
    );
  }

  async stop(): Promise<void> {
    await this.ats.stop();
    await this.server.stop();
  }

  /** A new workspace, at an ATS that does not name its accounts and lists nothing. */
  reset(): void {
    this.#people += 1;
    this.person = { ...this.person, workspaceId: `scene-${this.#people}` };
    this.ats.plan = { plan: 'enterprise', connections: 'unlimited' };
    this.ats.ledger.keys.clear();
    this.ats.now = null;
    this.script.profile = { ...this.script.profile, accountId: null, accountName: null, blockers: [] };
    this.script.scripts.clear();
    this.server.heard.length = 0;
    this.server.answer = (response) =>
      json(response, 200, { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 });
  }

  get flow(): ConnectFlow {
    return this.ats.get(ConnectFlow);
  }

  /** Clicks on Connect. */
  async begin(): Promise<{ readonly connectionId: string; readonly state: string }> {
    return begun(await this.flow.begin(this.person, SCRIPTED_ID, CALLBACK));
  }

  /** Clicks on Reconnect. */
  async beginAgain(id: string): Promise<{ readonly connectionId: string; readonly state: string }> {
    return begun(await this.flow.beginAgain(this.person, id, CALLBACK));
  }

  finish({ state }: { readonly state: string }, answer: Partial<Callback> = { code: 'c' }): Promise<string> {
    return this.flow.finish(this.person, SCRIPTED_ID, { state, ...answer });
  }

  async connect(): Promise<string> {
    return this.finish(await this.begin());
  }

  async reconnect(id: string): Promise<string> {
    return this.finish(await this.beginAgain(id));
  }

  /** Works off what waits in the queue of a connection. */
  async sync(id: string): Promise<void> {
    const queued = await this.ats.database.rows<{ id: string }>(
      `select id from ats.sync_runs where connection_id = $1 and status = 'queued'`,
      [id],
    );
    for (const run of queued) await this.ats.work(run.id);
  }

  /** The authorisation ends at the ATS. */
  async lose(id: string): Promise<void> {
    const connection = { id, workspaceId: this.person.workspaceId, provider: SCRIPTED_ID };
    await this.ats.database
      .em()
      .transactional((em) => markReconnectRequired(em, connection, 'Sign in again.', new Date()));
  }

  async statusOf(id: string): Promise<string | undefined> {
    const [row] = await this.ats.database.rows<{ status: string }>(`select status from ats.connections where id = $1`, [
      id,
    ]);
    return row?.status;
  }

  /** Grants of this workspace that are to be given back to the ATS. */
  givenBack(): Promise<number> {
    return this.ats.database.value<number>(`select count(*)::int from ats.revocations where workspace_id = $1`, [
      this.person.workspaceId,
    ]);
  }
}

function begun({ connectionId, authorizeUrl }: { connectionId: string; authorizeUrl: string | null }): {
  readonly connectionId: string;
  readonly state: string;
} {
  return { connectionId, state: new URL(authorizeUrl ?? '').searchParams.get('state') ?? '' };
}
