import { join, resolve } from 'node:path';
import type { EncryptionKey } from './encryption-keys.js';
import { keptEncryptionKeys, parseEncryptionKeys } from './encryption-keys.js';
import type { Environment, LogLevel } from './environment.schema.js';
import { readEnvironment } from './environment.schema.js';
import { freePort } from './free-port.js';

/** What the operator registered with an ATS. The addresses are the vendor's own unless the environment says otherwise. */
export interface ProviderClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUrl?: string;
  readonly authUrl?: string;
  readonly audience?: string;
  readonly features: readonly string[];
}

/** The environment after it was read once: everything below `main.ts` asks this and never `process.env`. */
export class AppConfig {
  readonly mode: Environment['NODE_ENV'];
  /** @default 3000; 0 was replaced by a free one. */
  readonly port: number;
  /** Where a browser reaches the app, without a trailing slash. */
  readonly publicUrl: string;
  /** Absent: the embedded Postgres. */
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** What the keys of its work in Redis start with. */
  readonly redisPrefix: string | undefined;
  readonly dataDirectory: string;
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly greenhouse: ProviderClient | undefined;
  readonly lever: ProviderClient | undefined;
  readonly syncIntervalSeconds: number | undefined;
  readonly syncLeaseSeconds: number | undefined;
  readonly syncRetrySeconds: number | undefined;
  readonly settleSeconds: number | undefined;
  /** Whether people of open jobs alone are imported. */
  readonly openJobsOnly: boolean;
  readonly startImport: 'at-once' | 'after-preview';
  readonly logLevel: LogLevel;

  private constructor(environment: Environment, encryptionKeys: readonly EncryptionKey[], port: number) {
    this.mode = environment.NODE_ENV;
    this.port = port;
    this.publicUrl = environment.PUBLIC_URL ?? `http://localhost:${port}`;
    this.databaseUrl = environment.DATABASE_URL;
    this.redisUrl = environment.REDIS_URL;
    this.redisPrefix = environment.REDIS_PREFIX;
    this.dataDirectory = resolve(environment.DATA_DIR);
    this.encryptionKeys = encryptionKeys;
    this.greenhouse = client('GREENHOUSE', {
      clientId: environment.GREENHOUSE_CLIENT_ID,
      clientSecret: environment.GREENHOUSE_CLIENT_SECRET,
      apiUrl: environment.GREENHOUSE_API_URL,
      authUrl: environment.GREENHOUSE_AUTH_URL,
      features: environment.GREENHOUSE_FEATURES,
    });
    this.lever = client('LEVER', {
      clientId: environment.LEVER_CLIENT_ID,
      clientSecret: environment.LEVER_CLIENT_SECRET,
      apiUrl: environment.LEVER_API_URL,
      authUrl: environment.LEVER_AUTH_URL,
      audience: environment.LEVER_AUDIENCE,
      features: environment.LEVER_FEATURES,
    });
    this.syncIntervalSeconds = environment.SYNC_INTERVAL_SECONDS;
    this.syncLeaseSeconds = environment.SYNC_LEASE_SECONDS;
    this.syncRetrySeconds = environment.SYNC_RETRY_SECONDS;
    this.settleSeconds = environment.OUTBOUND_SETTLE_SECONDS;
    this.openJobsOnly = environment.SYNC_OPEN_JOBS_ONLY;
    this.startImport = environment.SYNC_START_IMPORT ?? 'at-once';
    this.logLevel = environment.LOG_LEVEL;
  }

  /** @throws Error that names the variable and says what to put into it. */
  static async from(env: Readonly<Record<string, string | undefined>>): Promise<AppConfig> {
    const environment = readEnvironment(env);
    if (environment.NODE_ENV === 'production' && environment.ENCRYPTION_KEYS === undefined) {
      throw new Error(
        'Set ENCRYPTION_KEYS to `id:base64` of 32 random bytes (openssl rand -base64 32): production seals credentials with it.',
      );
    }
    if (environment.NODE_ENV === 'production' && environment.PUBLIC_URL?.startsWith('https://') !== true) {
      throw new Error('Set PUBLIC_URL to the https address of Elly: in production ATS sign-ins come back to it.');
    }
    const keys =
      environment.ENCRYPTION_KEYS === undefined
        ? await keptEncryptionKeys(resolve(environment.DATA_DIR))
        : parseEncryptionKeys(environment.ENCRYPTION_KEYS);
    return new AppConfig(environment, keys, environment.PORT === 0 ? await freePort() : environment.PORT);
  }

  get isProduction(): boolean {
    return this.mode === 'production';
  }

  get postgresDirectory(): string {
    return join(this.dataDirectory, 'postgres');
  }

  get filesDirectory(): string {
    return join(this.dataDirectory, 'files');
  }
}

type PartialClient = { readonly [Key in keyof ProviderClient]: ProviderClient[Key] | undefined };

function client(prefix: string, values: PartialClient): ProviderClient | undefined {
  const { clientId, clientSecret, features = [], ...rest } = values;
  if (clientId === undefined) return undefined;
  if (clientSecret === undefined)
    throw new Error(`Set ${prefix}_CLIENT_SECRET: ${prefix}_CLIENT_ID is set without it.`);
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { clientId, clientSecret, features, ...present };
}
