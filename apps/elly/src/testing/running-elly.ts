import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import type { CreateAppOptions, EllyApp } from '../create-app.js';
import { createApp } from '../create-app.js';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects to find
  readonly body: any;
}

export interface RunningElly {
  readonly elly: EllyApp;
  /** As Ada, unless the headers say otherwise. `body` is sent as JSON. */
  request(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /**
   * Cuts it off from its database, as though it had died, and starts it again on the same database, folder and port: what
   * it had claimed stays claimed until the lease expires.
   */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const ADA = 'ada@acme.example';
export const RAE = 'rae@acme.example';

/** The whole app, seeded, answering on a free port. */
export async function runElly(
  env: Readonly<Record<string, string>> = {},
  options: CreateAppOptions = {},
): Promise<RunningElly> {
  const database = await startTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'elly-'));
  const defaults = {
    NODE_ENV: 'test',
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATA_DIR: dataDirectory,
  };
  let elly = await createApp({ ...defaults, ...env }, { seed: true, ...options });
  await elly.listen();
  return {
    get elly() {
      return elly;
    },
    restart: async () => {
      const port = String(elly.config.port);
      await cutOff(elly.app.get(MikroORM));
      // It cannot say goodbye to a database that it no longer reaches.
      await elly.close().catch(() => undefined);
      elly = await createApp({ ...defaults, ...env, PORT: port }, options);
      await elly.listen();
    },
    request: async (method, path, body, headers = { 'x-elly-user': ADA }) => {
      const response = await fetch(`${elly.url()}/api${path}`, {
        method,
        redirect: 'manual',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const type = response.headers.get('content-type')?.split(';')[0] ?? null;
      return {
        status: response.status,
        type,
        headers: response.headers,
        body: type?.endsWith('json') === true ? (JSON.parse(text) as unknown) : text,
      };
    },
    stop: async () => {
      await elly.close();
      await database.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** It would connect again when it is asked the next time. */
async function cutOff(orm: MikroORM): Promise<void> {
  const connection = orm.em.getConnection();
  connection.connect = () => Promise.reject(new Error('The database is out of reach.'));
  await orm.close(true);
}
