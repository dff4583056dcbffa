import type { EntityManager } from '@mikro-orm/postgresql';
import { sealCredentials } from '../connections/credentials.js';
import type { ConnectionStatus } from '../connections/connection-status.js';
import { resolveIssues } from '../connections/issues.js';
import { execute } from '../database/query.js';
import type { SealedBox } from '../support/sealed-box.js';
import type { Approval } from './pre-flight.js';

/** Issues that a fresh authorisation mends. */
const MENDED = ['reconnect-required', 'authorisation-expiring', 'sync-failed', 'suspended'];

export interface ApprovedFrom {
  /** Statuses from which the connection becomes active. */
  readonly from: readonly ConnectionStatus[];
  readonly epoch: number;
  /** The charge that paid for it; absent: it was paid before. */
  readonly creditKey?: string;
}

/**
 * Makes a connection active with the credentials that were approved. Coming back from `disconnected` is a new epoch. A
 * refresh of the old grant that is still on its way finds its fence taken and stores nothing. Returns how many
 * connections that was: 0 when it is no longer as it was begun.
 */
export async function storeApproval(
  em: EntityManager,
  box: SealedBox,
  connection: { readonly id: string; readonly workspaceId: string },
  { credentials, profile, scopes, idleSeconds }: Approval,
  now: Date,
  { from, epoch, creditKey }: ApprovedFrom,
): Promise<number> {
  const stored = await execute(
    em,
    `update ats.connections set status = 'active', status_reason = null, sealed_credentials = $4,
       credentials_version = credentials_version + 1, access_expires_at = $5, refresh_expires_at = now() + make_interval(secs => $6),
       remote_account_id = coalesce($7, remote_account_id), remote_account_name = coalesce($8, remote_account_name),
       authorised_by = $9, warnings = $10::jsonb, scopes = $11::jsonb, credit_key = coalesce($12, credit_key),
       epoch = epoch + (status = 'disconnected')::int, refresh_fence = refresh_fence + 1, refresh_lease_until = null,
       refresh_attempt_at = null, refreshed_at = now(), refresh_failures = 0, refresh_not_before = null, expiry_warned_at = null,
       grant_dead_at = null, suspended_at = null, disconnected_at = null, disconnected_by = null
     where id = $1 and workspace_id = $2 and epoch = $3 and status = any($13)`,
    [
      connection.id,
      connection.workspaceId,
      epoch,
      sealCredentials(box, connection, credentials),
      credentials.kind === 'oauth2' ? new Date(credentials.expiresAt) : null,
      idleSeconds,
      profile.accountId,
      profile.accountName,
      profile.authorisedBy,
      JSON.stringify(profile.warnings),
      JSON.stringify(scopes),
      creditKey ?? null,
      [...from],
    ],
  );
  if (stored > 0) for (const code of MENDED) await resolveIssues(em, connection.id, code, now);
  return stored;
}
