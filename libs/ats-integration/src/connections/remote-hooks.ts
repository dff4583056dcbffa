import type { EntityManager } from '@mikro-orm/postgresql';
import type { AtsProvider } from '../contract/ats-provider.js';
import { execute, query } from '../database/query.js';
import type { Credentials } from './credentials.js';
import type { SessionTransport } from './session-transport.js';
import { headerOf } from './stored-authoriser.js';

const DEADLINE_MS = 60_000;

/**
 * Ends a connection's webhooks here: from now on the route knows neither hook nor secret. Returns the ids of those that
 * are registered at the ATS. In the transaction that disconnects.
 */
export async function releaseHooks(em: EntityManager, connectionId: string): Promise<string[]> {
  const registered = await query<{ remote_id: string }>(
    em,
    `select remote_id from ats.webhook_secrets where connection_id = $1 and remote_id is not null`,
    [connectionId],
  );
  await execute(em, `delete from ats.webhook_hooks where connection_id = $1`, [connectionId]);
  return registered.map((row) => row.remote_id);
}

export interface RemoteHooks {
  readonly provider: AtsProvider;
  readonly config: unknown;
  readonly credentials: Credentials;
  readonly account: string;
  readonly remoteIds: readonly string[];
}

/** Removes hooks at the ATS with a grant that nobody else uses any more. @throws ProviderFault */
export async function removeRemoteHooks(
  transport: SessionTransport,
  { provider, config, credentials, account, remoteIds }: RemoteHooks,
): Promise<void> {
  const registration = provider.webhooks?.registration ?? null;
  if (registration === null || remoteIds.length === 0) return;
  const header = headerOf(provider, credentials);
  const { context } = transport.session({
    provider,
    config,
    authoriser: { header: () => Promise.resolve(header), renew: () => Promise.resolve(false) },
    account,
    scopes: registration.scopes,
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  for (const remoteId of remoteIds) await registration.remove(context, remoteId);
}
