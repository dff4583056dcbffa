import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

export interface EmbeddedPostgresOptions {
  /** Folder that keeps the data; absent: in memory, gone with the process. */
  readonly dataDirectory?: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Clients at once. They share one session of the engine in turn, so a transaction makes the others wait. @default 32 */
  readonly maxConnections?: number;
}

export interface EmbeddedPostgres {
  /** For any Postgres driver; loopback only. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A Postgres inside this process, for development and tests: the ordinary driver connects to it by URL. One process
 * at a time may hold a data directory.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  if (options.dataDirectory !== undefined) await mkdir(options.dataDirectory, { recursive: true });
  const database = await PGlite.create(options.dataDirectory === undefined ? {} : { dataDir: options.dataDirectory });
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
  const server = new PGLiteSocketServer({
    db: database,
    host: '127.0.0.1',
    port,
    maxConnections: options.maxConnections ?? 32,
  });
  await server.start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      await database.close();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
