import type { Request, RequestHandler } from 'express';
import { applyFaults } from '../faults/apply-fault.js';
import type { SimulatedAccount } from '../simulator.js';
import type { OAuthContext } from './oauth-context.js';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface TokenEndpointParts {
  readonly parametersOf: (request: Request) => ReadonlyMap<string, string>;
  readonly answer: (request: Request, parameters: ReadonlyMap<string, string>) => Answer;
  /** Whose request it is when neither a code nor a refresh token says so. */
  readonly accountOfClient?: (request: Request) => string | undefined;
}

/** What fault rules call the token endpoint of either vendor. */
const FAULT_PATH = '/oauth/token';

/** What both vendors' token endpoints have in common: requests are counted, faults strike them, nobody may keep the answer. */
export function tokenEndpoint(context: OAuthContext, parts: TokenEndpointParts): RequestHandler[] {
  const accountOf = (request: Request): SimulatedAccount | undefined => {
    const parameters = parts.parametersOf(request);
    const presented = parameters.get('code') ?? parameters.get('refresh_token');
    const accountId =
      presented === undefined ? parts.accountOfClient?.(request) : context.tokens.accountOfGrant(presented);
    return accountId === undefined ? undefined : context.accounts.get(accountId);
  };
  const count = (request: Request, what: 'made' | 'granted'): void => {
    const account = accountOf(request);
    const grant = parts.parametersOf(request).get('grant_type');
    if (account !== undefined) context.tokens.requests.count(account.id, grant, what);
  };
  return [
    (request, _response, next) => {
      count(request, 'made');
      next();
    },
    // Another server than the API's: a rule strikes it only when it names it.
    applyFaults(accountOf, () => FAULT_PATH, 'named'),
    (request, response) => {
      const { status, body } = parts.answer(request, parts.parametersOf(request));
      if (status === 200) count(request, 'granted');
      response.status(status).set('Cache-Control', 'no-store').json(body);
    },
  ];
}

/** The scopes without those that the vendor withholds from this account's apps, as its knob `withheldScopes` says. */
export function scopesNow(account: SimulatedAccount | undefined, scopes: readonly string[]): readonly string[] {
  const withheld = account?.knobs()['withheldScopes'];
  return Array.isArray(withheld) ? scopes.filter((scope) => !withheld.includes(scope)) : scopes;
}

/** How long a refresh token lives on after its use, as the account's knob `refreshGraceSeconds` says. */
export function graceSeconds(context: OAuthContext, accountId: string): number {
  const seconds = context.accounts.get(accountId)?.knobs()['refreshGraceSeconds'];
  return typeof seconds === 'number' ? seconds : 0;
}
