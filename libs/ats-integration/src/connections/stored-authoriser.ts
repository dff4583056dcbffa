import type { AtsProvider } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { Authoriser } from '../http/authorised-http.js';
import type { Credentials, StoredCredentials } from './credentials.js';
import type { TokenRefresh } from './token-refresh.js';

/** Renewed this long before it expires, so that a request on its way does not meet the expiry. */
const EXPIRY_MARGIN_MS = 60_000;

/** Proves one connection to its ATS; renews in time, and once more when the ATS refuses all the same. */
export class StoredAuthoriser implements Authoriser {
  #current: StoredCredentials | null = null;

  constructor(
    private readonly connectionId: string,
    private readonly provider: AtsProvider,
    private readonly read: () => Promise<StoredCredentials>,
    private readonly refresh: TokenRefresh,
  ) {}

  async header(): Promise<{ readonly name: string; readonly value: string }> {
    this.#current ??= await this.read();
    if (expiresSoon(this.#current.credentials)) await this.#renew(this.#current);
    return headerOf(this.provider, this.#current.credentials);
  }

  async renew(refused: string): Promise<boolean> {
    this.#current ??= await this.read();
    // Another request of this session renewed meanwhile: what was refused is not what we hold now.
    if (headerOf(this.provider, this.#current.credentials).value !== refused) return true;
    if (this.#current.credentials.kind !== 'oauth2') return false;
    await this.#renew(this.#current);
    return true;
  }

  async #renew(seen: StoredCredentials): Promise<void> {
    const renewed = await this.refresh.refresh(this.connectionId, seen.version);
    if (this.#current === null || renewed.version >= this.#current.version) this.#current = renewed;
  }
}

function expiresSoon(credentials: Credentials): boolean {
  return (
    credentials.kind === 'oauth2' &&
    credentials.refreshToken !== null &&
    credentials.expiresAt - Date.now() < EXPIRY_MARGIN_MS
  );
}

export function headerOf(
  provider: AtsProvider,
  credentials: Credentials,
): { readonly name: string; readonly value: string } {
  if (credentials.kind === 'oauth2') return { name: 'authorization', value: `Bearer ${credentials.accessToken}` };
  if (provider.auth.kind !== 'api-key') {
    throw new ProviderFault(
      'auth-revoked',
      `${provider.manifest.name} does not take API keys any more. Connect it again.`,
    );
  }
  return provider.auth.authorisation(credentials.fields);
}
