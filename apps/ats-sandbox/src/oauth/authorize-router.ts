import { randomBytes } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { SandboxUser, SimulatedAccount } from '../simulator.js';
import type { AuthorizationPolicy } from './authorization-policy.js';
import type { OAuthClient } from './client-registry.js';
import { consentPage, refusalPage } from './consent-page.js';
import { textParameters, type OAuthContext } from './oauth-context.js';

interface AcceptedRequest {
  readonly client: OAuthClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
}

const FORM_FIELDS = new Set(['account', 'user', 'decision']);

/** `GET /authorize` shows the consent page, `POST /authorize` takes its answer back to the app. */
export function authorizeRouter(context: OAuthContext, policy: AuthorizationPolicy): Router {
  const router = express.Router();

  router.get('/authorize', (request, response) => {
    const accepted = accept(context, policy, request, textParameters(request.query));
    if (typeof accepted === 'string') return refuse(response, policy, accepted);
    const accounts = [...context.accounts.of(policy.provider).values()];
    if (accounts.length === 0) return refuse(response, policy, 'There is no account here yet; make one first.');
    const nonce = randomBytes(16).toString('base64');
    const page = consentPage({
      vendorName: policy.vendorName,
      appName: accepted.client.name ?? accepted.client.clientId,
      action: `${request.baseUrl}/authorize`,
      advice: policy.advice,
      permissions: accepted.scopes.map((scope) => ({ scope, words: context.scopes[scope] ?? 'Stay connected' })),
      accounts,
      hidden: new Map([...accepted.parameters].filter(([name]) => !FORM_FIELDS.has(name))),
      nonce,
    });
    sendPage(response, 200, page, `script-src 'nonce-${nonce}'`);
  });

  router.post('/authorize', express.urlencoded({ extended: false }), (request, response) => {
    const parameters = textParameters(request.body);
    const accepted = accept(context, policy, request, parameters);
    if (typeof accepted === 'string') return refuse(response, policy, accepted);
    if (parameters.get('decision') !== 'approve') return deny(response, accepted, 'The user denied the request.');
    const approver = findApprover(context, policy, parameters);
    if (typeof approver === 'string') return refuse(response, policy, approver);
    const objection = policy.refuseUser(approver.user);
    if (objection !== undefined) return deny(response, accepted, objection);
    const code = context.tokens.issueCode(
      {
        accountId: approver.account.id,
        userId: approver.user.id,
        scopes: accepted.scopes,
        clientId: accepted.client.clientId,
        redirectUri: accepted.redirectUri,
        codeChallenge: parameters.get('code_challenge'),
      },
      policy.codeSeconds,
    );
    redirect(response, accepted, { code });
  });

  return router;
}

/** The request, or the sentence that refuses it; a refused one never leads back to the app. */
function accept(
  context: OAuthContext,
  policy: AuthorizationPolicy,
  request: Request,
  parameters: ReadonlyMap<string, string>,
): AcceptedRequest | string {
  const client = context.clients.find(policy.provider, parameters.get('client_id'));
  if (client === undefined) return 'No app with this client_id is registered.';
  const redirectUri = parameters.get('redirect_uri');
  if (redirectUri === undefined || !client.redirectUris.includes(redirectUri)) {
    return 'invalid_request: the redirect_uri is not one that the app has registered.';
  }
  if (parameters.get('response_type') !== 'code') return 'invalid_request: the response_type must be "code".';
  if (parameters.has('code_challenge') && parameters.get('code_challenge_method') !== 'S256') {
    return 'invalid_request: the code_challenge_method must be "S256".';
  }
  const granted = policy.scopesToGrant(request, parameters, client);
  if ('refusal' in granted) return granted.refusal;
  return { client, redirectUri, scopes: granted.scopes, parameters };
}

function findApprover(
  context: OAuthContext,
  policy: AuthorizationPolicy,
  parameters: ReadonlyMap<string, string>,
): { readonly account: SimulatedAccount; readonly user: SandboxUser } | string {
  const accounts = context.accounts.of(policy.provider);
  const accountId = parameters.get('account');
  const account = accountId === undefined ? accounts.values().next().value : accounts.get(accountId);
  if (account === undefined) return 'There is no such account.';
  const userId = parameters.get('user');
  const wanted = account.knobs()['approver'] !== 'member';
  const user = account.users().find(({ id, admin }) => (userId === undefined ? admin === wanted : id === userId));
  if (user === undefined) return `There is no such user in ${account.options.name}.`;
  return { account, user };
}

function deny(response: Response, accepted: AcceptedRequest, sentence: string): void {
  redirect(response, accepted, { error: 'access_denied', error_description: sentence });
}

function redirect(response: Response, accepted: AcceptedRequest, answer: Readonly<Record<string, string>>): void {
  const target = new URL(accepted.redirectUri);
  for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
  const state = accepted.parameters.get('state');
  if (state !== undefined) target.searchParams.set('state', state);
  response.set('Cache-Control', 'no-store').redirect(302, target.href);
}

function refuse(response: Response, policy: AuthorizationPolicy, sentence: string): void {
  sendPage(response, 400, refusalPage(policy.vendorName, sentence), '');
}

function sendPage(response: Response, status: number, html: string, scriptPolicy: string): void {
  response
    .status(status)
    .set({
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; ${scriptPolicy}`,
    })
    .type('html')
    .send(html);
}
