import type { AtsProvider } from '../contract/ats-provider.js';
import type { ProviderContext, ProviderRequest, ProviderResponse } from '../contract/context.js';
import { faultOf, noAnswer, unreadableBody } from '../contract/default-fault.js';
import { ProviderFault } from '../contract/fault.js';

/** What a provider asked for, as a server would see it. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  /** Below the API's base: `/jobs`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly json: unknown;
}

export interface ScriptedAnswer {
  /** @default 200 */
  readonly status?: number;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value. Absent: an empty body. */
  readonly body?: unknown;
  /** The body letter by letter, for one that is cut short or no JSON at all. Wins over `body`. */
  readonly text?: string;
}

/** `no-answer`: refused, reset or too slow. Whatever it throws reaches the test as it is. */
export type Responder = (request: SentRequest) => ScriptedAnswer | 'no-answer' | Promise<ScriptedAnswer | 'no-answer'>;

export interface ProviderContextOptions<Config> {
  readonly provider: AtsProvider<Config>;
  /** The deployment's options, checked against the provider's schema as at boot. */
  readonly config: unknown;
  readonly respond: Responder;
  readonly signal?: AbortSignal;
  /** Scopes as granted. @default [] (the authorisation server did not say) */
  readonly scopes?: readonly string[];
  /** @default the machine's clock */
  readonly now?: () => Date;
}

export interface TestContext<Config> extends ProviderContext<Config> {
  /** Every request, in order, those to an address that is not the API's included. */
  readonly sent: readonly SentRequest[];
}

/** A provider's context over a scripted ATS: the semantics of `ProviderHttp` without network, budget, retries or log-in. */
export function createProviderContext<Config>(options: ProviderContextOptions<Config>): TestContext<Config> {
  const { provider, respond, scopes = [], now = () => new Date() } = options;
  const config = provider.config.parse(options.config);
  const signal = options.signal ?? new AbortController().signal;
  const sent: SentRequest[] = [];
  const ats = provider.manifest.name;

  const request = async (wanted: ProviderRequest): Promise<ProviderResponse> => {
    signal.throwIfAborted();
    const asked = address(provider.apiUrl(config), wanted);
    sent.push(asked);
    if (asked.url.origin !== new URL(provider.apiUrl(config)).origin) {
      throw new ProviderFault(
        'unexpected-shape',
        `${ats} pointed to another address (${asked.url.host}) than its API; it was not followed.`,
      );
    }
    const label = `${asked.method} ${asked.url.pathname}`;
    const answer = await respond(asked);
    signal.throwIfAborted();
    if (answer === 'no-answer') throw noAnswer(ats, label);
    const { status = 200, headers = {} } = answer;
    const body = parse(answer);
    const readable = body === NOT_JSON ? undefined : body;
    // A refusal that is an answer is one by its status: its body may be anything.
    if (wanted.accept?.includes(status) === true) return { status, headers, body: readable };
    if (status >= 200 && status < 300) {
      if (body === NOT_JSON) throw unreadableBody(ats, label, status);
      return { status, headers, body };
    }
    throw faultOf(
      { ats, status, headers, body: readable, request: label, now: now() },
      (refusal) => provider.classify?.(refusal) ?? null,
    );
  };
  return { http: { request }, config, scopes, signal, sent };
}

function address(base: string, { path, query, method = 'GET', json }: ProviderRequest): SentRequest {
  const url = /^[a-z][a-z0-9+.-]*:/i.test(path) ? new URL(path) : new URL(base + path);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const item of typeof value === 'object' ? value : [value]) url.searchParams.append(name, String(item));
  }
  const prefix = new URL(base).pathname.replace(/\/$/, '');
  return { method, url, path: url.pathname.replace(prefix, ''), query: url.searchParams, json };
}

const NOT_JSON = Symbol('not JSON');

/** Through text and back, so that no provider sees `undefined` in a body or shares an object with the script. */
function parse({ body, text }: ScriptedAnswer): unknown {
  const sentText = text ?? (body === undefined ? '' : JSON.stringify(body));
  if (sentText === '') return undefined;
  try {
    return JSON.parse(sentText);
  } catch {
    return NOT_JSON;
  }
}
