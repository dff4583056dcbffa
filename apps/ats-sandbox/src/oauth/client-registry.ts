import type { ProviderId } from '../simulator.js';

/** An app that a vendor has registered. */
export interface OAuthClient {
  readonly provider: ProviderId;
  /** What the consent page calls it; absent: its id. */
  readonly name?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Compared byte by byte. */
  readonly redirectUris: readonly string[];
  /** What the app holds; absent: everything that the vendor knows. */
  readonly scopes?: readonly string[];
  /**
   * Greenhouse only: the account whose own credential this is. Such a credential may use `client_credentials`; a
   * partner's may not.
   */
  readonly accountId?: string;
}

const CALLBACK_HOSTS = ['http://localhost:3000', 'http://127.0.0.1:3000'];

/** The apps that every sandbox starts with. */
export const DEFAULT_CLIENTS: readonly OAuthClient[] = [
  {
    provider: 'greenhouse',
    name: 'Elly',
    clientId: 'elly-greenhouse-1001',
    clientSecret: 'sandbox-greenhouse-secret',
    redirectUris: CALLBACK_HOSTS.map((host) => `${host}/api/ats/oauth/callback/greenhouse`),
  },
  {
    provider: 'lever',
    name: 'Elly',
    clientId: 'elly-lever',
    clientSecret: 'sandbox-lever-secret',
    redirectUris: CALLBACK_HOSTS.map((host) => `${host}/api/ats/oauth/callback/lever`),
  },
];

/** The apps both vendors know. */
export class ClientRegistry {
  readonly #initial: readonly OAuthClient[];
  #clients = new Map<string, OAuthClient>();

  constructor(initial: readonly OAuthClient[]) {
    this.#initial = initial;
    this.reset();
  }

  /** Adds an app, or replaces the one of that id. Throws an Error with a sentence when the vendor would not issue it. */
  register(client: OAuthClient): OAuthClient {
    if (client.provider === 'greenhouse' && !hasGreenhouseSuffix(client.clientId)) {
      throw new Error(`The Greenhouse client id "${client.clientId}" must end with "-" and a number.`);
    }
    this.#clients.set(key(client.provider, client.clientId), client);
    return client;
  }

  find(provider: ProviderId, clientId: string | undefined): OAuthClient | undefined {
    return clientId === undefined ? undefined : this.#clients.get(key(provider, clientId));
  }

  list(): readonly OAuthClient[] {
    return [...this.#clients.values()];
  }

  /** Back to the apps of the start. */
  reset(): void {
    this.#clients = new Map();
    for (const client of this.#initial) this.register(client);
  }
}

/** Greenhouse's client ids end with a number that its token endpoint checks before it looks the client up. */
export function hasGreenhouseSuffix(clientId: string): boolean {
  return /-\d+$/.test(clientId);
}

function key(provider: ProviderId, clientId: string): string {
  return `${provider}:${clientId}`;
}
