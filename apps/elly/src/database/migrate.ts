import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';

/** Any number that nothing else in the database locks. */
const LOCK = 7_355_608;

/** Brings the database up to date. Processes that start together take turns, so that each migration runs once. */
export async function migrate(orm: Pick<MikroORM, 'migrator'>, url: string): Promise<void> {
  // A lock of the session, not of a transaction: the embedded Postgres would make the migrator wait for that one forever.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await orm.migrator.up();
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  } finally {
    await client.end();
  }
}
