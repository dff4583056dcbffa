import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import { ResourceApi } from './resource-api.js';

export const CLIENT = { clientId: 'elly', clientSecret: randomBytes(24).toString('base64url') } as const;
const API = { id: 'referee-api', secret: randomBytes(24).toString('base64url') } as const;

/** What the token endpoint was asked, as the authorization server itself tells it. */
export interface TokenRequest {
  readonly grant: unknown;
  /** Null when it was granted; otherwise the server's own words. */
  readonly refusal: string | null;
}

/**
 * An authorization server that none of us wrote: panva's `oidc-provider`, OpenID-certified, with PKCE required, refresh
 * tokens that rotate and whose reuse ends the grant, revocation (RFC 7009) and `iss` in its answers (RFC 9207).
 */
export class RefereeServer {
  readonly tokenRequests: TokenRequest[] = [];
  /** In the order in which they were issued. */
  readonly refreshTokens: string[] = [];
  /** Tokens whose grant was ended at the revocation endpoint (RFC 7009). */
  readonly revocations: string[] = [];
  accessTokenSeconds = 3600;
  /** A path of the API after which all access tokens are over, once. */
  expireAfter: string | null = null;
  readonly api: ResourceApi;
  readonly #accessTokens: string[] = [];
  readonly #provider: Provider;

  private constructor(
    readonly url: string,
    private readonly server: Server,
    redirectUri: string,
  ) {
    this.#provider = new Provider(url, {
      clients: [
        { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [redirectUri], ...GRANTS },
        { client_id: API.id, client_secret: API.secret, redirect_uris: [], response_types: [], grant_types: [] },
      ],
      scopes: ['jobs', 'candidates'],
      pkce: { required: () => true },
      rotateRefreshToken: true,
      issueRefreshToken: () => Promise.resolve(true),
      features: {
        devInteractions: { enabled: false },
        introspection: { enabled: true, allowedPolicy: (_context, { clientId }) => clientId === API.id },
        revocation: { enabled: true, allowedPolicy: (_context, { clientId }, token) => token.clientId === clientId },
      },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, id) => ({ accountId: id, claims: () => Promise.resolve({ sub: id }) }),
      ttl: {
        AccessToken: () => this.accessTokenSeconds,
        AuthorizationCode: 60,
        Grant: 86_400,
        IdToken: 3600,
        Interaction: 600,
        RefreshToken: 86_400,
        Session: 3600,
      },
      cookies: { keys: [randomBytes(32).toString('hex')] },
      jwks: { keys: [newKey()] },
    });
    this.api = new ResourceApi({ owner: (token) => this.#introspect(token), answered: (path) => this.#answered(path) });
    this.#listenToProvider();
    this.#serve();
  }

  /** For the one client that comes back to `redirectUri`. */
  static async start(redirectUri: string): Promise<RefereeServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RefereeServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, redirectUri);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  requests(grant: 'authorization_code' | 'refresh_token'): readonly TokenRequest[] {
    return this.tokenRequests.filter((request) => request.grant === grant);
  }

  /** Tokens that were presented a second time: for each of them the server has ended the grant. */
  get reuses(): number {
    return this.tokenRequests.filter(({ refusal }) => refusal?.includes('already used') === true).length;
  }

  /** Ends all access tokens and no grant, as time does. */
  async expireAccessTokens(): Promise<void> {
    for (const value of this.#accessTokens.splice(0)) {
      const token = await this.#provider.AccessToken.find(value);
      await token?.destroy();
    }
  }

  /** As when the person withdraws their consent: everything that came of the newest sign-in is over. */
  async withdrawGrant(): Promise<void> {
    const token = await this.#provider.RefreshToken.find(this.refreshTokens.at(-1) ?? '');
    const grantId = token?.grantId;
    if (grantId === undefined) throw new Error('There is no grant to withdraw.');
    await this.#provider.AccessToken.revokeByGrantId(grantId);
    await this.#provider.RefreshToken.revokeByGrantId(grantId);
    await (await this.#provider.Grant.find(grantId))?.destroy();
  }

  /** Presents a refresh token as its client would. Resolves with the server's `error`, or null when it was taken. */
  async present(refreshToken: string): Promise<string | null> {
    const answer = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { authorization: basic(CLIENT.clientId, CLIENT.clientSecret) },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    });
    return ((await answer.json()) as { error?: string }).error ?? null;
  }

  #listenToProvider(): void {
    const provider = this.#provider;
    provider.on('grant.success', (context: KoaContextWithOIDC) => {
      this.tokenRequests.push({ grant: context.oidc.params?.['grant_type'], refusal: null });
      const { access_token, refresh_token } = context.body as { access_token: string; refresh_token?: string };
      this.#accessTokens.push(access_token);
      if (refresh_token !== undefined) this.refreshTokens.push(refresh_token);
    });
    provider.on('grant.error', (context: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
      const refusal = `${error.error}: ${error.error_detail ?? error.error_description ?? ''}`;
      this.tokenRequests.push({ grant: context.oidc.params?.['grant_type'], refusal });
    });
    provider.on('grant.revoked', ({ oidc }: KoaContextWithOIDC) => {
      if (oidc.route === 'revocation') this.revocations.push(String(oidc.params?.['token']));
    });
  }

  #serve(): void {
    const provide = this.#provider.callback();
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const path = request.url ?? '/';
      const answered = path.startsWith('/api/')
        ? this.api.handle(request, response)
        : path.startsWith('/interaction/')
          ? this.#interact(request, response)
          : provide(request, response);
      answered.catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  /** The person's side: a page with one form, and what the form says. */
  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const provider = this.#provider;
    const { params } = await provider.interactionDetails(request, response);
    if (request.method !== 'POST') {
      const page = `<form method="post" action="${request.url ?? ''}"><input name="account"><button>Approve</button></form>`;
      response.writeHead(200, { 'content-type': 'text/html' }).end(page);
      return;
    }
    const form = new URLSearchParams(await text(request));
    if (form.get('decision') !== 'approve') {
      return provider.interactionFinished(request, response, { error: 'access_denied' });
    }
    const accountId = form.get('account') ?? 'acme';
    const grant = new provider.Grant({ accountId, clientId: CLIENT.clientId });
    grant.addOIDCScope(String(params['scope']));
    await provider.interactionFinished(request, response, {
      login: { accountId },
      consent: { grantId: await grant.save() },
    });
  }

  async #introspect(token: string): Promise<string | null> {
    const answer = await fetch(`${this.url}/token/introspection`, {
      method: 'POST',
      headers: { authorization: basic(API.id, API.secret) },
      body: new URLSearchParams({ token }),
    });
    const { active, sub } = (await answer.json()) as { active?: boolean; sub?: string };
    return active === true ? (sub ?? null) : null;
  }

  async #answered(path: string): Promise<void> {
    if (path !== this.expireAfter) return;
    this.expireAfter = null;
    await this.expireAccessTokens();
  }
}

const GRANTS: { grant_types: string[]; response_types: ['code']; token_endpoint_auth_method: 'client_secret_basic' } = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
};

function newKey(): object {
  return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig' };
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
