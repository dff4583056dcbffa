import type { Responder, ScriptedAnswer, SentRequest } from './provider-context.js';

/** One request that the ATS answers, and its answer. */
export interface Exchange extends ScriptedAnswer {
  /** @default "GET" */
  readonly method?: string;
  /** Below the API's base: `/jobs`. */
  readonly path: string;
  /** Parameters that the request must have (all values of a repeated one, in order) or, with null, must not have. Others are free; of several exchanges that fit, the one that names most wins. */
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
}

/** An ATS, as exchanges or as a function. */
export type ScriptedAts = readonly Exchange[] | Responder;

/** @throws Error when the provider asks for what the scenario does not hold: a forgotten exchange must not look like an empty list. */
export function respondFrom(account: ScriptedAts): Responder {
  if (typeof account === 'function') return account;
  return (request) => {
    const found = fittingOf(account, request);
    if (found === undefined)
      throw new Error(`The scenario has no answer to ${request.method} ${request.path}${request.url.search}`);
    return found;
  };
}

/** What one part of a scenario says, and for everything else what the account says. */
export function respondOver(part: ScriptedAts, account: ScriptedAts): Responder {
  if (typeof part === 'function') return part;
  return (request) => fittingOf(part, request) ?? respondFrom(account)(request);
}

function fittingOf(account: readonly Exchange[], request: SentRequest): Exchange | undefined {
  const fitting = account.filter(
    (exchange) =>
      (exchange.method ?? 'GET') === request.method &&
      exchange.path === request.path &&
      asksFor(exchange, request.query),
  );
  return fitting.sort((one, two) => specificity(two) - specificity(one))[0];
}

export function asksFor({ query = {} }: Pick<Exchange, 'query'>, sent: URLSearchParams): boolean {
  return Object.entries(query).every(([name, wanted]) => {
    const values = sent.getAll(name);
    if (wanted === null) return values.length === 0;
    const all = typeof wanted === 'string' ? [wanted] : wanted;
    return values.length === all.length && values.every((value, index) => value === all[index]);
  });
}

const specificity = ({ query = {} }: Exchange): number => Object.keys(query).length;
