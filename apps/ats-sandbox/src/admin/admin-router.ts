import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { faultRulesSchema } from '../faults/fault-schema.js';
import type { SandboxParts } from '../server/sandbox-parts.js';
import type { SimulatedAccount } from '../simulator.js';
import { AdminError } from './admin-error.js';
import { adminSchemas } from './admin-schemas.js';
import { findAccount, readAdmin, refusing } from './find-account.js';
import { mountWebhookRoutes, mountWriteRoutes } from './webhook-routes.js';

/** The routes that steer a sandbox; no vendor has them. Errors read `{ "error": "<sentence>" }`. */
export function adminRouter(parts: SandboxParts): Router {
  const router = express.Router();
  const { accounts, clients, clock } = parts;
  router.use(express.json({ limit: '1mb', strict: false }));

  router.get('/', (request, response) => {
    response.json(overview(parts, `${request.protocol}://${request.get('host') ?? ''}`));
  });

  router.post('/accounts', (request, response) => {
    const wanted = readAdmin(adminSchemas.account, request.body);
    const account = refusing(() => accounts.create(wanted));
    response.status(201).json(summary(account));
  });
  router.get('/accounts', (_request, response) => {
    response.json(accounts.list().map(summary));
  });
  router.get('/accounts/:id', (request, response) => {
    const account = findAccount(parts, request);
    response.json({
      ...summary(account),
      requests: account.requests(),
      tokenRequests: parts.tokens[account.provider].requests.of(account.id),
      knobs: account.knobs(),
      faults: account.faults.list(),
    });
  });
  router.delete('/accounts/:id', (request, response) => {
    const account = findAccount(parts, request);
    const tokens = parts.tokens[account.provider];
    tokens.revokeGrants(account.id);
    tokens.revokeApiKeys(account.id);
    accounts.delete(account);
    response.status(204).end();
  });

  router.get('/accounts/:id/records/:kind', (request, response) => {
    const account = findAccount(parts, request);
    const kind = readAdmin(adminSchemas.recordKind, request.params.kind);
    const { offset, limit } = readAdmin(adminSchemas.page, request.query);
    response.json(account.records(kind, offset, limit));
  });
  router.post('/accounts/:id/changes', (request, response) => {
    const account = findAccount(parts, request);
    const change = readAdmin(adminSchemas.change, request.body);
    response.json(refusing(() => accounts.change(account, change)));
  });
  router.put('/accounts/:id/knobs', (request, response) => {
    const account = findAccount(parts, request);
    const knobs = readAdmin(adminSchemas.knobs, request.body);
    refusing(() => account.setKnobs(knobs));
    response.json(account.knobs());
  });

  router.get('/accounts/:id/faults', (request, response) => {
    response.json(findAccount(parts, request).faults.list());
  });
  router.post('/accounts/:id/faults', (request, response) => {
    const { faults } = findAccount(parts, request);
    faults.add(readAdmin(faultRulesSchema, request.body));
    response.status(201).json(faults.list());
  });
  router.delete('/accounts/:id/faults', (request, response) => {
    findAccount(parts, request).faults.clear();
    response.status(204).end();
  });

  mountCredentials(router, parts);
  mountWebhookRoutes(router, parts);
  mountWriteRoutes(router, parts);

  router.post('/clients', (request, response) => {
    const client = readAdmin(adminSchemas.client, request.body);
    response.status(201).json(refusing(() => clients.register(client)));
  });
  router.post('/clock', (request, response) => {
    clock.advance(readAdmin(adminSchemas.clock, request.body).advanceSeconds);
    response.json({ now: clock.now().toISOString() });
  });
  router.post('/reset', (_request, response) => {
    parts.reset();
    response.json({ accounts: accounts.list().map(summary) });
  });

  router.use((request) => {
    throw new AdminError(404, `There is no ${request.method} ${request.originalUrl}.`);
  });
  router.use(answerError);
  return router;
}

function mountCredentials(router: Router, parts: SandboxParts): void {
  router.post('/accounts/:id/revoke', (request, response) => {
    const account = findAccount(parts, request);
    const { clientId, user } = readAdmin(adminSchemas.revoke, request.body);
    response.json({ revoked: parts.tokens[account.provider].revokeGrants(account.id, { clientId, userId: user }) });
  });
  router.post('/accounts/:id/api-keys', (request, response) => {
    const account = findAccount(parts, request);
    const wanted = readAdmin(adminSchemas.apiKey, request.body);
    const user = account.users().find(({ id, admin }) => (wanted.user === undefined ? admin : id === wanted.user));
    if (user === undefined) throw new AdminError(400, `There is no such user in ${account.options.name}.`);
    const simulator = parts.simulators.find(({ provider }) => provider === account.provider);
    const key = parts.tokens[account.provider].createApiKey({
      accountId: account.id,
      userId: user.id,
      scopes: wanted.scopes ?? usualScopes(simulator?.scopes ?? {}),
      clientId: null,
    });
    response.status(201).json({ key });
  });
  router.delete('/accounts/:id/api-keys', (request, response) => {
    const account = findAccount(parts, request);
    parts.tokens[account.provider].revokeApiKeys(account.id);
    response.status(204).end();
  });
}

/** Confidential data is what a key gets only when somebody ticks it. */
function usualScopes(scopes: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(scopes).filter((scope) => !scope.startsWith('confidential:'));
}

function overview({ accounts, clients, clock, simulators, tokens }: SandboxParts, url: string): unknown {
  const serves = new Set(simulators.map(({ provider }) => provider));
  return {
    now: clock.now().toISOString(),
    urls: {
      ...(serves.has('greenhouse') && {
        greenhouse: {
          api: `${url}/greenhouse/v3`,
          authorize: `${url}/greenhouse-auth/authorize`,
          token: `${url}/greenhouse-auth/token`,
        },
      }),
      ...(serves.has('lever') && {
        lever: {
          api: `${url}/lever/v1`,
          authorize: `${url}/lever-auth/authorize`,
          token: `${url}/lever-auth/oauth/token`,
          audience: `${url}/lever/v1/`,
        },
      }),
    },
    clients: clients.list(),
    // Without counts, which take a while in a large account.
    accounts: accounts.list().map(({ id, provider, options }) => ({
      id,
      provider,
      name: options.name,
      tokenRequests: tokens[provider].requests.of(id),
    })),
  };
}

function summary(account: SimulatedAccount): Readonly<Record<string, unknown>> {
  const { id, provider, options } = account;
  return {
    id,
    provider,
    name: options.name,
    seed: options.seed,
    users: account.users(),
    counts: account.counts(),
    visible: account.visible(),
  };
}

const answerError: ErrorRequestHandler = (error: unknown, _request: Request, response: Response, next) => {
  if (error instanceof AdminError) {
    response.status(error.status).json({ error: error.message });
  } else if (error instanceof Error && 'type' in error && 'status' in error && typeof error.status === 'number') {
    // The body parser's own errors: broken JSON, too large, and the like.
    response.status(error.status).json({ error: `The body cannot be read: ${error.message}.` });
  } else {
    next(error);
  }
};
