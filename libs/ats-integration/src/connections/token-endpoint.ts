import { Injectable } from '@nestjs/common';
import { request } from 'undici';
import type { AtsProvider, OAuth2Capability } from '../contract/ats-provider.js';
import type { OAuth2Manifest, TokenSet } from '../contract/auth.js';
import { readRetryAfter } from '../contract/default-fault.js';
import { ProviderFault } from '../contract/fault.js';
import { HttpAgent } from '../http/http-agent.js';
import { readBody } from '../http/read-body.js';

const DEADLINE_MS = 20_000;
/** A server that asks for a longer wait is asked again all the same: a grant may die of disuse meanwhile. */
const LONGEST_WAIT_MS = 3_600_000;
const MAX_BODY_BYTES = 256 * 1024;

export type Grant =
  | {
      readonly grant_type: 'authorization_code';
      readonly code: string;
      readonly redirect_uri: string;
      readonly code_verifier?: string;
    }
  | { readonly grant_type: 'refresh_token'; readonly refresh_token: string };

export interface GrantedTokens extends TokenSet {
  /** From now, whatever the worker's clock says. */
  readonly livesMs: number;
}

interface Client {
  readonly id: string;
  readonly secret: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The server's own time, when it says it. */
  readonly date: Date | null;
  readonly retryAfterMs: number | undefined;
}

/** The OAuth endpoints of an ATS: tokens (RFC 6749 §4.1.3 and §6) and their return (RFC 7009), in the words of its manifest. */
@Injectable()
export class TokenEndpoint {
  constructor(private readonly agent: HttpAgent) {}

  /**
   * @throws ProviderFault `auth-revoked` when the grant is dead (`invalid_grant`), `invalid-request` when the client is
   * refused (the deployment's client id or secret), `unavailable` or `unexpected-shape` when the answer is not known.
   */
  async exchange<Config>(provider: AtsProvider<Config>, config: Config, grant: Grant): Promise<GrantedTokens> {
    const { auth, manifest, client, name } = oauthOf(provider, config);
    const form = formOf(grant);
    if (!manifest.sendsRedirectUri) form.delete('redirect_uri');
    const answer = await this.#post(`${provider.authUrl(config)}${manifest.tokenPath}`, manifest, client, form, name);
    if (answer.status < 200 || answer.status >= 300) throw refusal(name, answer);
    // A moment that the server names is one by its clock, and so is what it is counted from.
    const now = answer.date ?? new Date();
    const tokens = auth.parseToken(answer.body, now);
    const livesMs = tokens.expiresAt.getTime() - now.getTime();
    return { ...tokens, livesMs, expiresAt: new Date(Date.now() + livesMs) };
  }

  /**
   * Gives a token back (RFC 7009 §2.1). One that is unknown to the server counts as given back (§2.2).
   * @throws ProviderFault as `exchange`; never `auth-revoked`.
   */
  async revoke<Config>(
    provider: AtsProvider<Config>,
    config: Config,
    token: string,
    hint: 'refresh_token' | 'access_token',
  ): Promise<void> {
    const { manifest, client, name } = oauthOf(provider, config);
    if (manifest.revokePath === null) return;
    const url = `${provider.authUrl(config)}${manifest.revokePath}`;
    const answer = await this.#post(url, manifest, client, formOf({ token, token_type_hint: hint }), name);
    // A server need not take back every type of token (§2.2.1); asking again would bring the same.
    if ((answer.status >= 200 && answer.status < 300) || errorOf(answer.body) === 'unsupported_token_type') return;
    throw refusal(name, answer);
  }

  async #post(
    url: string,
    manifest: OAuth2Manifest,
    client: Client,
    form: URLSearchParams,
    name: string,
  ): Promise<Answer> {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    if (manifest.clientAuthentication === 'basic') {
      headers.authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;
    } else {
      form.set('client_id', client.id);
      form.set('client_secret', client.secret);
    }
    try {
      const response = await request(url, {
        method: 'POST',
        headers,
        body: form.toString(),
        dispatcher: this.agent.dispatcher,
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const text = await readBody(response.body, MAX_BODY_BYTES, 'the token request', response.statusCode);
      const { 'retry-after': retryAfter, date } = response.headers;
      const waitMs = readRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, new Date());
      return {
        status: response.statusCode,
        body: parseJson(text),
        date: readDate(date),
        retryAfterMs: waitMs === undefined ? undefined : Math.min(waitMs, LONGEST_WAIT_MS),
      };
    } catch (error) {
      if (error instanceof ProviderFault) throw error;
      throw new ProviderFault('unavailable', `${name}'s sign-in server could not be reached. Try again in a minute.`, {
        cause: error,
      });
    }
  }
}

function oauthOf<Config>(
  { manifest, auth }: AtsProvider<Config>,
  config: Config,
): { auth: OAuth2Capability<Config>; manifest: OAuth2Manifest; client: Client; name: string } {
  if (auth.kind !== 'oauth2' || manifest.auth.kind !== 'oauth2') {
    throw new ProviderFault('invalid-request', `${manifest.name} does not use OAuth.`);
  }
  const client = { id: auth.clientId(config), secret: auth.clientSecret(config) };
  return { auth, manifest: manifest.auth, client, name: manifest.name };
}

function formOf(fields: Readonly<Record<string, string | undefined>>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
  );
}

/** RFC 6749 §5.2 by its `error`; the body itself is not quoted: some servers echo the client id. */
function refusal(name: string, { status, body, retryAfterMs }: Answer): ProviderFault {
  const error = errorOf(body);
  const details = { status, request: 'POST token', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (error === 'invalid_grant') {
    return new ProviderFault(
      'auth-revoked',
      `${name} no longer accepts this authorisation. Sign in to ${name} again to reconnect.`,
      details,
    );
  }
  if (status >= 500 || status === 429 || status === 408) {
    return new ProviderFault(
      'unavailable',
      `${name}'s sign-in server answered ${status}. Try again in a minute.`,
      details,
    );
  }
  return new ProviderFault(
    'invalid-request',
    `${name}'s sign-in server refused this application (HTTP ${status}). Check the client id, the client secret and the redirect address that are registered with ${name}.`,
    details,
  );
}

function errorOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
}

function readDate(value: string | string[] | undefined): Date | null {
  const moment = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
