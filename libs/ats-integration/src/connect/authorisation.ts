import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { OAuth2Capability } from '../contract/ats-provider.js';
import type { OAuth2Manifest, TokenSet } from '../contract/auth.js';
import { TokenEndpoint } from '../connections/token-endpoint.js';
import type { ConfiguredProvider } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';
import { OAuthStates } from './oauth-state.js';
import type { RedeemedState } from './oauth-state.js';

export interface Person {
  readonly workspaceId: string;
  readonly userId: string;
}

/** What came back from the ATS's sign-in (RFC 6749 §4.1.2). */
export interface Callback {
  readonly state: string;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
}

/** The way to an ATS's sign-in and what comes back from it: OAuth 2.0 authorization code, with PKCE where the ATS takes it. */
@Injectable()
export class Authorisation {
  constructor(
    private readonly em: EntityManager,
    private readonly states: OAuthStates,
    private readonly tokens: TokenEndpoint,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** Where to send the browser. `callbackPath`: the library's callback route below the host's public address. */
  async authorizeUrl(
    configured: ConfiguredProvider,
    person: Person,
    connectionId: string,
    callbackPath: string,
  ): Promise<string> {
    const { provider, config } = configured;
    const { manifest, auth } = oauthOf(configured);
    // One address for each provider: an answer that comes to another one was meant for another authorization server.
    const redirectUri = `${this.options.publicUrl.replace(/\/$/, '')}/${callbackPath}/${provider.manifest.id}`;
    const owner = { ...person, connectionId, provider: provider.manifest.id, redirectUri };
    const issued = await this.em.fork().transactional((em) => this.states.issue(em, owner, manifest.pkce === 'S256'));
    const url = new URL(`${provider.authUrl(config)}${manifest.authorizePath}`);
    const parameters: Record<string, string> = {
      response_type: 'code',
      client_id: auth.clientId(config),
      redirect_uri: redirectUri,
      scope: auth.scopes(config).join(' '),
      state: issued.state,
      ...(issued.challenge === null ? {} : { code_challenge: issued.challenge, code_challenge_method: 'S256' }),
      ...auth.authorizeParameters?.(config),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  redeem(state: string, person: Person, provider: string): Promise<RedeemedState> {
    return this.states.redeem(state, { ...person, provider });
  }

  /** @throws AtsError `access-denied` when the person refused; ProviderFault when the exchange fails. */
  async exchange(configured: ConfiguredProvider, redeemed: RedeemedState, callback: Callback): Promise<TokenSet> {
    const { name } = configured.provider.manifest;
    if (callback.code === undefined) {
      const refused = callback.error === 'access_denied';
      throw new AtsError(
        refused ? 'access-denied' : 'authorisation-failed',
        refused
          ? `The permissions were not approved in ${name}, so nothing was connected and no credit was used. Connect again when you want to.`
          : `${name} ended the sign-in with an error. Nothing was connected and no credit was used; try again, or ask ${name}'s support.`,
      );
    }
    return this.tokens.exchange(configured.provider, configured.config, {
      grant_type: 'authorization_code',
      code: callback.code,
      redirect_uri: redeemed.redirectUri,
      ...(redeemed.verifier === null ? {} : { code_verifier: redeemed.verifier }),
    });
  }
}

function oauthOf({ provider }: ConfiguredProvider): { manifest: OAuth2Manifest; auth: OAuth2Capability<unknown> } {
  if (provider.auth.kind !== 'oauth2' || provider.manifest.auth.kind !== 'oauth2') {
    throw new AtsError('not-oauth', `${provider.manifest.name} is connected with an API key, not by signing in.`);
  }
  return { manifest: provider.manifest.auth, auth: provider.auth };
}
