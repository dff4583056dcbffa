import { execFile } from 'node:child_process';
import { createCipheriv, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import type { RunningElly } from '../testing/running-elly.js';
import { runElly } from '../testing/running-elly.js';

const CLI = new URL('../../dist/ats-cli.js', import.meta.url).pathname;
const OLD = `old:${Buffer.alloc(32, 1).toString('base64')}`;
const NEW = `new:${Buffer.alloc(32, 2).toString('base64')}`;

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** The built command beside the running app, as an operator runs it. */
describe('npm run ats -- rotate-keys', () => {
  let running: RunningElly;

  beforeAll(async () => {
    running = await runElly({ ENCRYPTION_KEYS: OLD });
  });
  afterAll(() => running.stop());
  beforeEach(() => run(`delete from ats.connections`));

  const run = (sql: string, values: unknown[] = []): Promise<unknown> =>
    running.elly.app.get(MikroORM).em.fork().execute(sql, values);
  const ats = (keys: string, ...command: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const { databaseUrl = '', dataDirectory } = running.elly.config;
      const env = {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        DATABASE_URL: databaseUrl,
        DATA_DIR: dataDirectory,
        ENCRYPTION_KEYS: keys,
      };
      execFile(process.execPath, [CLI, ...command], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` }),
      );
    });

  /** A connection whose credentials are sealed with the key `old`. */
  async function connect(): Promise<string> {
    const id = randomUUID();
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32, 1), nonce);
    cipher.setAAD(Buffer.from(`v1|acme|${id}|connections.sealed_credentials`));
    const text = Buffer.concat([cipher.update('{"kind":"oauth2","accessToken":"canary"}'), cipher.final()]);
    const sealed = `v1.old.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`;
    await run(
      `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, created_by, created_at)
       values (?, 'acme', 'any', 'reconnect_required', ?, 'ada', now())`,
      [id, sealed],
    );
    return id;
  }

  it('seals everything with the first key and says that the old one can go', async () => {
    for (let count = 0; count < 3; count += 1) await connect();
    const { code, output } = await ats(`${NEW},${OLD}`, 'rotate-keys', '--batch-size', '2');
    expect(output).toContain('Sealed anew with key "new":');
    expect(output).toContain("3 connections' credentials");
    expect(output).toContain('No other key is in use: remove the old ones');
    expect(output).not.toContain('canary');
    expect(code).toBe(0);
    expect(await run(`select distinct split_part(sealed_credentials, '.', 2) as key from ats.connections`)).toEqual([
      { key: 'new' },
    ]);
  });

  it('ends with 1 and names what could not be opened when a key was removed too early', async () => {
    const id = await connect();
    const { code, output } = await ats(NEW, 'rotate-keys');
    expect(code).toBe(1);
    expect(output).toContain(`connections ${id}`);
    expect(output).toContain('Still in use: "old" (1). Keep them in ENCRYPTION_KEYS.');
    expect((await ats(`${NEW},${OLD}`, 'rotate-keys')).code).toBe(0);
  });

  it('says what it can do to whoever asks or mistypes', async () => {
    expect(await ats(OLD, '--help')).toMatchObject({ code: 0, output: expect.stringContaining('rotate-keys') });
    const mistyped = await ats(OLD, 'rotate-kees');
    expect(mistyped.code).toBe(1);
    expect(mistyped.output).toContain('Did you mean rotate-keys?');
  });
});
