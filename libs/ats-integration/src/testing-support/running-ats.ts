import { randomUUID } from 'node:crypto';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import type { MikroOrmModuleSyncOptions } from '@mikro-orm/nestjs';
import { Logger } from '@nestjs/common';
import type { CanActivate, INestApplication, Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { AtsIntegrationModule } from '../ats-integration.module.js';
import type { AtsHttp, AtsPorts } from '../ats-integration.module-definition.js';
import type { AtsIntegrationOptionsInput } from '../ats-integration.options.js';
import { sealCredentials } from '../connections/credentials.js';
import type { Credentials } from '../connections/credentials.js';
import { query } from '../database/query.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { PlanLimit } from '../plan/plan-limits.port.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';
import { SyncProcessor } from '../sync/sync-processor.js';
import type { RunKind } from '../sync/sync-run-status.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { startAtsDatabase } from './ats-database.js';
import type { AtsDatabase } from './ats-database.js';
import { HeldQueue } from './held-queue.js';
import { Ledger } from './ledger.js';
import { SCRIPTED_ID } from './scripted-ats.js';
import { TablePipeline } from './table-pipeline.js';

export const WORKSPACE = 'workspace-1';

export interface RunRow {
  readonly id: string;
  readonly status: string;
  readonly kind: RunKind;
  readonly fault_code: string | null;
  readonly fault_message: string | null;
  readonly attempts: number;
}

export interface RunningAtsOptions {
  readonly provider: AtsProvider;
  /** Further ATSs, at the same address. */
  readonly others?: readonly AtsProvider[];
  /** Where the scripted ATS's API and sign-in are, for tests that go over HTTP. */
  readonly url?: string;
  readonly options?: Partial<AtsIntegrationOptionsInput>;
  readonly ports?: AtsPorts;
  /** Mounts the routes, for `listen`. */
  readonly http?: AtsHttp;
  /** Guards of the host for every route. */
  readonly guards?: readonly Type<CanActivate>[];
  readonly rawBody?: boolean;
}

/** The whole library in a Nest module on a real Postgres, with a host that keeps tables and a queue that the test works off. */
export class RunningAts {
  readonly queue = new HeldQueue();
  readonly pipeline = new TablePipeline();
  readonly ledger = new Ledger();
  /** What every workspace's plan allows. */
  plan: PlanLimit = { plan: 'enterprise', connections: 'unlimited' };
  /** The library's time; the database keeps its own. */
  now: Date | null = null;
  #module: TestingModule | null = null;
  #app: INestApplication | null = null;

  private constructor(readonly database: AtsDatabase) {}

  static async start({
    provider,
    others = [],
    url,
    options,
    ports,
    http,
    guards = [],
    rawBody = true,
  }: RunningAtsOptions): Promise<RunningAts> {
    const database = await startAtsDatabase();
    await TablePipeline.createTables(database);
    const ats = new RunningAts(database);
    const providers = [provider, ...others];
    const address = { url: url ?? 'https://scripted.example', clientSecret: 'canary-client-secret' };
    const testing = Test.createTestingModule({
      imports: [
        MikroOrmModule.forRoot({ ...database.options, registerRequestContext: false } as MikroOrmModuleSyncOptions),
        AtsIntegrationModule.forRoot({
          publicUrl: 'https://app.elly.example',
          encryptionKeys: [{ id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') }],
          providerOptions: Object.fromEntries(providers.map(({ manifest }) => [manifest.id, address])),
          allowInsecureHosts: true,
          ...options,
          sync: { schedule: false, ...options?.sync },
          providers,
          http,
          queue: ats.queue.module(),
          ports: {
            hiringPipeline: { useValue: ats.pipeline },
            planLimits: { useValue: { of: () => Promise.resolve(ats.plan) } },
            creditLedger: { useValue: ats.ledger },
            ...ports,
          },
        }),
      ],
      providers: guards.map((guard) => ({ provide: APP_GUARD, useClass: guard })),
    })
      .overrideProvider(Clock)
      .useValue({ now: () => ats.now ?? new Date() });
    ats.#module = await testing.compile();
    Logger.overrideLogger(false);
    if (http === undefined) await ats.#module.init();
    else ats.#app = await ats.#module.createNestApplication({ rawBody }).setGlobalPrefix('api').init();
    return ats;
  }

  /** Answers on a free port; returns where the routes are, with the global prefix. */
  async listen(): Promise<string> {
    if (this.#app === null) throw new Error('The module was started without `http`.');
    await this.#app.listen(0, '127.0.0.1');
    return `${await this.#app.getUrl()}/api`;
  }

  get<Service>(token: (abstract new (...dependencies: never[]) => Service) | symbol | string): Service {
    if (this.#module === null) throw new Error('The module is not started.');
    return this.#module.get<Service>(token, { strict: false });
  }

  /** An active connection of a workspace of its own, as a connect leaves it. */
  async connect(changes: { workspaceId?: string; settings?: object; credentials?: Credentials } = {}): Promise<string> {
    const id = randomUUID();
    const workspaceId = changes.workspaceId ?? randomUUID();
    const credentials = changes.credentials ?? {
      kind: 'oauth2' as const,
      accessToken: 'canary-access-token',
      refreshToken: 'canary-refresh-token',
      expiresAt: Date.now() + 3_600_000,
    };
    await this.database.rows(
      `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, credentials_version, access_expires_at,
         settings, created_by, created_at)
       values ($1, $2, $3, 'active', $4, 1, $5, $6::jsonb, 'user-1', now())`,
      [
        id,
        workspaceId,
        SCRIPTED_ID,
        sealCredentials(this.get(SealedBox), { id, workspaceId }, credentials),
        credentials.kind === 'oauth2' ? new Date(credentials.expiresAt) : null,
        JSON.stringify(changes.settings ?? {}),
      ],
    );
    return id;
  }

  /** Requests a run and works it off once. */
  async sync(connectionId: string, kind: RunKind = 'initial'): Promise<RunRow> {
    const runId = await this.get(SyncRuns).request(connectionId, kind, 'person');
    return this.work(runId);
  }

  /** Works a run off once, as a worker that got it from the queue; the wait after a failure is over. */
  async work(runId: string): Promise<RunRow> {
    await this.database.rows(`update ats.sync_runs set not_before = null where id = $1`, [runId]);
    await this.get(SyncProcessor).process(runId);
    return this.run(runId);
  }

  async run(runId: string): Promise<RunRow> {
    const [row] = await this.database.rows<RunRow>(
      `select id, status, kind, fault_code, fault_message, attempts from ats.sync_runs where id = $1`,
      [runId],
    );
    if (row === undefined) throw new Error('There is no such run.');
    return row;
  }

  /** So much later for sign-ins: what they hold and how long they live goes by the database's clock, which stays as it is. */
  async pass(minutes: number): Promise<void> {
    for (const [table, column] of [
      ['connections', 'created_at'],
      ['connect_states', 'expires_at'],
    ]) {
      await this.database.em().transactional(async (em) => {
        // Whoever locks rows in another order is through first: it would wait for us, and we for it.
        await query(em, `lock table ats.${table} in exclusive mode`);
        await query(em, `update ats.${table} set ${column} = ${column} - make_interval(mins => $1)`, [minutes]);
      });
    }
  }

  /** Remote ids of the records that the library keeps, sorted. */
  async ids(connectionId: string, table: string): Promise<string[]> {
    const rows = await this.database.rows<{ remote_id: string }>(
      `select remote_id from ats.${table} where connection_id = $1 and tombstone is null order by remote_id`,
      [connectionId],
    );
    return rows.map((row) => row.remote_id);
  }

  /** Remote ids of the applications that the host was given, sorted. */
  async hosted(connectionId: string): Promise<string[]> {
    const rows = await this.database.rows<{ remote_id: string }>(
      `select h.remote_id from host.applications h join ats.applications a on a.id = h.id where a.connection_id = $1 order by 1`,
      [connectionId],
    );
    return rows.map((row) => row.remote_id);
  }

  /** What was left out, by kind and remote id. */
  async skipped(connectionId: string): Promise<Record<string, string>> {
    const rows = await this.database.rows<{ key: string; reason: string }>(
      `select kind || ':' || remote_id as key, reason from ats.skipped_records where connection_id = $1 order by 1`,
      [connectionId],
    );
    return Object.fromEntries(rows.map(({ key, reason }) => [key, reason]));
  }

  async stop(): Promise<void> {
    await (this.#app ?? this.#module)?.close();
    await this.database.stop();
  }
}
