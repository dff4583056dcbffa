import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startTestDatabase } from './test-database.js';

describe('startTestDatabase', () => {
  it('cuts no connection that was closed just before it stops: "terminating connection due to administrator command"', async () => {
    const errors: Error[] = [];
    for (let round = 0; round < 4; round += 1) {
      const database = await startTestDatabase();
      const pool = new pg.Pool({ connectionString: database.url, max: 20 });
      pool.on('error', (error) => errors.push(error));
      await Promise.all(Array.from({ length: 20 }, () => pool.query('select pg_sleep(0.01)')));
      await pool.end();
      await database.stop();
    }
    expect(errors).toEqual([]);
  });
});
