import type { AtsProvider } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { Authoriser } from '../http/authorised-http.js';
import { notConnected } from './credentials.js';
import type { Credentials, StoredCredentials } from './credentials.js';
import type { TokenRefresh } from './token-refresh.js';

/** Renewed this long before it expires, so that a request on its way does not meet the expiry. */
const EXPIRY_MARGIN_MS = 60_000;
/** Of a token that lives shorter than that: it must not count as old from its first moment. */
const MARGIN_OF_LIFETIME = 0.25;

/**
 * Proves one connection to its ATS; renews in time, and once more when the ATS refuses all the same. It reads the row
 * before every request: what a sibling renewed is used at once, and after a disconnect no further request goes out.
 */
export class StoredAuthoriser implements Authoriser {
  constructor(
    private readonly connection: { readonly id: string; readonly epoch: number },
    private readonly provider: AtsProvider,
    private readonly stored: () => Promise<StoredCredentials>,
    private readonly refresh: TokenRefresh,
  ) {}

  /** @throws AtsError `not-connected` once the connection was disconnected. */
  async header(): Promise<{ readonly name: string; readonly value: string }> {
    const held = await this.#read();
    const { credentials } = expiresSoon(held) ? await this.#renewed(held) : held;
    return headerOf(this.provider, credentials);
  }

  async renew(refused: string): Promise<boolean> {
    const held = await this.#read();
    // Somebody renewed meanwhile: what was refused is not what is stored now.
    if (headerOf(this.provider, held.credentials).value !== refused) return true;
    if (held.credentials.kind !== 'oauth2') return false;
    await this.refresh.refresh(this.connection.id, held.version);
    return true;
  }

  async #renewed(held: StoredCredentials): Promise<StoredCredentials> {
    try {
      return await this.refresh.refresh(this.connection.id, held.version);
    } catch (error) {
      // A sign-in server that is away for a moment stops nothing while the old token still lives.
      if (error instanceof ProviderFault && error.retryable && (held.livesMs ?? 0) > 0) return held;
      throw error;
    }
  }

  async #read(): Promise<StoredCredentials> {
    const held = await this.stored();
    if (held.epoch !== this.connection.epoch) throw notConnected();
    return held;
  }
}

function expiresSoon({ credentials, livesMs, lifetimeMs }: StoredCredentials): boolean {
  if (credentials.kind !== 'oauth2' || credentials.refreshToken === null || livesMs === null) return false;
  const short = lifetimeMs !== null && lifetimeMs <= EXPIRY_MARGIN_MS;
  const margin = short ? lifetimeMs * MARGIN_OF_LIFETIME : EXPIRY_MARGIN_MS;
  return livesMs < margin;
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
