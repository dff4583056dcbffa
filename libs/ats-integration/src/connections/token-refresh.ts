import { setTimeout as sleep } from 'node:timers/promises';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ProviderFault } from '../contract/fault.js';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';
import { notConnected, readCredentials, sealCredentials } from './credentials.js';
import type { Credentials, StoredCredentials } from './credentials.js';
import { raiseIssue } from './issues.js';
import { CLIENT_ISSUE, beginRefresh, failRefresh, letGo, storeRefresh } from './refresh-attempts.js';
import type { RefreshAttempt, RenewedGrant } from './refresh-attempts.js';
import { clientRefused, cutOff, dead, isOver, notRenewable, readFailure, resting } from './refresh-faults.js';
import { giveBack } from './revocation-entries.js';
import { markReconnectRequired } from './standstill.js';
import { TokenEndpoint } from './token-endpoint.js';
import type { GrantedTokens } from './token-endpoint.js';

const POLL_MS = 100;
/** While our own database is away, the new tokens exist in this process alone. */
const STORE_AGAIN_AFTER_MS = [100, 500, 2000, 5000];

/**
 * One refresh for an expiry, over all processes. A lease in the row says who asks; the answer is stored only while the
 * fence is still ours; who comes second waits and reads what the first one stored. Leases go by the database's clock.
 */
@Injectable()
export class TokenRefresh {
  readonly #logger = new Logger('AtsRefresh');
  readonly #inProcess = new Map<string, Promise<StoredCredentials>>();

  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly endpoint: TokenEndpoint,
    @Inject(SealedBox) private readonly box: SealedBox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Credentials newer than `seenVersion`.
   * @throws ProviderFault `auth-revoked` when the authorisation is over: the connection is `reconnect_required` then;
   * `unavailable` with the wait when it could not be renewed now. AtsError `not-connected` after a disconnect.
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
      const name = this.#nameOf(stored);
      // Who asks again after the ATS said no only makes it count us among the abusers.
      if (isOver(stored)) throw dead(name, stored);
      if (stored.restsMs > 0) throw resting(name, stored.restsMs);
      const attempt = await beginRefresh(this.em.fork(), { id: connectionId, ...stored });
      const renewed = attempt === null ? null : await this.#ask(stored, attempt);
      if (renewed !== null) return renewed;
      if (attempt === null) await sleep(POLL_MS);
    }
  }

  /** Null when the attempt was overtaken: what is stored now decides. */
  async #ask(stored: StoredCredentials, attempt: RefreshAttempt): Promise<StoredCredentials | null> {
    const { credentials } = stored;
    const name = this.#nameOf(stored);
    if (credentials.kind !== 'oauth2' || credentials.refreshToken === null) {
      return this.#declareDead(stored, attempt, notRenewable(name));
    }
    if (attempt.afterCutOff) {
      this.#logger.warn(
        `The last refresh of connection ${attempt.connectionId} was cut off before its answer was stored; asking once more with the token that is stored.`,
      );
    }
    const { provider, config } = this.registry.get(stored.provider);
    let tokens: GrantedTokens;
    try {
      const grant = { grant_type: 'refresh_token', refresh_token: credentials.refreshToken } as const;
      tokens = await this.endpoint.exchange(provider, config, grant);
    } catch (error) {
      return this.#failed(stored, attempt, error);
    }
    // Nothing between the answer and the store: what is lost here is a burnt refresh token.
    const renewed: Credentials = {
      kind: 'oauth2',
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken ?? credentials.refreshToken,
      expiresAt: tokens.expiresAt.getTime(),
    };
    const sealed = sealCredentials(this.box, { id: attempt.connectionId, workspaceId: stored.workspaceId }, renewed);
    const { auth } = provider.manifest;
    const idleSeconds = auth.kind === 'oauth2' ? auth.refreshTokenIdleSeconds : null;
    if (!(await this.#store(attempt, { sealed, livesMs: tokens.livesMs, idleSeconds }))) {
      return this.#overtaken(stored, attempt, renewed);
    }
    const { version, ...rest } = stored;
    return { ...rest, credentials: renewed, version: version + 1, livesMs: tokens.livesMs, lifetimeMs: tokens.livesMs };
  }

  /** Safe to repeat: a store that succeeded unseen has moved the version on. */
  async #store(attempt: RefreshAttempt, grant: RenewedGrant): Promise<boolean> {
    for (const againAfterMs of STORE_AGAIN_AFTER_MS) {
      try {
        return await storeRefresh(this.em.fork(), attempt, grant);
      } catch (error) {
        const what = error instanceof Error ? error.name : 'unknown error';
        this.#logger.warn(`The renewed tokens of connection ${attempt.connectionId} could not be stored yet: ${what}`);
        await sleep(againAfterMs);
      }
    }
    return storeRefresh(this.em.fork(), attempt, grant);
  }

  /** After a disconnect nobody holds the new tokens but us: they are given back, never used. */
  async #overtaken(stored: StoredCredentials, attempt: RefreshAttempt, orphan: Credentials): Promise<null> {
    const { connectionId: id } = attempt;
    const [now] = await query<{ status: string }>(this.em.fork(), `select status from ats.connections where id = $1`, [
      id,
    ]);
    if (now?.status === 'disconnected') {
      const { provider } = this.registry.get(stored.provider);
      const connection = { id, workspaceId: stored.workspaceId, provider: stored.provider };
      await giveBack(this.em.fork(), this.box, provider, connection, orphan, this.clock.now());
      throw notConnected();
    }
    await letGo(this.em.fork(), attempt);
    return null;
  }

  async #failed(stored: StoredCredentials, attempt: RefreshAttempt, error: unknown): Promise<null> {
    const name = this.#nameOf(stored);
    const failure = readFailure(error);
    if (failure.kind === 'dead') {
      return this.#declareDead(stored, attempt, attempt.afterCutOff ? cutOff(name) : failure.fault);
    }
    const restsMs = await this.em.fork().transactional(async (em) => {
      const rests = await failRefresh(em, attempt, {
        unknown: failure.kind === 'unknown',
        retryAfterMs: failure.retryAfterMs,
      });
      if (rests !== null && failure.kind === 'client-refused') {
        const issue = { code: CLIENT_ISSUE, subject: '', message: clientRefused(name) };
        await raiseIssue(em, { ...stored, id: attempt.connectionId }, issue, this.clock.now());
      }
      return rests;
    });
    if (restsMs === null) {
      await letGo(this.em.fork(), attempt);
      return null;
    }
    const seconds = Math.ceil(restsMs / 1000);
    this.#logger.warn(`Connection ${attempt.connectionId} was not renewed (${failure.kind}); again in ${seconds} s.`);
    throw failure.kind === 'client-refused'
      ? new ProviderFault('unavailable', clientRefused(name), { retryAfterMs: restsMs, cause: error })
      : resting(name, restsMs, error);
  }

  /** Believed only while nothing moved: a sibling may have refreshed with the very token that was refused to us. */
  async #declareDead(stored: StoredCredentials, attempt: RefreshAttempt, fault: ProviderFault): Promise<null> {
    const { connectionId: id, version, epoch, fence } = attempt;
    const connection = { id, workspaceId: stored.workspaceId, provider: stored.provider };
    const declared = await this.em
      .fork()
      .transactional((em) =>
        markReconnectRequired(em, connection, fault.message, this.clock.now(), { version, epoch, fence }),
      );
    if (declared) {
      this.#logger.warn(`The authorisation of connection ${id} is over: ${fault.message}`);
      throw fault;
    }
    await letGo(this.em.fork(), attempt);
    return null;
  }

  #nameOf({ provider }: StoredCredentials): string {
    return this.registry.get(provider).provider.manifest.name;
  }
}
