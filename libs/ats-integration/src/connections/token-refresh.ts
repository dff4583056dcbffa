import { setTimeout as sleep } from 'node:timers/promises';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { ProviderFault } from '../contract/fault.js';
import { execute, query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { SealedBox } from '../support/sealed-box.js';
import { readCredentials, sealCredentials } from './credentials.js';
import type { StoredCredentials } from './credentials.js';
import { TokenEndpoint } from './token-endpoint.js';

/** Longer than the token endpoint's deadline: while a holder may still be asking, nobody else does. */
const LEASE_SECONDS = 45;
const POLL_MS = 100;

/**
 * One refresh for an expiry, over all processes. A lease in the row says who asks; the answer is stored only while the
 * fence is still ours; who comes second waits and reads what the first one stored. Leases go by the database's clock.
 */
@Injectable()
export class TokenRefresh {
  readonly #inProcess = new Map<string, Promise<StoredCredentials>>();

  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly endpoint: TokenEndpoint,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  /**
   * Credentials newer than `seenVersion`.
   * @throws ProviderFault `auth-revoked` when the ATS says that the grant is dead and nobody refreshed meanwhile.
   */
  refresh(connectionId: string, seenVersion: number): Promise<StoredCredentials> {
    const key = `${connectionId}:${seenVersion}`;
    let running = this.#inProcess.get(key);
    if (running === undefined) {
      running = this.#refresh(connectionId, seenVersion).finally(() => this.#inProcess.delete(key));
      this.#inProcess.set(key, running);
    }
    return running;
  }

  async #refresh(connectionId: string, seenVersion: number): Promise<StoredCredentials> {
    for (;;) {
      const stored = await readCredentials(this.em.fork(), this.box, connectionId);
      if (stored.version !== seenVersion) return stored;
      const fence = await this.#lease(connectionId, seenVersion);
      if (fence !== null) return this.#ask(connectionId, stored, fence);
      await sleep(POLL_MS);
    }
  }

  async #lease(connectionId: string, seenVersion: number): Promise<number | null> {
    const [row] = await query<{ refresh_fence: number }>(
      this.em.fork(),
      `update ats.connections
       set refresh_fence = refresh_fence + 1, refresh_lease_until = now() + make_interval(secs => $3), refresh_attempt_at = now()
       where id = $1 and credentials_version = $2 and (refresh_lease_until is null or refresh_lease_until < now())
       returning refresh_fence`,
      [connectionId, seenVersion, LEASE_SECONDS],
    );
    return row?.refresh_fence ?? null;
  }

  async #ask(connectionId: string, stored: StoredCredentials, fence: number): Promise<StoredCredentials> {
    const { credentials } = stored;
    if (credentials.kind !== 'oauth2' || credentials.refreshToken === null) {
      await this.#endLease(connectionId, fence);
      throw new ProviderFault(
        'auth-revoked',
        'The ATS refused the credentials and they cannot be renewed. Connect the ATS again.',
      );
    }
    const { provider, config } = this.registry.get(stored.provider);
    try {
      const tokens = await this.endpoint.exchange(provider, config, {
        grant_type: 'refresh_token',
        refresh_token: credentials.refreshToken,
      });
      // Nothing between the answer and this statement: what is lost here is a burnt refresh token.
      return await this.#store(connectionId, stored, fence, {
        kind: 'oauth2',
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? credentials.refreshToken,
        expiresAt: tokens.expiresAt.getTime(),
      });
    } catch (error) {
      await this.#endLease(connectionId, fence);
      const now = await readCredentials(this.em.fork(), this.box, connectionId);
      if (now.version !== stored.version) return now;
      throw error;
    }
  }

  async #store(
    connectionId: string,
    stored: StoredCredentials,
    fence: number,
    credentials: Extract<StoredCredentials['credentials'], { kind: 'oauth2' }>,
  ): Promise<StoredCredentials> {
    const sealed = sealCredentials(this.box, { id: connectionId, workspaceId: stored.workspaceId }, credentials);
    const rows = await execute(
      this.em.fork(),
      `update ats.connections
       set sealed_credentials = $3, credentials_version = credentials_version + 1, access_expires_at = $4,
           refresh_lease_until = null, refresh_attempt_at = null
       where id = $1 and refresh_fence = $2 and epoch = $5`,
      [connectionId, fence, sealed, new Date(credentials.expiresAt), stored.epoch],
    );
    if (rows === 0)
      throw new AtsError('refresh-overtaken', 'Another process took over this refresh.', { retryable: true });
    return { ...stored, credentials, version: stored.version + 1 };
  }

  async #endLease(connectionId: string, fence: number): Promise<void> {
    await execute(
      this.em.fork(),
      `update ats.connections set refresh_lease_until = null, refresh_attempt_at = null where id = $1 and refresh_fence = $2`,
      [connectionId, fence],
    );
  }
}
