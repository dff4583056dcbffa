import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type Router } from 'express';
import { authorizeRouter } from './authorize-router.js';
import type { OAuthClient } from './client-registry.js';
import { signJsonWebToken } from './json-web-token.js';
import { scopeList, textParameters, type OAuthContext } from './oauth-context.js';
import { answersChallenge } from './pkce.js';
import { graceSeconds, scopesNow, tokenEndpoint, type Answer } from './token-endpoint.js';
import type { OAuthGrant } from './token-store.js';

// Lever does not say how long a code lives; ten minutes is the default of the identity provider it uses.
const CODE_SECONDS = 600;
const ACCESS_SECONDS = 3600;
const IDLE_SECONDS = 90 * 24 * 3600;
const GRANT_SECONDS = 365 * 24 * 3600;
const OFFLINE_ACCESS = 'offline_access';
const AUDIENCE = 'https://api.lever.co/v1/';

/**
 * Lever's authorization server, `https://auth.lever.co` in life: `/authorize` and `/oauth/token`.
 * See Lever, "Data API documentation: authentication" at https://hire.lever.co/developer/documentation#authentication.
 */
export function leverAuth(context: OAuthContext): Router {
  const router = authorizeRouter(context, {
    provider: 'lever',
    vendorName: 'Lever',
    advice: 'Only a Super Admin can approve, and does so for the whole organisation.',
    codeSeconds: CODE_SECONDS,
    scopesToGrant: (request, parameters, client) => {
      const held = new Set(client.scopes ?? [OFFLINE_ACCESS, ...Object.keys(context.scopes)]);
      const requested = scopeList(parameters.get('scope')).filter((scope) => held.has(scope));
      // A wrong audience is no error at Lever: the page then offers nothing but staying connected.
      return isAudience(parameters.get('audience'), request) ? { scopes: requested } : { scopes: [OFFLINE_ACCESS] };
    },
    refuseUser: (user) => (user.admin ? undefined : 'Only a Super Admin can approve this app.'),
  });
  const readBody = [express.urlencoded({ extended: false }), express.json(), refuseUnreadable];
  const endpoint = tokenEndpoint(context, {
    parametersOf: (request) => textParameters(request.body),
    answer: (_request, parameters) => answerToken(context, parameters),
  });
  router.post('/oauth/token', ...readBody, ...endpoint);
  return router;
}

const refuseUnreadable: ErrorRequestHandler = (_error, _request, response, _next) => {
  const { status, body } = refusal(400, 'invalid_request', 'The body cannot be read.');
  response.status(status).json(body);
};

function isAudience(audience: string | undefined, request: Request): boolean {
  if (audience === undefined) return false;
  if (audience === AUDIENCE) return true;
  const own = URL.canParse(audience) ? new URL(audience) : undefined;
  if (own === undefined || own.protocol !== 'http:' || own.pathname !== '/lever/v1/') return false;
  // The sandbox has several names on one machine, so its port tells it from others.
  return own.host === request.get('host') || own.port === String(request.socket.localPort);
}

function answerToken(context: OAuthContext, parameters: ReadonlyMap<string, string>): Answer {
  const client = context.clients.find('lever', parameters.get('client_id'));
  if (client === undefined || client.clientSecret !== parameters.get('client_secret')) {
    return refusal(401, 'access_denied', 'Unauthorized');
  }
  switch (parameters.get('grant_type')) {
    case 'authorization_code':
      return exchangeCode(context, client, parameters);
    case 'refresh_token':
      return refresh(context, client, parameters);
    case undefined:
      return refusal(400, 'invalid_request', 'Missing required parameter: grant_type');
    default:
      return refusal(403, 'unsupported_grant_type', `Unsupported grant type: ${parameters.get('grant_type') ?? ''}`);
  }
}

function exchangeCode(context: OAuthContext, client: OAuthClient, parameters: ReadonlyMap<string, string>): Answer {
  const text = parameters.get('code');
  if (text === undefined) return refusal(400, 'invalid_request', 'Missing required parameter: code');
  const code = context.tokens.redeemCode(text, client.clientId);
  if (code === undefined) return refusal(403, 'invalid_grant', 'Invalid authorization code');
  if (code.redirectUri !== parameters.get('redirect_uri')) {
    return refusal(403, 'invalid_grant', 'The redirect URI is wrong.');
  }
  if (!answersChallenge(code.codeChallenge, parameters.get('code_verifier'))) {
    return refusal(403, 'invalid_grant', 'Failed to verify code verifier');
  }
  return issue(context, code, context.clock.now().getTime() + GRANT_SECONDS * 1000);
}

function refresh(context: OAuthContext, client: OAuthClient, parameters: ReadonlyMap<string, string>): Answer {
  const text = parameters.get('refresh_token');
  if (text === undefined) return refusal(400, 'invalid_request', 'Missing required parameter: refresh_token');
  const redeemed = context.tokens.redeemRefreshToken(text, client.clientId, (accountId) =>
    graceSeconds(context, accountId),
  );
  if (redeemed === undefined) return refusal(403, 'invalid_grant', 'Unknown or invalid refresh token.');
  return issue(context, redeemed.grant, redeemed.grantEndsAt);
}

function issue(context: OAuthContext, grant: OAuthGrant, grantEndsAt: number): Answer {
  const issuedAt = Math.floor(context.clock.now().getTime() / 1000);
  const { accountId, userId, clientId } = grant;
  const scopes = scopesNow(context.accounts.get(accountId), grant.scopes);
  const accessToken = signJsonWebToken(
    'HS512',
    { v: '2.0', kid: 'sandbox' },
    {
      'https://oauth.lever.co/userId': userId,
      'https://oauth.lever.co/accountId': accountId,
      'https://oauth.lever.co/clientId': clientId,
      iss: 'https://auth.lever.co/',
      sub: `auth0|${userId}`,
      aud: AUDIENCE,
      iat: issuedAt,
      exp: issuedAt + ACCESS_SECONDS,
      azp: clientId,
      scope: scopes.join(' '),
      jti: randomUUID(),
    },
    context.signingSecret,
  );
  context.tokens.addAccessToken(accessToken, { accountId, userId, scopes, clientId }, ACCESS_SECONDS);
  // The grant itself stays whole: what is withheld now may be given with a later token.
  const wholeGrant = { accountId, userId, scopes: grant.scopes, clientId };
  const refreshToken = scopes.includes(OFFLINE_ACCESS)
    ? { refresh_token: context.tokens.issueRefreshToken(wholeGrant, IDLE_SECONDS, grantEndsAt) }
    : {};
  return {
    status: 200,
    body: {
      access_token: accessToken,
      ...refreshToken,
      token_type: 'Bearer',
      scope: scopes.join(' '),
      expires_in: ACCESS_SECONDS,
    },
  };
}

function refusal(status: number, error: string, description: string): Answer {
  return { status, body: { error, error_description: description } };
}
