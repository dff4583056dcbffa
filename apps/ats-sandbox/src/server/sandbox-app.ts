import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { adminRouter } from '../admin/admin-router.js';
import { applyFaults } from '../faults/apply-fault.js';
import { greenhouseAuth } from '../oauth/greenhouse-auth.js';
import { leverAuth } from '../oauth/lever-auth.js';
import { scopesNow } from '../oauth/token-endpoint.js';
import { newSigningSecret } from '../oauth/oauth-context.js';
import { keepBeforeAnswer } from '../persistence/keep-before-answer.js';
import type { AccessTokens, ProviderId, SimulatedAccount, Simulator } from '../simulator.js';
import type { SandboxParts } from './sandbox-parts.js';

const API_MOUNTS: Readonly<Record<ProviderId, string>> = { greenhouse: '/greenhouse/v3', lever: '/lever/v1' };

/** All routes of a sandbox: both vendors' APIs, their authorization servers and files, and the admin routes. */
export function sandboxApp(parts: SandboxParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/', (_request, response) => response.redirect(302, '/_sandbox'));
  app.use('/_sandbox', keepBeforeAnswer(parts.keep), adminRouter(parts));
  for (const simulator of parts.simulators) mountVendor(app, simulator, parts);
  app.use((request, response) => {
    response.status(404).json({ error: `There is nothing at ${request.path}; see /_sandbox.` });
  });
  app.use(lastResort);
  return app;
}

function mountVendor(app: Express, simulator: Simulator, parts: SandboxParts): void {
  const { provider } = simulator;
  const { clock, clients, accounts } = parts;
  const tokens = parts.tokens[provider];
  const own = accounts.of(provider);
  const context = { scopes: simulator.scopes, accounts, clients, tokens, clock, signingSecret: newSigningSecret() };
  app.use(
    `/${provider}-auth`,
    keepBeforeAnswer(parts.keep),
    provider === 'greenhouse' ? greenhouseAuth(context) : leverAuth(context),
  );
  // Of what apps write, only webhooks are kept.
  app.use(`${API_MOUNTS[provider]}/webhooks`, keepBeforeAnswer(parts.keep));
  app.use(
    API_MOUNTS[provider],
    applyFaults((request) => accountOfCredentials(request, own, tokens)),
    simulator.api(own, provider === 'greenhouse' ? withScopesOfNow(tokens, own) : tokens, clock),
  );
  const files = simulator.files?.(own, clock);
  if (files === undefined) return;
  app.use(
    `/files/${provider}`,
    // Below the API's mount there is no `/files`, so a rule can name the files apart from the API.
    applyFaults(
      (request) => accountOfLink(request, own),
      (request) => `/files${request.path}`,
    ),
    files,
  );
}

/** Greenhouse: a scope that an app loses is refused at once, with tokens that are valid still. */
function withScopesOfNow(tokens: AccessTokens, accounts: ReadonlyMap<string, SimulatedAccount>): AccessTokens {
  return {
    apiKey: (key) => tokens.apiKey(key),
    bearer: (token) => {
      const access = tokens.bearer(token);
      return access && { ...access, scopes: scopesNow(accounts.get(access.accountId), access.scopes) };
    },
  };
}

function accountOfCredentials(
  request: Request,
  accounts: ReadonlyMap<string, SimulatedAccount>,
  tokens: AccessTokens,
): SimulatedAccount | undefined {
  const [, scheme = '', credentials = ''] = /^(bearer|basic)\s+(\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
  const access =
    scheme.toLowerCase() === 'bearer'
      ? tokens.bearer(credentials)
      : tokens.apiKey(Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] ?? '');
  return access === undefined ? undefined : accounts.get(access.accountId);
}

/** Links carry no credentials; they name their account in the path or in the query. */
function accountOfLink(
  request: Request,
  accounts: ReadonlyMap<string, SimulatedAccount>,
): SimulatedAccount | undefined {
  for (const part of [...request.path.split('/'), ...Object.values(request.query)]) {
    const account = typeof part === 'string' ? accounts.get(part) : undefined;
    if (account !== undefined) return account;
  }
  return undefined;
}

/** A bug of the sandbox itself must look like one, and not like the vendor's answer. */
const lastResort: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) return next(error);
  const bad = typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number';
  if (!bad) console.error(`${request.method} ${request.path} failed in the sandbox:`, error);
  response
    .status(bad ? (error.status as number) : 500)
    .json({ error: bad && error instanceof Error ? error.message : 'The sandbox itself failed; see its output.' });
};
