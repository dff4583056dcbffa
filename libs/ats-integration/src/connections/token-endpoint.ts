import { Injectable } from '@nestjs/common';
import { request } from 'undici';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { OAuth2Manifest, TokenSet } from '../contract/auth.js';
import { ProviderFault } from '../contract/fault.js';
import { HttpAgent } from '../http/http-agent.js';
import { readBody } from '../http/read-body.js';

const DEADLINE_MS = 20_000;
const MAX_BODY_BYTES = 256 * 1024;

export type Grant =
  | {
      readonly grant_type: 'authorization_code';
      readonly code: string;
      readonly redirect_uri: string;
      readonly code_verifier?: string;
    }
  | { readonly grant_type: 'refresh_token'; readonly refresh_token: string };

/** The OAuth token endpoint of an ATS (RFC 6749 §4.1.3 and §6), in the words of its manifest. */
@Injectable()
export class TokenEndpoint {
  constructor(private readonly agent: HttpAgent) {}

  /**
   * @throws ProviderFault `auth-revoked` when the grant is dead (`invalid_grant`), `invalid-request` when the client is
   * refused (the deployment's client id or secret), `unavailable` when the answer is not known.
   */
  async exchange<Config>(provider: AtsProvider<Config>, config: Config, grant: Grant): Promise<TokenSet> {
    const { manifest, auth } = provider;
    if (auth.kind !== 'oauth2' || manifest.auth.kind !== 'oauth2') {
      throw new ProviderFault('invalid-request', `${manifest.name} does not use OAuth.`);
    }
    const client = { id: auth.clientId(config), secret: auth.clientSecret(config) };
    const url = `${provider.authUrl(config)}${manifest.auth.tokenPath}`;
    const answer = await this.#post(url, manifest.auth, client, grant, manifest.name);
    if (answer.status >= 200 && answer.status < 300) return auth.parseToken(answer.body, new Date());
    throw refusal(manifest.name, answer.status, answer.body);
  }

  async #post(
    url: string,
    manifest: OAuth2Manifest,
    client: { readonly id: string; readonly secret: string },
    grant: Grant,
    name: string,
  ): Promise<{ status: number; body: unknown }> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries<string | undefined>(grant))
      if (value !== undefined) form.set(name, value);
    if (!manifest.sendsRedirectUri) form.delete('redirect_uri');
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
      return { status: response.statusCode, body: parseJson(text) };
    } catch (error) {
      if (error instanceof ProviderFault) throw error;
      throw new ProviderFault('unavailable', `${name}'s sign-in server could not be reached. Try again in a minute.`, {
        cause: error,
      });
    }
  }
}

/** RFC 6749 §5.2 by its `error`; the body itself is not quoted: some servers echo the client id. */
function refusal(name: string, status: number, body: unknown): ProviderFault {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  const details = { status, request: 'POST token' };
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
