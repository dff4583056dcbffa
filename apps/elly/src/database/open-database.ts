import { startEmbeddedPostgres } from '@elly/embedded-postgres';
import type { AppConfig } from '../configuration/app-config.js';

export interface Database {
  readonly url: string;
  readonly embedded: boolean;
  stop(): Promise<void>;
}

/** A server when DATABASE_URL names one; otherwise the embedded Postgres with its data in the data folder. */
export async function openDatabase(config: AppConfig): Promise<Database> {
  if (config.databaseUrl !== undefined)
    return { url: config.databaseUrl, embedded: false, stop: async () => undefined };
  const postgres = await startEmbeddedPostgres({ dataDirectory: config.postgresDirectory, maxConnections: 64 });
  return { url: postgres.url, embedded: true, stop: () => postgres.stop() };
}
