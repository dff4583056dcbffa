import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ATS_ENTITIES, ATS_MIGRATIONS } from '@elly/ats-integration';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';
import type { TestDatabase } from '@elly/embedded-postgres/test-database';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import pg from 'pg';
import { CrashWorker } from './crash-worker.js';
import type { Answer, Order } from './crash-worker.js';
import { SignInServer } from './sign-in-server.js';

/** More than any action has: a sweep that does not end has lost count. */
const MOST_STEPS = 80;

export interface Customer {
  readonly person: { readonly workspaceId: string; readonly userId: string; readonly browser: string };
  /** The connection, once there is one. */
  readonly connectionId: string;
}

export interface Crashed extends Customer {
  /** The step before which the process died, or would have died if there had been one; null: at a statement that was named. */
  readonly diedBefore: number | null;
}

/** A database, an ATS, a process that stays and as many that die as a test wants. */
export class CrashScene {
  private constructor(
    readonly ats: SignInServer,
    private readonly database: TestDatabase,
    readonly pool: pg.Pool,
    /** Lives through everything; finds nothing due by itself. */
    readonly steady: CrashWorker,
  ) {}

  static async start(): Promise<CrashScene> {
    const [ats, database] = await Promise.all([SignInServer.start(), startTestDatabase()]);
    const orm = await MikroORM.init({
      driver: PostgreSqlDriver,
      clientUrl: database.url,
      entities: [...ATS_ENTITIES],
      extensions: [Migrator],
      migrations: { migrationsList: [...ATS_MIGRATIONS], snapshot: false, silent: true },
    });
    await orm.migrator.up();
    await orm.close();
    const pool = new pg.Pool({ connectionString: database.url, max: 4 });
    pool.on('error', () => undefined);
    await pool.query('create schema crash');
    await pool.query(
      'create table crash.ledger (key text primary key, workspace_id text not null, state text not null)',
    );
    const steady = CrashWorker.start({ databaseUrl: database.url, atsUrl: ats.url, schedule: false });
    await steady.catch(() => Promise.all([pool.end(), ats.stop(), database.stop()]));
    return new CrashScene(ats, database, pool, await steady);
  }

  /** Somebody new, who has not connected anything. */
  customer(): Customer {
    return { person: { workspaceId: randomUUID(), userId: 'ann', browser: 'browser-of-ann' }, connectionId: '' };
  }

  /** Begins a sign-in; returns its state. */
  async begin(customer: Customer): Promise<string> {
    return (await this.#begin(customer)).state;
  }

  /** A customer who has clicked on Connect and is at the ATS. */
  async signingIn(): Promise<Customer & { readonly state: string }> {
    const customer = this.customer();
    return { ...customer, ...(await this.#begin(customer)) };
  }

  /** A customer whose ATS is connected and synced. */
  async connected(): Promise<Customer> {
    const customer = this.customer();
    const state = await this.begin(customer);
    const connectionId = (await this.steady.must({ action: 'finish', person: customer.person, state })) as string;
    await this.atRest(connectionId);
    return { ...customer, connectionId };
  }

  /**
   * Lets one process after another die one step later in the same action, each for a customer of its own, until one
   * comes through or `until` steps are tried. `order` prepares the customer and says what is done, and with which error
   * that ends when nothing disturbs it.
   */
  async sweep(
    order: () => Promise<Customer & { readonly order: Order; readonly fails?: string }>,
    until?: number,
  ): Promise<Crashed[]> {
    const crashed: Crashed[] = [];
    for (let step = 1; step <= (until ?? MOST_STEPS); step += 1) {
      const { order: action, fails, ...customer } = await order();
      const worker = await this.worker(false);
      const answer = await worker.do({ ...action, dieBeforeStep: step });
      await worker.stop();
      crashed.push({ ...customer, diedBefore: step });
      if (answer !== null) return ended(answer, fails, crashed);
    }
    if (until !== undefined) return crashed;
    throw new Error(`The action did not end within ${MOST_STEPS} steps.`);
  }

  /** One process that dies where it is told. */
  async die(
    { order, ...customer }: Customer & { readonly order: Order },
    where: Pick<Order, 'dieBeforeStatement'>,
  ): Promise<Crashed> {
    const worker = await this.worker(false);
    const answer = await worker.do({ ...order, ...where });
    await worker.stop();
    if (answer !== null) throw new Error('The process did not die.');
    return { ...customer, diedBefore: null };
  }

  worker(schedule: boolean): Promise<CrashWorker> {
    return CrashWorker.start({ databaseUrl: this.database.url, atsUrl: this.ats.url, schedule });
  }

  /** A new process starts where the dead ones left off, a quarter of an hour later, and works until nothing is left to do. */
  async recover(): Promise<void> {
    await this.pool.query(
      `update ats.connections set created_at = created_at - case when status = 'authorizing' then interval '20 minutes' else '0' end,
         refresh_lease_until = refresh_lease_until - interval '15 minutes', refresh_attempt_at = refresh_attempt_at - interval '15 minutes'`,
    );
    const aQuarterOfAnHourLater = () =>
      this.pool.query(`update ats.revocations set not_before = not_before - interval '15 minutes'`);
    await aQuarterOfAnHourLater();
    const worker = await this.worker(true);
    await sleep(3000);
    // Grants beside which a sign-in was open have waited for its end.
    await aQuarterOfAnHourLater();
    await this.atRest(null);
    await worker.stop();
  }

  /** Waits until no run of the connection (null: of any) is left. */
  async atRest(connectionId: string | null): Promise<void> {
    for (let look = 0; look < 600; look += 1) {
      const { rows } = await this.pool.query<{ busy: boolean }>(
        `select exists (select 1 from ats.sync_runs where status in ('queued', 'running') and ($1::uuid is null or connection_id = $1))
           or $1::uuid is null and exists (select 1 from ats.connections where status = 'authorizing' and created_at < now() - interval '16 minutes')
           or exists (select 1 from ats.revocations where $1::uuid is null or connection_id = $1) as busy`,
        [connectionId],
      );
      if (rows[0]?.busy === false) return;
      await sleep(50);
    }
    const left = await this.pool.query(
      `select (select json_agg(r) from (select kind, status, attempts, lease_until, not_before, fault_code from ats.sync_runs where status in ('queued', 'running')) r) as runs,
         (select json_agg(v) from (select attempts, not_before, created_at from ats.revocations) v) as revocations`,
    );
    throw new Error(`Work was left undone: ${JSON.stringify(left.rows[0])}`);
  }

  /** The customer's connections by status. */
  async statuses({ person }: Customer): Promise<string[]> {
    const { rows } = await this.pool.query<{ status: string }>(
      `select status from ats.connections where workspace_id = $1 and status <> 'disconnected' order by created_at`,
      [person.workspaceId],
    );
    return rows.map(({ status }) => status);
  }

  /** The customer's charges by state. */
  async charges({ person }: Customer): Promise<string[]> {
    const { rows } = await this.pool.query<{ state: string }>(
      `select state from crash.ledger where workspace_id = $1 and state <> 'released' order by key`,
      [person.workspaceId],
    );
    return rows.map(({ state }) => state);
  }

  async #begin({ person, connectionId }: Customer): Promise<{ connectionId: string; state: string }> {
    const order: Order = connectionId === '' ? { action: 'begin', person } : { action: 'again', person, connectionId };
    const begun = (await this.steady.must(order)) as { connectionId: string; authorizeUrl: string };
    return {
      connectionId: begun.connectionId,
      state: new URL(begun.authorizeUrl).searchParams.get('state') ?? '',
    };
  }

  async stop(): Promise<void> {
    await this.steady.stop();
    await this.pool.end();
    await Promise.all([this.ats.stop(), this.database.stop()]);
  }
}

function ended(answer: Answer, fails: string | undefined, crashed: Crashed[]): Crashed[] {
  if (answer.error !== fails)
    throw new Error(`Undisturbed, it came to: ${answer.message ?? answer.error ?? 'success'}`);
  return crashed;
}
