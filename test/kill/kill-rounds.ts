import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox } from '@elly/ats-sandbox';
import type { ProviderId, Sandbox, SimulatedAccount } from '@elly/ats-sandbox';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';
import pg from 'pg';
import { EllyClient } from '../../apps/demo/src/elly-client.js';
import { contentOf, resumesOf } from './content.js';
import type { Content } from './content.js';
import { HostProcess } from './host-process.js';

const CLIENTS = {
  greenhouse: { clientId: 'killed-greenhouse-1001', clientSecret: 'greenhouse-secret' },
  lever: { clientId: 'killed-lever', clientSecret: 'lever-secret' },
} as const;
const PROVIDERS = Object.keys(CLIENTS) as ProviderId[];
const ADMIN = 'ada@acme.example';
const POLL_MS = 3;

export interface Round {
  readonly content: Content;
  readonly resumes: readonly string[];
  /** Pages committed by each stream, over all the lives of the process: `greenhouse applications`. */
  readonly pages: Readonly<Record<string, number>>;
  /** Requests that the ATS was asked, by `provider route`. */
  readonly requests: Readonly<Record<string, number>>;
  readonly kills: number;
}

/** The moments of a round at which the process dies: so many requests into it, and so many ms later. */
export interface Moment {
  readonly requests: number;
  readonly ms: number;
}

/** One account at each ATS, and Elly in processes that are killed. Every round has a database of its own. */
export class KillRounds {
  readonly #accounts: readonly SimulatedAccount[];

  private constructor(
    private readonly sandbox: Sandbox,
    private readonly sandboxUrl: string,
    private readonly port: number,
    candidates: Readonly<Record<ProviderId, number>>,
  ) {
    this.#accounts = PROVIDERS.map((provider) => {
      const knobs = { rateLimit: 'off', baseDate: '2026-10-01T00:00:00Z' };
      const account = sandbox.accounts.create({ provider, seed: 11, candidates: candidates[provider], knobs });
      account.faults.add([{ match: {}, fault: { kind: 'latency', ms: 10, jitterMs: 20 } }]);
      return account;
    });
  }

  static async open(candidates: Readonly<Record<ProviderId, number>>): Promise<KillRounds> {
    const port = await freePort();
    const sandbox = createSandbox({
      registerClients: PROVIDERS.map((provider) => ({
        provider,
        ...CLIENTS[provider],
        redirectUris: [`http://127.0.0.1:${port}/api/ats/oauth/callback/${provider}`],
      })),
    });
    const { url } = await sandbox.listen();
    return new KillRounds(sandbox, url, port, candidates);
  }

  close(): Promise<void> {
    return this.sandbox.close();
  }

  /** Connects both accounts and imports them; the process dies at each moment and is started again. */
  async play(moments: readonly Moment[], wait: 'records' | 'resumes'): Promise<Round> {
    const database = await startTestDatabase();
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    const dataDirectory = await mkdtemp(join(tmpdir(), 'elly-kill-'));
    const env = this.#environment(database.url, dataDirectory);
    const before = this.#requestsByRoute();
    let host = await HostProcess.start(env);
    try {
      const elly = new EllyClient(host.url, ADMIN);
      await elly.send('PUT', '/api/workspace/plan', { plan: 'enterprise' });
      for (const account of this.#accounts) await elly.connect(account.provider, account.id);
      const begun = this.#total();
      let kills = 0;
      for (const moment of moments) {
        const over = await this.#until(pool, wait, () => this.#total() - begun >= moment.requests);
        if (over) break;
        await sleep(moment.ms);
        await host.kill();
        kills += 1;
        host = await HostProcess.start(env);
      }
      await this.#until(pool, wait, () => false);
      const after = this.#requestsByRoute();
      return {
        content: await contentOf(pool),
        resumes: await resumesOf(pool),
        pages: await pagesOf(pool),
        requests: Object.fromEntries(Object.entries(after).map(([route, n]) => [route, n - (before[route] ?? 0)])),
        kills,
      };
    } finally {
      await host.kill();
      await pool.end();
      await database.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    }
  }

  /** True when all runs are complete (and all résumés settled), false when `reached` says so before. */
  async #until(pool: pg.Pool, wait: 'records' | 'resumes', reached: () => boolean): Promise<boolean> {
    for (let look = 0; ; look += 1) {
      if (reached()) return false;
      if (look % 40 === 0 && (await isOver(pool, wait))) return true;
      await sleep(POLL_MS);
    }
  }

  #environment(databaseUrl: string, dataDirectory: string): Record<string, string> {
    return {
      NODE_ENV: 'test',
      PORT: String(this.port),
      PUBLIC_URL: `http://127.0.0.1:${this.port}`,
      LOG_LEVEL: 'silent',
      DATABASE_URL: databaseUrl,
      DATA_DIR: dataDirectory,
      SYNC_LEASE_SECONDS: '2',
      GREENHOUSE_API_URL: `${this.sandboxUrl}/greenhouse`,
      GREENHOUSE_AUTH_URL: `${this.sandboxUrl}/greenhouse-auth`,
      GREENHOUSE_CLIENT_ID: CLIENTS.greenhouse.clientId,
      GREENHOUSE_CLIENT_SECRET: CLIENTS.greenhouse.clientSecret,
      LEVER_API_URL: `${this.sandboxUrl}/lever`,
      LEVER_AUTH_URL: `${this.sandboxUrl}/lever-auth`,
      LEVER_CLIENT_ID: CLIENTS.lever.clientId,
      LEVER_CLIENT_SECRET: CLIENTS.lever.clientSecret,
    };
  }

  #total(): number {
    return this.#accounts.reduce((sum, account) => sum + account.requests().total, 0);
  }

  #requestsByRoute(): Record<string, number> {
    return Object.fromEntries(
      this.#accounts.flatMap((account) =>
        Object.entries(account.requests().byRoute).map(([route, count]) => [`${account.provider} ${route}`, count]),
      ),
    );
  }
}

async function isOver(pool: pg.Pool, wait: 'records' | 'resumes'): Promise<boolean> {
  const { rows } = await pool.query<{ runs: number; failed: string | null; pending: boolean }>(
    `select (select count(*)::int from ats.sync_runs where status = 'completed') as runs,
       (select fault_message from ats.sync_runs where status in ('failed', 'aborted') limit 1) as failed,
       exists (select 1 from ats.resumes where file_state = 'pending' and tombstone is null)
         or exists (select 1 from ats.applications a join ats.connections c on c.id = a.connection_id
           where c.provider = 'lever' and (a.resume_checked_version is null or a.resume_checked_version < a.version)) as pending`,
  );
  const [row] = rows;
  if (row === undefined) return false;
  if (row.failed !== null) throw new Error(`A run failed: ${row.failed}`);
  return row.runs === PROVIDERS.length && (wait === 'records' || !row.pending);
}

async function pagesOf(pool: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ stream: string; pages: number }>(
    `select c.provider || ' ' || s.stream as stream, s.pages from ats.sync_streams s
     join ats.sync_runs r on r.id = s.run_id join ats.connections c on c.id = r.connection_id`,
  );
  return Object.fromEntries(rows.map(({ stream, pages }) => [stream, pages]));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
