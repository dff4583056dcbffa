import { EntityManager } from '@mikro-orm/postgresql';
import { ConnectFlow } from '../../connect/connect-flow.js';
import { Disconnect } from '../../connect/disconnect.js';
import { PlanEnforcement } from '../../connect/plan-enforcement.js';
import { Slots } from '../../connect/slots.js';
import { KeepAlive } from '../../connections/keep-alive.js';
import { KeyRotation } from '../../connections/key-rotation.js';
import { Revocations } from '../../connections/revocations.js';
import { TokenEndpoint } from '../../connections/token-endpoint.js';
import { TokenRefresh } from '../../connections/token-refresh.js';
import { ProviderFault } from '../../contract/fault.js';
import { ProviderRegistry } from '../../registry/provider-registry.js';
import { AtsError } from '../../support/ats-error.js';
import { Clock } from '../../support/clock.js';
import { SealedBox } from '../../support/sealed-box.js';
import { SyncRuns } from '../../sync/sync-runs.js';
import { RunningAts } from '../running-ats.js';
import { GrantServer } from './grant-server.js';
import { LedgerAway } from './ledger-away.js';
import { observe, watchMoves } from './observe.js';
import type { Observation } from './observation.js';
import { PLANS } from './operations.js';
import type { Operation, Outcome, PlanName, Trouble, Who } from './operations.js';
import { servedAts } from './served-ats.js';
import { TroubledLedger } from './troubled-ledger.js';

const CALLBACK = { callbackPath: 'api/ats/oauth/callback' };
const RING = ['k1', 'k2'].map((id, index) => ({ id, secret: Buffer.alloc(32, index + 7).toString('base64') }));
export const PROVIDERS = ['one-ats', 'other-ats'] as const;

/** The library as it runs, and what lies around it: the ATSs, the people, the plans and the time. */
export class LifeCycleWorld {
  readonly plans = new Map<string, PlanName>();
  /** Refreshes that a grant may cause: one for each time that it expired or was to be kept alive. */
  readonly mayRefresh = new Map<string, number>();
  #began = 0;
  #seconds = 0;
  #rotations = 0;

  private constructor(
    readonly ats: RunningAts,
    readonly server: GrantServer,
    readonly ledger: TroubledLedger,
    plans: Map<string, PlanName>,
  ) {
    this.plans = plans;
  }

  static async start(): Promise<LifeCycleWorld> {
    const server = await GrantServer.start();
    const ledger = new TroubledLedger();
    const plans = new Map<string, PlanName>();
    const planOf = (workspace: string) => {
      const plan = plans.get(workspace) ?? 'free';
      return Promise.resolve({ plan, connections: PLANS[plan] });
    };
    const [provider, ...others] = PROVIDERS.map(servedAts);
    if (provider === undefined) throw new Error('There is no ATS.');
    const ats = await RunningAts.start({
      provider,
      others,
      url: server.url,
      options: { encryptionKeys: RING },
      ports: { planLimits: { useValue: { of: planOf } }, creditLedger: { useValue: ledger } },
    });
    await watchMoves(ats.database);
    await ledger.open(ats.database);
    return new LifeCycleWorld(ats, server, ledger, plans);
  }

  async stop(): Promise<void> {
    await this.ats.stop();
    await this.server.stop();
  }

  /** As before the first customer. */
  async reset(credits: number, plans: Readonly<Record<string, PlanName>>): Promise<void> {
    await this.ats.database.rows(`truncate ats.connections, ats.outbox_events, life_cycle_moves cascade`);
    this.server.forget();
    this.mayRefresh.clear();
    this.plans.clear();
    for (const [workspace, plan] of Object.entries(plans)) this.plans.set(workspace, plan);
    await this.ledger.reset(credits);
    this.ats.queue.items.length = 0;
    this.#began = Date.now();
    this.#seconds = 0;
    this.tick(0);
  }

  /** Time for everything, also for what goes by the database's clock. */
  async pass(minutes: number): Promise<void> {
    this.tick(minutes * 60);
    await this.ats.pass(minutes);
  }

  /** Seconds of the library's clock. */
  tick(seconds: number): void {
    this.#seconds += seconds;
    this.ats.now = new Date(this.#began + this.#seconds * 1000);
  }

  /** What goes before the operation, and is over when it begins. */
  async prepare(operation: Operation): Promise<void> {
    const { database } = this.ats;
    if (operation.kind === 'plan') this.plans.set(operation.workspace, operation.plan);
    if (operation.kind === 'wait') await this.pass(operation.minutes);
    if (operation.kind === 'give-back') {
      this.server.revocationsFail = operation.failing;
      await database.rows(`update ats.revocations set not_before = null`);
    }
    if (operation.kind !== 'sync' && operation.kind !== 'keep-alive') return;
    await database.rows(`update ats.connections set refresh_not_before = null where refresh_not_before is not null`);
    await this.#trouble(operation.connection, operation.after);
    if (operation.kind === 'keep-alive') {
      await database.rows(
        `update ats.connections set refreshed_at = now() - interval '12 hours' where id = $1 and status in ('active', 'suspended')`,
        [operation.connection],
      );
      await this.#allowRefresh(operation.connection, 1);
    }
  }

  async perform(operation: Operation): Promise<Outcome> {
    try {
      return { code: 'ok', ...(await this.#perform(operation)) };
    } catch (error) {
      if (error instanceof AtsError || error instanceof ProviderFault || error instanceof LedgerAway)
        return { code: error.code };
      throw error;
    }
  }

  /** Troubles last as long as the operation that met them. */
  calm(): void {
    this.server.revocationsFail = false;
    this.server.answersAfterMs = 0;
    this.ledger.trouble = null;
    for (const grant of this.server.grants.values()) grant.fault = null;
  }

  async observe(): Promise<Observation> {
    await this.ats.get(SyncRuns).abortStranded();
    return observe(this.ats, this.server, this.ledger);
  }

  /** Keys that are reserved although nobody signs in, after the sweep has run once with everything well. */
  async stranded(): Promise<readonly string[]> {
    await this.pass(60);
    await this.ats.get(Slots).releaseAbandoned();
    return this.ledger.keys('reserved');
  }

  async #perform(operation: Operation): Promise<Omit<Outcome, 'code'>> {
    const { ats } = this;
    const flow = ats.get(ConnectFlow);
    switch (operation.kind) {
      case 'begin':
        return stateOf(await flow.begin(operation.by, operation.provider, CALLBACK));
      case 'begin-again':
        return stateOf(await flow.beginAgain(operation.by, operation.connection, CALLBACK));
      case 'finish':
        await this.#finish(operation);
        return {};
      case 'release-abandoned':
        await ats.get(Slots).releaseAbandoned();
        return {};
      case 'sync':
        await ats.work(await ats.get(SyncRuns).request(operation.connection, 'incremental', 'person'));
        return {};
      case 'keep-alive':
        await this.#keepAliveElsewhere().sweep();
        return {};
      case 'enforce':
        await ats.get(PlanEnforcement).enforce(operation.workspace);
        return {};
      case 'disconnect':
        await ats.get(Disconnect).disconnect(operation.workspace, operation.connection, 'ann');
        return {};
      case 'give-back':
        while ((await ats.get(Revocations).sweep()) > 0);
        return {};
      case 'reseal':
        this.#rotations += 1;
        await new KeyRotation(
          ats.database.em(),
          new SealedBox(this.#rotations % 2 === 0 ? RING : [...RING].reverse()),
        ).reseal();
        return {};
      case 'wait':
      case 'plan':
        return {};
      default:
        return operation satisfies never;
    }
  }

  async #finish({ state, as, account, grant, of }: Extract<Operation, { kind: 'finish' }>): Promise<void> {
    const { workspaceId, userId, browser } = of.who;
    const person: Who = {
      workspaceId: as === 'another workspace' ? `${workspaceId}-other` : workspaceId,
      userId: as === 'another user' ? `${userId}-other` : userId,
      browser: as === 'another browser' ? `${browser}-other` : browser,
    };
    const other = PROVIDERS.find((id) => id !== of.provider) ?? '';
    const provider = as === 'another provider' ? other : of.provider;
    const answer =
      as === 'the person, refusing' ? { error: 'access_denied' } : { code: GrantServer.code(grant, account) };
    await this.ats.get(ConnectFlow).finish(person, provider, { state, ...answer });
  }

  /** As another process does it: it shares nothing with the syncs here but the database. */
  #keepAliveElsewhere(): KeepAlive {
    const { ats } = this;
    const [registry, clock, em] = [ats.get(ProviderRegistry), ats.get<Clock>(Clock), ats.get(EntityManager)];
    const refresh = new TokenRefresh(em, registry, ats.get(TokenEndpoint), ats.get(SealedBox), clock);
    return new KeepAlive(em, registry, refresh, clock);
  }

  async #trouble(connection: string, trouble: Trouble): Promise<void> {
    const grant = await this.#allowRefresh(connection, trouble === 'nothing' ? 0 : 1);
    if (grant === undefined) return;
    if (trouble === 'revoked at the ATS') grant.alive = false;
    if (!trouble.startsWith('expired')) return;
    grant.accessExpired = true;
    if (trouble === 'expired, sign-in server down') grant.fault = 'unavailable';
    if (trouble === 'expired, answer lost') grant.fault = 'lost';
    // What brought no answer is tried again.
    if (grant.fault !== null) await this.#allowRefresh(connection, 2);
    if (trouble === 'expired at the ATS only') return;
    await this.ats.database.rows(
      `update ats.connections set access_expires_at = now() - interval '1 second', refreshed_at = least(refreshed_at, now() - interval '1 hour')
       where id = $1 and access_expires_at is not null`,
      [connection],
    );
  }

  async #allowRefresh(connection: string, more: number) {
    const seen = (await observe(this.ats, this.server, this.ledger)).connections.find(({ id }) => id === connection);
    if (seen?.grant === null || seen?.grant === undefined) return undefined;
    this.mayRefresh.set(seen.grant, (this.mayRefresh.get(seen.grant) ?? 0) + more);
    return this.server.grants.get(seen.grant);
  }
}

function stateOf({ connectionId, authorizeUrl }: { connectionId: string; authorizeUrl: string | null }): {
  connection: string;
  state: string;
} {
  return { connection: connectionId, state: new URL(authorizeUrl ?? '').searchParams.get('state') ?? '' };
}
