import { randomBytes } from 'node:crypto';
import type { KeptTokens } from '../persistence/kept-state.js';
import type { SandboxClock } from '../server/sandbox-clock.js';
import type { AccessTokens, GrantedAccess } from '../simulator.js';
import type { CodeChallenge } from './pkce.js';
import { TokenRequestCounts } from './token-request-counts.js';

/** What somebody agreed to on the consent page. */
export interface OAuthGrant extends GrantedAccess {
  readonly clientId: string;
}

/** An authorization code that has not been exchanged. */
export interface IssuedCode extends OAuthGrant {
  readonly redirectUri: string;
  readonly codeChallenge: CodeChallenge;
}

/** A refresh token that has been presented in time. */
export interface RedeemedRefresh {
  readonly grant: OAuthGrant;
  /** When the whole grant ends, however often it is refreshed; in milliseconds since the epoch. */
  readonly grantEndsAt: number;
}

interface StoredRefresh extends RedeemedRefresh {
  readonly expiresAt: number;
  rotatedAt: number | undefined;
}

interface Expiring<Value> {
  readonly value: Value;
  readonly expiresAt: number;
}

/** Which grants of an account; what is absent does not narrow them down. */
export interface GrantsOf {
  /** Those that this app was given: an admin removes it. */
  readonly clientId?: string | undefined;
  /** Those that this user approved: an admin deactivates them. */
  readonly userId?: string | undefined;
}

/** Everything one vendor has issued. It expires by the sandbox's clock. */
export class TokenStore implements AccessTokens {
  readonly requests = new TokenRequestCounts();
  readonly #clock: SandboxClock;
  readonly #codes = new Map<string, Expiring<IssuedCode>>();
  readonly #access = new Map<string, Expiring<GrantedAccess>>();
  readonly #refresh = new Map<string, StoredRefresh>();
  readonly #apiKeys = new Map<string, GrantedAccess>();
  /** Of every code and refresh token ever issued, so that a dead one still says whose it was. */
  readonly #accounts = new Map<string, string>();

  constructor(clock: SandboxClock) {
    this.#clock = clock;
  }

  issueCode(code: IssuedCode, seconds: number): string {
    const text = randomBytes(24).toString('base64url');
    this.#codes.set(text, { value: code, expiresAt: this.#in(seconds) });
    this.#accounts.set(text, code.accountId);
    return text;
  }

  /** A code works once, and only for the app that it was issued to. */
  redeemCode(text: string, clientId: string): IssuedCode | undefined {
    const stored = this.#codes.get(text);
    if (stored === undefined || stored.value.clientId !== clientId) return undefined;
    this.#codes.delete(text);
    return this.#isOver(stored.expiresAt) ? undefined : stored.value;
  }

  addAccessToken(token: string, access: GrantedAccess, seconds: number): void {
    this.#access.set(token, { value: access, expiresAt: this.#in(seconds) });
  }

  issueRefreshToken(grant: OAuthGrant, idleSeconds: number, grantEndsAt: number): string {
    const text = `rt_${randomBytes(30).toString('base64url')}`;
    const expiresAt = Math.min(this.#in(idleSeconds), grantEndsAt);
    this.#refresh.set(text, { grant, grantEndsAt, expiresAt, rotatedAt: undefined });
    this.#accounts.set(text, grant.accountId);
    return text;
  }

  /** A refresh token works once, and for the grace period after that. */
  redeemRefreshToken(
    text: string,
    clientId: string,
    graceSeconds: (accountId: string) => number,
  ): RedeemedRefresh | undefined {
    const stored = this.#refresh.get(text);
    if (stored === undefined || stored.grant.clientId !== clientId || this.#isOver(stored.expiresAt)) return undefined;
    if (stored.rotatedAt === undefined) {
      stored.rotatedAt = this.#clock.now().getTime();
      return stored;
    }
    const graceEndsAt = stored.rotatedAt + graceSeconds(stored.grant.accountId) * 1000;
    return this.#isOver(graceEndsAt) ? undefined : stored;
  }

  /** Whose code or refresh token it is or was; undefined when it was never issued here. */
  accountOfGrant(text: string): string | undefined {
    return this.#accounts.get(text);
  }

  createApiKey(access: GrantedAccess): string {
    const key = randomBytes(24).toString('hex');
    this.#apiKeys.set(key, access);
    return key;
  }

  bearer(token: string): GrantedAccess | undefined {
    const stored = this.#access.get(token);
    if (stored === undefined) return undefined;
    if (!this.#isOver(stored.expiresAt)) return stored.value;
    this.#access.delete(token);
    return undefined;
  }

  apiKey(key: string): GrantedAccess | undefined {
    return this.#apiKeys.get(key);
  }

  /** As if an admin had removed the app: codes, access tokens and refresh tokens die at once. Returns how many. */
  revokeGrants(accountId: string, of: GrantsOf = {}): number {
    const dies = (access: GrantedAccess): boolean =>
      access.accountId === accountId &&
      (of.clientId === undefined || access.clientId === of.clientId) &&
      (of.userId === undefined || access.userId === of.userId);
    return (
      removeWhere(this.#codes, ({ value }) => dies(value)) +
      removeWhere(this.#access, ({ value }) => dies(value)) +
      removeWhere(this.#refresh, ({ grant }) => dies(grant))
    );
  }

  revokeApiKeys(accountId: string): number {
    return removeWhere(this.#apiKeys, (access) => access.accountId === accountId);
  }

  /** All that still works. */
  kept(): KeptTokens {
    const alive = ({ expiresAt }: { readonly expiresAt: number }): boolean => !this.#isOver(expiresAt);
    return {
      codes: [...this.#codes].map(([text, { value, expiresAt }]) => ({ text, code: value, expiresAt })).filter(alive),
      access: [...this.#access]
        .map(([text, { value, expiresAt }]) => ({ text, access: value, expiresAt }))
        .filter(alive),
      refresh: [...this.#refresh].map(([text, stored]) => ({ text, ...stored })).filter(alive),
      apiKeys: [...this.#apiKeys].map(([text, access]) => ({ text, access })),
    };
  }

  restore(kept: KeptTokens): void {
    for (const { text, code, expiresAt } of kept.codes) {
      this.#codes.set(text, { value: { ...code, codeChallenge: code.codeChallenge }, expiresAt });
      this.#accounts.set(text, code.accountId);
    }
    for (const { text, access, expiresAt } of kept.access) this.#access.set(text, { value: access, expiresAt });
    for (const { text, grant, grantEndsAt, expiresAt, rotatedAt } of kept.refresh) {
      // JSON has no infinity: it is written as null.
      const stored = { grant, grantEndsAt: grantEndsAt ?? Number.POSITIVE_INFINITY, expiresAt, rotatedAt };
      this.#refresh.set(text, stored);
      this.#accounts.set(text, grant.accountId);
    }
    for (const { text, access } of kept.apiKeys) this.#apiKeys.set(text, access);
  }

  clear(): void {
    for (const map of [this.#codes, this.#access, this.#refresh, this.#apiKeys, this.#accounts]) map.clear();
    this.requests.clear();
  }

  #in(seconds: number): number {
    return this.#clock.now().getTime() + seconds * 1000;
  }

  #isOver(time: number): boolean {
    return time <= this.#clock.now().getTime();
  }
}

function removeWhere<Value>(map: Map<string, Value>, matches: (value: Value) => boolean): number {
  let removed = 0;
  for (const [key, value] of map) {
    if (matches(value) && map.delete(key)) removed += 1;
  }
  return removed;
}
