import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { SandboxClock } from '../server/sandbox-clock.js';
import type { AccessTokens, GrantedAccess, SimulatedAccount } from '../simulator.js';
import { LeverAccount } from './lever-account.js';
import { forbidden, LeverError } from './lever-error.js';
import { invalidOffset } from './offset-token.js';
import { RequestQuery } from './request-query.js';
import { CONFIDENTIAL_SCOPE } from './scopes.js';

/** A request that may go on: authenticated, within the limit and with the scope. */
export interface ApiRequest {
  readonly account: LeverAccount;
  readonly access: GrantedAccess;
  readonly query: RequestQuery;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly mayReadConfidential: boolean;
}

/** What to answer: JSON, or a file. */
export type ApiReply =
  { readonly status?: number; readonly body: unknown } | { readonly file: Buffer; readonly contentType: string };
export type ApiHandler = (request: ApiRequest) => ApiReply;

/** What all requests are checked against. */
export interface Gate {
  readonly accounts: ReadonlyMap<string, SimulatedAccount>;
  readonly tokens: AccessTokens;
  readonly clock: SandboxClock;
}

/** Wraps a handler in everything that each request goes through first. */
export function guarded(gate: Gate, route: string, scope: string | undefined, handle: ApiHandler): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    try {
      const { account, access } = authenticate(gate, request);
      response.setHeader('x-lever-region', 'global');
      const { clockSkewMs } = account.settings;
      if (clockSkewMs !== 0) response.setHeader('Date', new Date(account.state.now()).toUTCString());
      if (!account.admit(route, gate.clock.now().getTime())) {
        if (account.settings.retryAfter) response.setHeader('Retry-After', '1');
        throw new LeverError(429, 'TooManyRequestsError', 'Too many requests');
      }
      if (scope !== undefined && !allows(access, scope)) throw forbidden(`This token does not have the scope ${scope}`);
      const query = new RequestQuery(request);
      if (isCursorExpired(response.locals['fault']) && query.has('offset')) throw invalidOffset();
      const params = Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)]));
      const mayReadConfidential = access.scopes.includes(CONFIDENTIAL_SCOPE);
      const body = request.body as unknown;
      const reply = handle({ account, access, query, params, body, mayReadConfidential });
      if (request.method !== 'GET') {
        const performer = query.one('perform_as') ?? null;
        const { clientId } = access;
        account.writes.record({ route, record: params['id'] ?? null, value: body ?? null, performer, clientId });
      }
      send(response, account, reply);
    } catch (error) {
      if (!(error instanceof LeverError)) return next(error);
      response.status(error.status).json({ code: error.code, message: error.message });
    }
  };
}

function authenticate(
  gate: Gate,
  request: Request,
): { readonly account: LeverAccount; readonly access: GrantedAccess } {
  const [scheme = '', credential = ''] = (request.headers.authorization ?? '').split(' ', 2);
  const access = accessOf(gate.tokens, scheme.toLowerCase(), credential);
  const account = access === undefined ? undefined : gate.accounts.get(access.accountId);
  if (access === undefined || !(account instanceof LeverAccount))
    throw new LeverError(401, 'UnauthorizedError', 'Unauthorized');
  return { account, access };
}

/** An API key is the user name of Basic authentication, with an empty password. */
function accessOf(tokens: AccessTokens, scheme: string, credential: string): GrantedAccess | undefined {
  if (scheme === 'bearer') return tokens.bearer(credential);
  if (scheme !== 'basic') return undefined;
  return tokens.apiKey(Buffer.from(credential, 'base64').toString('utf8').split(':', 1)[0] ?? '');
}

/** A scope to write includes the one to read. */
function allows(access: GrantedAccess, scope: string): boolean {
  return access.scopes.includes(scope) || access.scopes.includes(scope.replace(':read:', ':write:'));
}

function isCursorExpired(fault: unknown): boolean {
  return typeof fault === 'object' && fault !== null && 'kind' in fault && fault.kind === 'cursor-expired';
}

function send(response: Response, account: LeverAccount, reply: ApiReply): void {
  if ('file' in reply) {
    response.status(200).setHeader('Content-Type', reply.contentType);
    response.end(reply.file);
    return;
  }
  if (reply.status === 204) {
    response.status(204).end();
    return;
  }
  response.status(reply.status ?? 200).json(account.settings.stringTimestamps ? withTextTimes(reply.body) : reply.body);
}

/** Numbers under keys that name a time, as strings. */
function withTextTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTextTimes);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => {
    const isTime = typeof inner === 'number' && /(At|Until)$/.test(name);
    return [name, isTime ? String(inner) : withTextTimes(inner)];
  });
  return Object.fromEntries(entries);
}
