import { readFileSync } from 'node:fs';
import type { RecordKind } from '../contract/records.js';
import type { Responder, ScriptedAnswer } from './provider-context.js';

/** One request that the ATS answers, and its answer. */
export interface Exchange extends ScriptedAnswer {
  /** @default "GET" */
  readonly method?: string;
  /** Below the API's base: `/jobs`. */
  readonly path: string;
  /** Parameters that the request must have (all values of a repeated one, in order) or, with null, must not have. Others are free; of several exchanges that fit, the one that names most wins. */
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
}

/** What one stream yields from the account. */
export interface ExpectedStream {
  readonly records: Readonly<Partial<Record<RecordKind, number>>>;
  /** @default 0 */
  readonly rejected?: number;
  /** @default 0 */
  readonly withheld?: number;
}

/** What a provider is proved with: a small account, as exchanges or as a function. */
export interface ProviderScenario {
  /** The deployment's options. The values under keys that name a secret are looked for in every fault. */
  readonly config: unknown;
  readonly account: readonly Exchange[] | Responder;
  /** By stream; at least one of them must come in two pages or more. */
  readonly expected: Readonly<Record<string, ExpectedStream>>;
  /** The same ATS with nothing in it. */
  readonly empty: readonly Exchange[] | Responder;
  /** Accounts in which the ATS sends a word that nobody has heard of, and the field that is `'unknown'` then. */
  readonly unknownWords: readonly {
    readonly stream: string;
    readonly field: string;
    readonly account: readonly Exchange[] | Responder;
  }[];
  /** A token of this ATS's for the pre-flight, made up. @default "opaque" */
  readonly accessToken?: string;
}

/** A scenario kept as JSON beside the provider: `readScenario(new URL('./fixtures/scenario.json', import.meta.url))`. */
export function readScenario(file: URL): ProviderScenario {
  return JSON.parse(readFileSync(file, 'utf8')) as ProviderScenario;
}

/** @throws Error when the provider asks for what the scenario does not hold: a forgotten exchange must not look like an empty list. */
export function respondFrom(account: readonly Exchange[] | Responder): Responder {
  if (typeof account === 'function') return account;
  return (request) => {
    const fitting = account.filter(
      (exchange) =>
        (exchange.method ?? 'GET') === request.method &&
        exchange.path === request.path &&
        asksFor(exchange, request.query),
    );
    const found = fitting.sort((one, two) => specificity(two) - specificity(one))[0];
    if (found === undefined)
      throw new Error(`The scenario has no answer to ${request.method} ${request.path}${request.url.search}`);
    return found;
  };
}

function asksFor({ query = {} }: Exchange, sent: URLSearchParams): boolean {
  return Object.entries(query).every(([name, wanted]) => {
    const values = sent.getAll(name);
    if (wanted === null) return values.length === 0;
    const all = typeof wanted === 'string' ? [wanted] : wanted;
    return values.length === all.length && values.every((value, index) => value === all[index]);
  });
}

const specificity = ({ query = {} }: Exchange): number => Object.keys(query).length;
