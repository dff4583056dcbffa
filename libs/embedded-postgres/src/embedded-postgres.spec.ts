import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import type { EmbeddedPostgres } from './embedded-postgres.js';

describe('startEmbeddedPostgres', () => {
  let database: EmbeddedPostgres;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await startEmbeddedPostgres();
    pool = new pg.Pool({ connectionString: database.url, max: 8 });
    await pool.query('create table counters (id int primary key, value int not null)');
    await pool.query('insert into counters values (1, 0)');
  });
  afterAll(async () => {
    await pool.end();
    await database.stop();
  });

  it('keeps the messages of clients that ask at once apart, however large their parameters are', async () => {
    const big = 'x'.repeat(300_000);
    const asked = Array.from({ length: 60 }, (_, index) =>
      index % 3 === 0
        ? pool.query<{ length: number }>('select length($1::text) as length', [big]).then(({ rows }) => rows[0]?.length)
        : pool
            .query<{ sum: number }>('select $1::int + $2::int + $3::int as sum', [index, 1, 1])
            .then(({ rows }) => rows[0]?.sum),
    );
    expect(await Promise.all(asked)).toEqual(
      Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 300_000 : index + 2)),
    );
  });

  it('lets transactions wait for each other', async () => {
    const add = async () => {
      const client = await pool.connect();
      await client.query('begin');
      const { rows } = await client.query<{ value: number }>('select value from counters where id = 1');
      await client.query('update counters set value = $1 where id = 1', [(rows[0]?.value ?? 0) + 1]);
      await client.query('commit');
      client.release();
    };
    await Promise.all(Array.from({ length: 10 }, add));
    expect((await pool.query<{ value: number }>('select value from counters')).rows).toEqual([{ value: 10 }]);
  });

  it('rolls back what a client that vanished had begun', async () => {
    const vanishing = new pg.Client({ connectionString: database.url });
    vanishing.on('error', () => undefined);
    await vanishing.connect();
    await vanishing.query('begin');
    await vanishing.query('update counters set value = 99');
    (vanishing as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    expect((await pool.query<{ value: number }>('select value from counters')).rows[0]?.value).not.toBe(99);
  });

  it('goes on after a statement that fails', async () => {
    await expect(pool.query('select nonsense')).rejects.toThrow('nonsense');
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});
