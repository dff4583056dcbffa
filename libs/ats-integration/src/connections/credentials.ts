import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import type { SealedBox } from '../support/sealed-box.js';
import type { ConnectionStatus } from './connection-status.js';
import { credentialsContext } from './sealed-contexts.js';

/** What opens an ATS account. Never leaves this folder except as a header on its way out. */
export type Credentials =
  | {
      readonly kind: 'oauth2';
      readonly accessToken: string;
      readonly refreshToken: string | null;
      readonly expiresAt: number;
    }
  | { readonly kind: 'api-key'; readonly fields: Readonly<Record<string, string>> };

export function sealCredentials(
  box: SealedBox,
  connection: { id: string; workspaceId: string },
  credentials: Credentials,
): string {
  return box.seal(JSON.stringify(credentials), credentialsContext(connection));
}

export interface StoredCredentials {
  readonly credentials: Credentials;
  readonly version: number;
  readonly workspaceId: string;
  readonly provider: string;
  readonly epoch: number;
  readonly status: ConnectionStatus;
  readonly statusReason: string | null;
  /** Whether the ATS said that the authorisation is over. */
  readonly grantDead: boolean;
  /** How long the access token still lives, by the database's clock: a worker's may be wrong. Null when nobody said. */
  readonly livesMs: number | null;
  /** How long it lived when it was new; null when that is not known. */
  readonly lifetimeMs: number | null;
  /** How long nobody may ask for new ones, after a refresh that failed. */
  readonly restsMs: number;
}

interface Row {
  readonly workspace_id: string;
  readonly provider: string;
  readonly sealed_credentials: string | null;
  readonly credentials_version: number;
  readonly epoch: number;
  readonly status: ConnectionStatus;
  readonly status_reason: string | null;
  readonly grant_dead: boolean;
  readonly lives_ms: number | null;
  readonly lifetime_ms: number | null;
  readonly rests_ms: number | null;
}

/** @throws AtsError `not-connected` when there are none (disconnected, or never authorised). */
export async function readCredentials(
  em: EntityManager,
  box: SealedBox,
  connectionId: string,
): Promise<StoredCredentials> {
  const [row] = await query<Row>(
    em,
    `select workspace_id, provider, sealed_credentials, credentials_version, epoch, status, status_reason,
       grant_dead_at is not null as grant_dead,
       (extract(epoch from access_expires_at - now()) * 1000)::float8 as lives_ms,
       (extract(epoch from access_expires_at - refreshed_at) * 1000)::float8 as lifetime_ms,
       (extract(epoch from refresh_not_before - now()) * 1000)::float8 as rests_ms
     from ats.connections where id = $1`,
    [connectionId],
  );
  if (row === undefined || row.sealed_credentials === null) throw notConnected();
  const text = box.open(
    row.sealed_credentials,
    credentialsContext({ id: connectionId, workspaceId: row.workspace_id }),
  );
  return {
    credentials: JSON.parse(text) as Credentials,
    version: row.credentials_version,
    workspaceId: row.workspace_id,
    provider: row.provider,
    epoch: row.epoch,
    status: row.status,
    statusReason: row.status_reason,
    grantDead: row.grant_dead,
    livesMs: row.lives_ms,
    lifetimeMs: row.lifetime_ms,
    restsMs: Math.max(0, row.rests_ms ?? 0),
  };
}

export function notConnected(): AtsError {
  return new AtsError(
    'not-connected',
    'This connection has no authorisation any more. Connect the ATS again in Settings → Integrations.',
  );
}
