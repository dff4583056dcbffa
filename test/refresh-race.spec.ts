import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ATS_ENTITIES, ATS_MIGRATIONS } from '@elly/ats-integration';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';
import type { TestDatabase } from '@elly/embedded-postgres/test-database';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import pg from 'pg';
import { RaceHost } from './refresh-race/race-host.js';
import { RotatingServer } from './refresh-race/rotating-server.js';

const REQUESTS = [13, 13, 12, 12];
const MINUTES = 60_000;

/** Four processes on one Postgres share one grant that rotates: whoever uses a refresh token twice ends it. */
describe('fifty requests of four processes that meet an expired token at once (F12)', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let server: RotatingServer;
  let hosts: RaceHost[] = [];
  let connection: string;

  beforeAll(async () => {
    database = await startTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 1 });
    await migrate(database.url);
    server = await RotatingServer.start();
    // Two of the four have a clock that is wrong, one to each side (F17).
    hosts = await Promise.all(
      [0, 10, -10, 0].map((clockOffMinutes) =>
        RaceHost.start({ databaseUrl: database.url, authUrl: server.url, clockOffMinutes }),
      ),
    );
  }, 2 * MINUTES);
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await pool?.end();
    await server?.stop();
    await database?.stop();
  });
  beforeEach(async () => {
    server.reset();
    connection = await hostAt(0).do<string>('connect', server.tokens());
  });

  const hostAt = (index: number): RaceHost => {
    const host = hosts[index];
    if (host === undefined) throw new Error('There is no such host.');
    return host;
  };
  /** What failed, of fifty requests over all processes. */
  const askAll = async (): Promise<string[]> =>
    (
      await Promise.all(
        REQUESTS.map((requests, index) => hostAt(index).do<string[]>('ask', { id: connection, requests })),
      )
    ).flat();
  const expireIn = (minutes: number) =>
    pool.query(`update ats.connections set access_expires_at = now() + make_interval(mins => $2) where id = $1`, [
      connection,
      minutes,
    ]);
  const version = async (): Promise<number> => {
    const { rows } = await pool.query<{ credentials_version: number }>(
      `select credentials_version from ats.connections where id = $1`,
      [connection],
    );
    return rows[0]?.credentials_version ?? 0;
  };

  it(
    'cost one refresh for each expiry, and every request succeeds',
    async () => {
      for (let round = 1; round <= 8; round += 1) {
        await expireIn(-1);
        expect(await askAll()).toEqual([]);
        expect({ refreshes: server.refreshes, version: await version() }).toEqual({
          refreshes: round,
          version: round + 1,
        });
      }
      expect([server.dead, server.refused]).toEqual([false, 0]);
    },
    MINUTES,
  );

  it(
    'cost one refresh when the token is slow to come',
    async () => {
      for (let round = 1; round <= 2; round += 1) {
        server.delayMs = 3000;
        await expireIn(-1);
        expect(await askAll()).toEqual([]);
        expect(server.refreshes).toBe(round);
      }
      expect(server.dead).toBe(false);
    },
    MINUTES,
  );

  it(
    'cost one refresh when the ATS refuses a token that should still live',
    async () => {
      await expireIn(30);
      server.generation += 1;
      // The grant was renewed behind our back: the refresh token that is stored is still the current one.
      const { refreshToken } = server.tokens();
      connection = await hostAt(1).do<string>('connect', { accessToken: 'access-0', refreshToken });
      await expireIn(30);
      expect(await askAll()).toEqual([]);
      expect([server.refreshes, server.dead]).toEqual([1, false]);
    },
    MINUTES,
  );

  it('ask for no new token while the old one lives, whatever their clocks say (F17)', async () => {
    await expireIn(5);
    expect(await askAll()).toEqual([]);
    expect(server.refreshes).toBe(0);
  });

  it(
    'end the connection at once, with two token requests in all, when the process that asked is killed (F14)',
    async () => {
      const doomed = await RaceHost.start({ databaseUrl: database.url, authUrl: server.url, clockOffMinutes: 0 });
      await expireIn(-1);
      // Killed when the ATS has rotated and we have not heard of it.
      server.rotated = () => doomed.stop();
      doomed.do('ask', { id: connection, requests: 1 }).catch(() => undefined);
      while (server.refreshes === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await doomed.stop();
      // The lease of the dead runs out.
      await pool.query(`update ats.connections set refresh_lease_until = now() - interval '1 second' where id = $1`, [
        connection,
      ]);
      server.rotated = () => undefined;
      const failures = await askAll();
      expect(failures).toHaveLength(50);
      expect(new Set(failures).size).toBe(1);
      expect(failures[0]).toContain('was cut off before its answer was stored');
      expect(server.refreshes).toBe(2);
      const { rows } = await pool.query(`select status from ats.connections where id = $1`, [connection]);
      expect(rows).toEqual([{ status: 'reconnect_required' }]);
    },
    MINUTES,
  );

  it(
    'fence off a process that was paused beyond its lease: what it was given comes too late (F13)',
    async () => {
      const paused = await RaceHost.start({ databaseUrl: database.url, authUrl: server.url, clockOffMinutes: 0 });
      await expireIn(-1);
      server.rotated = () => void process.kill(paused.pid, 'SIGSTOP');
      const late = paused.do<string[]>('ask', { id: connection, requests: 1 });
      while (server.refreshes === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await pool.query(`update ats.connections set refresh_lease_until = now() - interval '1 second' where id = $1`, [
        connection,
      ]);
      server.rotated = () => undefined;
      expect(await askAll()).toHaveLength(50);
      process.kill(paused.pid, 'SIGCONT');
      expect((await late)[0]).toContain('was cut off before its answer was stored');
      expect(server.refreshes).toBe(2);
      expect(await version()).toBe(1);
      await paused.stop();
    },
    MINUTES,
  );
});

async function migrate(url: string): Promise<void> {
  const orm = await MikroORM.init({
    driver: PostgreSqlDriver,
    clientUrl: url,
    entities: [...ATS_ENTITIES],
    extensions: [Migrator],
    migrations: { migrationsList: [...ATS_MIGRATIONS], tableName: 'race_migrations', snapshot: false, silent: true },
  });
  await orm.migrator.up();
  await orm.close();
}
