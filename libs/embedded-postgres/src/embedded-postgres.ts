import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { EngineTurns } from './engine-turns.js';
import { WireConnection } from './wire-connection.js';

export interface EmbeddedPostgresOptions {
  /** Folder that keeps the data; absent: in memory, gone with the process. */
  readonly dataDirectory?: string;
  /** What a database in memory begins with, as the engine dumped it; absent: it is made from nothing. */
  readonly beginWith?: Blob;
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
 *
 * The engine has one session. The socket server that its makers publish hands it single protocol messages, so that one
 * client's Bind can follow another's Parse; here a client keeps its turn to the end of what belongs together.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  if (options.dataDirectory !== undefined) await mkdir(options.dataDirectory, { recursive: true });
  const engine = await PGlite.create({
    ...(options.dataDirectory === undefined ? {} : { dataDir: options.dataDirectory }),
    ...(options.beginWith === undefined ? {} : { loadDataDir: options.beginWith }),
  });
  const turns = new EngineTurns();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    new WireConnection(socket, engine, turns);
  });
  server.maxConnections = options.maxConnections ?? 32;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      await engine.close();
    },
  };
}
