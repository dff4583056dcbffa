import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import type { StateStore } from 'passport-oauth2';
import type { TokenSet } from '../contract/auth.js';

/** A code goes out, tokens come back; `verifier` is PKCE's (RFC 7636). */
export type CodeExchange = (code: string, verifier: string | undefined) => Promise<TokenSet>;

/** Keeps the state of a sign-in between the way to the ATS and the way back. */
export interface SignInState {
  /** Keeps PKCE's verifier with a new state, which it returns. */
  issue(verifier: string | null): Promise<string>;
  /** The verifier that was kept with this state, or null without PKCE. */
  verifierOf(state: string): Promise<string | null>;
}

export interface SignInSpec {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly pkce: 'S256' | 'none';
  /** Parameters beyond the standard ones, such as `audience`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly state: SignInState;
  readonly exchange: CodeExchange;
}

/**
 * OAuth 2.0 authorization code (RFC 6749 §4.1) at one ATS, by passport-oauth2. Two parts of it are ours: the state,
 * which is kept in Postgres instead of an HTTP session, and the token request, which goes through the same time-outs,
 * size limits and faults as the refresh. Made for one sign-in and thrown away: nothing is registered process-wide.
 */
export class SignInStrategy extends PassportStrategy(OAuth2Strategy, undefined, 6) {
  readonly #parameters: Readonly<Record<string, string>>;

  constructor(spec: SignInSpec) {
    super({
      authorizationURL: spec.authorizeUrl,
      tokenURL: spec.tokenUrl,
      clientID: spec.clientId,
      // The client proves itself in the token request, which is not passport's.
      clientSecret: '',
      callbackURL: spec.redirectUri,
      scope: [...spec.scopes],
      ...(spec.pkce === 'S256' ? { pkce: true } : {}),
      store: passportStore(spec.state),
      skipUserProfile: true,
      passReqToCallback: true,
    });
    this.#parameters = spec.parameters;
    const getOAuthAccessToken = (code: string, parameters: { code_verifier?: string }, done: TokenCallback) =>
      void spec.exchange(code, parameters.code_verifier).then(
        (tokens) => done(null, tokens.accessToken, tokens.refreshToken ?? '', { tokens }),
        (error: unknown) => done({ statusCode: 0, cause: error }),
      );
    Object.assign(this._oauth2, { getOAuthAccessToken });
  }

  /** Where the browser is sent. */
  authorizeUrl(): Promise<string> {
    return new Promise((resolve, reject) => {
      const response = {
        statusCode: 0,
        setHeader: (name: string, value: string) => {
          if (name === 'Location') resolve(value);
        },
        end: () => undefined,
      };
      this.#run({}, response, reject, () => reject(new Error('A sign-in began with its end.')));
    });
  }

  /** The tokens for what the ATS sent the browser back with. Rejects with what the exchange failed with. */
  answer(query: { readonly state: string; readonly code: string }): Promise<TokenSet> {
    return new Promise((resolve, reject) => {
      const response = { setHeader: () => undefined, end: () => undefined };
      this.#run(query, response, reject, (tokens) =>
        tokens instanceof Object ? resolve(tokens as TokenSet) : reject(new Error('A sign-in ended without tokens.')),
      );
    });
  }

  /** Called by the mixin with what the token request brought. */
  validate(...[, , , parameters]: readonly [unknown, string, string, { readonly tokens: TokenSet }]): TokenSet {
    return parameters.tokens;
  }

  override authorizationParams(): object {
    return { ...this.#parameters };
  }

  /** An instance of its own: passport's default one would be shared by every module in the process. */
  getPassportInstance(): passport.Authenticator {
    return new passport.Passport();
  }

  #run(
    query: Readonly<Record<string, string>>,
    response: object,
    reject: (error: unknown) => void,
    done: (user: unknown) => void,
  ): void {
    const ended = (error: unknown, user?: unknown): void => {
      if (error !== null && error !== undefined) reject(causeOf(error));
      else done(user);
    };
    const middleware = new passport.Passport().authenticate(this, { session: false }, ended) as (
      request: object,
      response: object,
      next: (error: unknown) => void,
    ) => void;
    middleware({ query, headers: {} }, response, ended);
  }
}

type TokenCallback = (
  error: { readonly statusCode: number; readonly cause: unknown } | null,
  accessToken?: string,
  refreshToken?: string,
  parameters?: { readonly tokens: TokenSet },
) => void;

/** passport-oauth2 wraps what the token request failed with. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('oauthError' in error)) return error;
  const { oauthError } = error;
  return oauthError instanceof Object && 'cause' in oauthError ? oauthError.cause : oauthError;
}

/** passport-oauth2 tells its stores apart by how many parameters they take: five to keep, four to verify. */
function passportStore(states: SignInState): StateStore {
  return {
    store(_request: unknown, verifier: unknown, _state?: unknown, _meta?: unknown, callback?: unknown): void {
      const done = callback as (error: unknown, state?: string) => void;
      states.issue(typeof verifier === 'string' ? verifier : null).then(
        (state) => done(null, state),
        (error: unknown) => done(error),
      );
    },
    verify(_request: unknown, state: string, _meta: unknown, callback?: unknown): void {
      // `true` lets a sign-in without PKCE go on.
      const done = callback as (error: unknown, verifier?: string | true) => void;
      states.verifierOf(state).then(
        (verifier) => done(null, verifier ?? true),
        (error: unknown) => done(error),
      );
    },
  };
}
