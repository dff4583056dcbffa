import { randomBytes } from 'node:crypto';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** An empty database: a fresh one on the server that DATABASE_URL names, otherwise an embedded Postgres in memory. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const server = process.env['DATABASE_URL'];
  if (server === undefined || server === '') return startEmbeddedPostgres({ maxConnections: 64 });
  const name = `elly_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => onServer(server, `drop database ${name} with (force)`) };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
