import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyDatabase } from './empty-database.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** An empty database: a fresh one on the server that DATABASE_URL names, otherwise an embedded Postgres in memory. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const server = process.env['DATABASE_URL'];
  if (server === undefined || server === '')
    return startEmbeddedPostgres({ maxConnections: 64, beginWith: await emptyDatabase() });
  const name = `elly_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, (client) => client.query(`create database ${name}`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => onServer(server, (client) => drop(client, name)) };
}

const LOOKS = 50;
const BETWEEN_LOOKS_MS = 20;

/**
 * `pool.end()` resolves when it has said goodbye, not when the server has heard it: a connection that were cut in
 * between would end the test's process with an error that nobody can catch any more. Who is not on the way out is cut.
 */
async function drop(client: pg.Client, name: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [name]);
    if (rowCount === 0) break;
    await sleep(BETWEEN_LOOKS_MS);
  }
  await client.query(`drop database ${name} with (force)`);
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
