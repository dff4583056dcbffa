import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import type { SealedBox } from '../support/sealed-box.js';

/** What opens an ATS account. Never leaves this folder except as a header on its way out. */
export type Credentials =
  | {
      readonly kind: 'oauth2';
      readonly accessToken: string;
      readonly refreshToken: string | null;
      readonly expiresAt: number;
    }
  | { readonly kind: 'api-key'; readonly fields: Readonly<Record<string, string>> };

/** Authenticated with the sealed text: a value that was moved to another workspace's or connection's row does not open. */
export function credentialsContext(connection: { readonly id: string; readonly workspaceId: string }): string {
  return `v1|${connection.workspaceId}|${connection.id}|connections.sealed_credentials`;
}

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
}

/** @throws AtsError `not-connected` when there are none (disconnected, or never authorised). */
export async function readCredentials(
  em: EntityManager,
  box: SealedBox,
  connectionId: string,
): Promise<StoredCredentials> {
  const [row] = await query<{
    workspace_id: string;
    provider: string;
    sealed_credentials: string | null;
    credentials_version: number;
    epoch: number;
  }>(
    em,
    `select workspace_id, provider, sealed_credentials, credentials_version, epoch from ats.connections where id = $1`,
    [connectionId],
  );
  if (row === undefined || row.sealed_credentials === null) {
    throw new AtsError(
      'not-connected',
      'This connection has no authorisation any more. Connect the ATS again in Settings → Integrations.',
    );
  }
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
  };
}
