import express, { Router, type NextFunction, type Request, type Response } from 'express';
import type { Admit } from './admit.js';
import { LIST_ENDPOINTS } from './endpoints.js';
import { cursorExpired, forbidden, HarvestError, notFound, unauthorized, unprocessable } from './harvest-error.js';
import type { ListEndpoint } from './list-endpoint.js';
import { listPage, parseListQuery } from './list-page.js';
import { readCursor, writeCursor } from './cursor.js';
import { RateWindow } from './rate-window.js';
import { mountWebhooks } from './webhook-routes.js';
import { perform, WRITE_ENDPOINTS } from './write-endpoints.js';
import { GreenhouseAccount } from '../greenhouse-account.js';
import { DEFAULT_KNOBS } from '../knobs.js';
import type { SandboxClock } from '../../server/sandbox-clock.js';
import type { AccessTokens, GrantedAccess, SimulatedAccount } from '../../simulator.js';

/** Harvest v3. Routing comes before authentication, as the vendor has it. */
export function apiRouter(
  accounts: ReadonlyMap<string, SimulatedAccount>,
  tokens: AccessTokens,
  clock: SandboxClock,
): Router {
  const router = Router();
  const admit: Admit = (request, response, route, scope) => {
    const access = bearer(request, tokens);
    const account = access === undefined ? undefined : accounts.get(access.accountId);
    if (access === undefined || !(account instanceof GreenhouseAccount)) throw unauthorized();
    account.origin = originOf(request);
    if (account.greenhouseKnobs().clockSkewMs !== 0) response.set('Date', new Date(account.nowMs()).toUTCString());
    takeFromWindow(account, route, response);
    authorize(account, access, scope);
    return { account, access };
  };
  for (const endpoint of LIST_ENDPOINTS) {
    const path = `/${endpoint.resource}`;
    router.get(path, (request, response) => {
      answer(response, clock, () => {
        const { account } = admit(request, response, `GET ${path}`, `harvest:${endpoint.resource}:list`);
        list(endpoint, account, request, response);
      });
    });
  }
  for (const endpoint of WRITE_ENDPOINTS) {
    const { method, path, scope } = endpoint;
    router[method](path, readBody, (request: Request, response: Response) => {
      answer(response, clock, () => {
        const { account, access } = admit(request, response, `${method.toUpperCase()} ${path}`, scope);
        if (response.locals['badBody'] === true) throw unprocessable('The body is not valid JSON.');
        const made = perform(endpoint, account, access, Number(request.params['id']), request.body);
        if (made === undefined) response.status(204).end();
        else response.status(endpoint.status ?? 200).json(made);
      });
    });
  }
  mountWebhooks(router, readBody, admit, (response, error) => answerError(response, clock, error));
  router.use((_request, response) => {
    answer(response, clock, () => {
      throw notFound();
    });
  });
  return router;
}

const json = express.json({ limit: '15mb' });

/** Without a refusal of its own: a body that cannot be read is answered after the checks that come first. */
function readBody(request: Request, response: Response, next: NextFunction): void {
  json(request, response, (error?: unknown) => {
    response.locals['badBody'] = error !== undefined;
    next();
  });
}

/** Writes the error, when there is one, with rate-limit headers as on every reply. */
function answer(response: Response, clock: SandboxClock, handle: () => void): void {
  try {
    handle();
  } catch (error) {
    answerError(response, clock, error);
  }
}

function answerError(response: Response, clock: SandboxClock, error: unknown): void {
  if (!(error instanceof HarvestError)) throw error;
  if (!response.hasHeader('X-RateLimit-Limit')) {
    // Whoever asks without credentials has no budget of their own to draw on.
    response.set(new RateWindow().take(DEFAULT_KNOBS.rateLimit, clock.now().getTime()).headers);
  }
  response.status(error.status).set(error.headers).json(error.body);
}

function originOf(request: Request): string {
  return `${request.protocol}://${request.get('host') ?? 'localhost'}`;
}

function bearer(request: Request, tokens: AccessTokens): GrantedAccess | undefined {
  const token = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  return token === undefined ? undefined : tokens.bearer(token);
}

function takeFromWindow(account: GreenhouseAccount, route: string, response: Response): void {
  account.countRequest(route);
  const { headers, retryAfter } = account.rateWindow.take(account.greenhouseKnobs().rateLimit, account.nowMs());
  response.set(headers);
  if (retryAfter === undefined) return;
  account.countRefusal();
  throw new HarvestError(429, { message: 'Too Many Requests' }, { 'Retry-After': String(retryAfter) });
}

/** A scope of the app, and a Site Admin to act as. */
function authorize(account: GreenhouseAccount, access: GrantedAccess, scope: string): void {
  const user = account.store.users.byId(Number(access.userId));
  if (!access.scopes.includes(scope) || user?.site_admin !== true || user.deactivated) throw forbidden();
}

function list(endpoint: ListEndpoint, account: GreenhouseAccount, request: Request, response: Response): void {
  const origin = originOf(request);
  const nowMs = account.nowMs();
  const given = new URL(request.originalUrl, origin).searchParams;
  const cursor = given.get('cursor');
  let parameters = given;
  let below = Infinity;
  if (cursor !== null) {
    if (given.size > 1) throw unprocessable('When passing a cursor, do not include other query params.');
    if (faultKind(response) === 'cursor-expired') throw cursorExpired();
    const { cursorTtlSeconds } = account.greenhouseKnobs();
    const content = readCursor(cursor, endpoint.resource, account.secret, nowMs, cursorTtlSeconds);
    parameters = new URLSearchParams(content.query);
    below = content.last;
  }
  const query = parseListQuery(endpoint, parameters);
  const page = listPage(endpoint, query, below, { account, origin, nowMs });
  if (page.nextBelow !== undefined) {
    const content = { list: endpoint.resource, query: parameters.toString(), last: page.nextBelow, madeMs: nowMs };
    const next = `${origin}${request.baseUrl}/${endpoint.resource}?cursor=${writeCursor(content, account.secret)}`;
    response.set('Link', `<${next}>; rel="next"`);
  }
  response.status(200).json(page.items);
}

function faultKind(response: Response): string | undefined {
  const { fault } = response.locals as { readonly fault?: { readonly kind?: string } };
  return fault?.kind;
}
