import type { JsonValue } from './records.js';

export interface ProviderRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A path under the provider's API base (`/jobs`), or an absolute address that the ATS gave (a next link); only declared origins are asked. */
  readonly path: string;
  /** A repeated key is given as an array: `{ expand: ['stage', 'owner'] }` is sent as `expand=stage&expand=owner`. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly json?: JsonValue;
  /** Statuses that are an answer, not a fault (a 404 that means "none"). */
  readonly accept?: readonly number[];
}

export interface ProviderResponse {
  readonly status: number;
  /** Names in lower case; a repeated header is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown;
}

/**
 * How a provider talks: authorised, under the account's rate budget, with time-outs, size limits, retries of what is safe to repeat and redaction.
 * It throws `ProviderFault` for every answer that is not 2xx (or in `accept`) and for every body that is not JSON.
 */
export interface ProviderHttp {
  request(request: ProviderRequest): Promise<ProviderResponse>;
}

/** What a provider is given for one piece of work on one connection. It has no secrets, no database and no timers. */
export interface ProviderContext<Config> {
  readonly http: ProviderHttp;
  /** The provider's own options, checked against its schema at boot. */
  readonly config: Config;
  /** Scopes that were granted, when the authorisation server said. */
  readonly scopes: readonly string[];
  /** Aborts when the run is stopped; a provider stops within a page. */
  readonly signal: AbortSignal;
}
