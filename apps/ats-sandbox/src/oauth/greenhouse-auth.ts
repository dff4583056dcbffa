import { randomUUID } from 'node:crypto';
import express, { type Request, type Router } from 'express';
import { authorizeRouter } from './authorize-router.js';
import { hasGreenhouseSuffix, type OAuthClient } from './client-registry.js';
import { signJsonWebToken } from './json-web-token.js';
import { scopeList, textParameters, type OAuthContext } from './oauth-context.js';
import { answersChallenge } from './pkce.js';
import { graceSeconds, scopesNow, tokenEndpoint, type Answer } from './token-endpoint.js';
import type { OAuthGrant } from './token-store.js';

const CODE_SECONDS = 60;
const ACCESS_SECONDS = 3600;
const REFRESH_SECONDS = 24 * 3600;
const GRANT_TYPES = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:token-exchange',
];

/**
 * Greenhouse's authorization server, `https://auth.greenhouse.io` in life: `/authorize` and `/token`.
 * See Greenhouse, "Harvest v3: authentication" at https://harvestdocs.greenhouse.io/docs/authentication.
 */
export function greenhouseAuth(context: OAuthContext): Router {
  const router = authorizeRouter(context, {
    provider: 'greenhouse',
    vendorName: 'Greenhouse',
    advice: 'Anybody may approve, but the app can only list records through a Site Admin.',
    codeSeconds: CODE_SECONDS,
    scopesToGrant: (_request, parameters, client) => {
      const scopes = scopeList(parameters.get('scope'));
      if (scopes.length === 0) return { refusal: 'invalid_scope: the request names no scope.' };
      const held = client.scopes ?? Object.keys(context.scopes);
      const foreign = scopes.filter((scope) => !held.includes(scope));
      return foreign.length === 0
        ? { scopes }
        : { refusal: `invalid_scope: the app does not hold ${foreign.join(', ')}.` };
    },
    refuseUser: () => undefined,
  });
  const endpoint = tokenEndpoint(context, {
    // The guide sends the parameters in the query string, working clients send them in the body: both are taken.
    parametersOf: (request) => new Map([...textParameters(request.query), ...textParameters(request.body)]),
    answer: (request, parameters) => answerToken(context, request, parameters),
    accountOfClient: (request) => {
      const client = authenticate(context, request);
      return 'status' in client ? undefined : client.accountId;
    },
  });
  router.post('/token', express.urlencoded({ extended: false }), ...endpoint);
  return router;
}

function answerToken(context: OAuthContext, request: Request, parameters: ReadonlyMap<string, string>): Answer {
  const client = authenticate(context, request);
  if ('status' in client) return client;
  const grantType = parameters.get('grant_type');
  if (grantType === undefined) {
    return { status: 400, body: { message: 'Must include `grant_type` parameter in /token request' } };
  }
  switch (grantType) {
    case 'authorization_code':
      return exchangeCode(context, client, parameters);
    case 'refresh_token':
      return refresh(context, client, parameters);
    case 'client_credentials':
      return clientCredentials(context, client, parameters);
    default:
      if (GRANT_TYPES.includes(grantType)) return { status: 400, body: { error: 'unauthorized_client' } };
      return {
        status: 400,
        body: { message: `grant_type=${grantType} is invalid, please use one of: ${GRANT_TYPES.join(', ')}` },
      };
  }
}

function authenticate(context: OAuthContext, request: Request): OAuthClient | Answer {
  const basic = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (basic === undefined) return { status: 401, body: { message: 'Unauthorized', errorId: newErrorId() } };
  const [, clientId = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString('utf8')) ?? [];
  if (!hasGreenhouseSuffix(clientId)) {
    const message = `client_id=${clientId} does not contain a valid client ID suffix`;
    return { status: 400, body: { message, errorId: newErrorId() } };
  }
  const client = context.clients.find('greenhouse', clientId);
  if (client === undefined || client.clientSecret !== secret) return { status: 401, body: { error: 'invalid_client' } };
  return client;
}

function exchangeCode(context: OAuthContext, client: OAuthClient, parameters: ReadonlyMap<string, string>): Answer {
  const code = context.tokens.redeemCode(parameters.get('code') ?? '', client.clientId);
  const redirectUri = parameters.get('redirect_uri');
  if (code === undefined || (redirectUri !== undefined && redirectUri !== code.redirectUri)) return INVALID_GRANT;
  if (!answersChallenge(code.codeChallenge, parameters.get('code_verifier'))) return INVALID_GRANT;
  return issue(context, code, true);
}

function refresh(context: OAuthContext, client: OAuthClient, parameters: ReadonlyMap<string, string>): Answer {
  const redeemed = context.tokens.redeemRefreshToken(
    parameters.get('refresh_token') ?? '',
    client.clientId,
    (accountId) => graceSeconds(context, accountId),
  );
  return redeemed === undefined ? INVALID_GRANT : issue(context, redeemed.grant, true);
}

/** Only a customer's own credential may do this; a partner's app may not. */
function clientCredentials(
  context: OAuthContext,
  client: OAuthClient,
  parameters: ReadonlyMap<string, string>,
): Answer {
  const account = client.accountId === undefined ? undefined : context.accounts.get(client.accountId);
  if (account === undefined) return { status: 400, body: { error: 'unauthorized_client' } };
  const sub = parameters.get('sub');
  // Without `sub` the token acts for the credential's service user, which may see what a Site Admin sees.
  const user = account.users().find(({ id, admin }) => (sub === undefined ? admin : id === sub));
  if (user === undefined) return INVALID_GRANT;
  const scopes = client.scopes ?? Object.keys(context.scopes);
  return issue(context, { accountId: account.id, userId: user.id, scopes, clientId: client.clientId }, false);
}

function issue(context: OAuthContext, grant: OAuthGrant, refreshable: boolean): Answer {
  const account = context.accounts.get(grant.accountId);
  if (account === undefined) return INVALID_GRANT;
  const issuedAt = Math.floor(context.clock.now().getTime() / 1000);
  const expiresAt = issuedAt + ACCESS_SECONDS;
  const { accountId, userId, scopes, clientId } = grant;
  const accessToken = signJsonWebToken(
    'HS256',
    {},
    { sub: Number(userId), silo: accountId, iat: issuedAt, exp: expiresAt, jti: randomUUID() },
    context.signingSecret,
  );
  const plainGrant = { accountId, userId, scopes, clientId };
  const granted = scopesNow(account, scopes);
  context.tokens.addAccessToken(accessToken, plainGrant, ACCESS_SECONDS);
  const refreshToken = refreshable
    ? { refresh_token: context.tokens.issueRefreshToken(plainGrant, REFRESH_SECONDS, Number.POSITIVE_INFINITY) }
    : {};
  const shape = account.knobs()['tokenExpiryShape'];
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      access_token: accessToken,
      ...expiry(shape, expiresAt),
      ...refreshToken,
      scope: granted.join(' '),
    },
  };
}

function expiry(shape: unknown, expiresAt: number): Readonly<Record<string, unknown>> {
  const iso = new Date(expiresAt * 1000).toISOString().replace('.000Z', 'Z');
  if (shape === 'expires_in') return { expires_in: ACCESS_SECONDS };
  return shape === 'expires' ? { expires: iso } : { expires_at: iso };
}

function newErrorId(): string {
  return `err-${randomUUID()}`;
}

const INVALID_GRANT: Answer = { status: 400, body: { error: 'invalid_grant' } };
