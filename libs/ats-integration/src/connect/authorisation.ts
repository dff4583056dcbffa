import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { OAuth2Capability } from '../contract/ats-provider.js';
import type { OAuth2Manifest, TokenSet } from '../contract/auth.js';
import { TokenEndpoint } from '../connections/token-endpoint.js';
import type { ConfiguredProvider } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';
import { OAuthStates } from './oauth-state.js';
import type { Person, RedeemedState, SignInOf, SignInPurpose } from './oauth-state.js';
import { SignInStrategy } from './sign-in.strategy.js';
import type { SignInState } from './sign-in.strategy.js';

/** What came back from the ATS's sign-in (RFC 6749 §4.1.2, RFC 9207). */
export interface Callback {
  readonly state: string;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  /** Which authorization server answers. */
  readonly iss?: string | undefined;
}

/** The way to an ATS's sign-in and what comes back from it. */
@Injectable()
export class Authorisation {
  constructor(
    private readonly states: OAuthStates,
    private readonly tokens: TokenEndpoint,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** Where to send the browser. `callbackPath`: the library's callback route below the host's public address. */
  authorizeUrl(
    configured: ConfiguredProvider,
    person: Person,
    signIn: { readonly connectionId: string; readonly purpose: SignInPurpose },
    callbackPath: string,
  ): Promise<string> {
    const provider = configured.provider.manifest.id;
    // One address for each provider: an answer that comes to another one was meant for another authorization server.
    const redirectUri = `${this.options.publicUrl.replace(/\/$/, '')}/${callbackPath}/${provider}`;
    const kept: SignInOf = { ...signIn, provider, redirectUri };
    return this.#strategy(configured, redirectUri, {
      issue: (verifier) => this.states.issue(person, kept, verifier),
      verifierOf: () => Promise.reject(new Error('A sign-in that begins has no answer.')),
    }).authorizeUrl();
  }

  redeem(state: string, person: Person, provider: string): Promise<RedeemedState> {
    return this.states.redeem(state, person, provider);
  }

  /**
   * @throws AtsError `access-denied` when the person refused, `authorisation-failed` when the ATS sent another error or no
   * code, `wrong-issuer` when another authorization server answered, `cannot-open`; ProviderFault when the exchange fails.
   */
  async exchange(configured: ConfiguredProvider, redeemed: RedeemedState, callback: Callback): Promise<TokenSet> {
    const { name } = configured.provider.manifest;
    assertIssuer(configured, callback.iss);
    // An answer is a code or an error (RFC 6749 §4.1.2): one that is both was put together by somebody else.
    if (callback.code === undefined || callback.error !== undefined) throw refusal(name, callback.error);
    const verifier = this.states.verifierOf(redeemed);
    const strategy = this.#strategy(configured, redeemed.redirectUri, {
      issue: () => Promise.reject(new Error('A sign-in that ends issues no state.')),
      verifierOf: () => Promise.resolve(verifier),
    });
    return strategy.answer({ state: callback.state, code: callback.code });
  }

  #strategy(configured: ConfiguredProvider, redirectUri: string, state: SignInState): SignInStrategy {
    const { provider, config } = configured;
    const { manifest, auth } = oauthOf(configured);
    const base = provider.authUrl(config);
    return new SignInStrategy({
      authorizeUrl: `${base}${manifest.authorizePath}`,
      tokenUrl: `${base}${manifest.tokenPath}`,
      clientId: auth.clientId(config),
      redirectUri,
      scopes: auth.scopes(config),
      pkce: manifest.pkce,
      parameters: auth.authorizeParameters?.(config) ?? {},
      state,
      exchange: (code, verifier) =>
        this.tokens.exchange(provider, config, {
          grant_type: 'authorization_code',
          code,
          redirect_uri: redirectUri,
          ...(verifier === undefined ? {} : { code_verifier: verifier }),
        }),
    });
  }
}

/**
 * Mix-up defence (RFC 9700 §4.4, RFC 9207 §2.4): a server that names itself must be the one that was asked. Where the
 * provider declares no issuer, a name must at least be one of the place that the browser was sent to.
 */
function assertIssuer(configured: ConfiguredProvider, issuer: string | undefined): void {
  const { provider, config } = configured;
  const expected = oauthOf(configured).auth.issuer?.(config);
  if (expected !== undefined && issuer === expected) return;
  if (expected === undefined && (issuer === undefined || isAt(provider.authUrl(config), issuer))) return;
  const { name } = provider.manifest;
  throw new AtsError(
    'wrong-issuer',
    `The answer to this sign-in did not come from ${name}, so it was thrown away and nothing was connected. Start again in Settings → Integrations; if it happens again, tell your administrator.`,
  );
}

function isAt(authUrl: string, issuer: string): boolean {
  return URL.canParse(issuer) && new URL(issuer).origin === new URL(authUrl).origin;
}

function refusal(name: string, error: string | undefined): AtsError {
  return error === 'access_denied'
    ? new AtsError(
        'access-denied',
        `The permissions were not approved in ${name}, so nothing was connected and no credit was used. Connect again when you want to.`,
      )
    : new AtsError(
        'authorisation-failed',
        `${name} ended the sign-in with an error. Nothing was connected and no credit was used; try again, or ask ${name}'s support.`,
      );
}

function oauthOf({ provider }: ConfiguredProvider): { manifest: OAuth2Manifest; auth: OAuth2Capability<unknown> } {
  if (provider.auth.kind !== 'oauth2' || provider.manifest.auth.kind !== 'oauth2') {
    throw new AtsError('not-oauth', `${provider.manifest.name} is connected with an API key, not by signing in.`);
  }
  return { manifest: provider.manifest.auth, auth: provider.auth };
}
