import { ProviderFault } from './fault.js';

/** A response that is no answer: not 2xx, or 2xx with a body that is not JSON. */
export interface FailedResponse {
  /** The ATS's name as a person reads it. @default "The ATS" */
  readonly ats?: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, or undefined when the body is empty or is not JSON. Only `classify` looks at it; it is never quoted. */
  readonly body: unknown;
  /** `GET /jobs`: method and path, never the query. */
  readonly request: string;
  readonly now: Date;
}

type Classify = (response: { readonly status: number; readonly body: unknown }) => ProviderFault | null;

/**
 * What a response that is no answer means: the provider's own reading where it has one, else the usual reading of the status.
 * Pure, and the only place of that reading: the HTTP layer and the contract suite both ask here.
 */
export function faultOf(response: FailedResponse, classify?: Classify): ProviderFault {
  const fault = classify?.({ status: response.status, body: response.body }) ?? usualReading(response);
  const retryAfterMs = fault.retryAfterMs ?? readRetryAfter(response.headers['retry-after'], response.now);
  return new ProviderFault(fault.code, fault.message, {
    status: response.status,
    request: response.request,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(fault.cause === undefined ? {} : { cause: fault.cause }),
  });
}

function usualReading({ ats = 'The ATS', status, request }: FailedResponse): ProviderFault {
  if (status < 300) return unreadableBody(ats, request, status);
  if (status >= 500)
    return new ProviderFault(
      'unavailable',
      `${ats} has a problem of its own (HTTP ${status}). Elly tries again by itself.`,
    );
  if (status >= 300 && status < 400) {
    return new ProviderFault(
      'invalid-request',
      `${ats} sent the request on to another address (HTTP ${status}), which is never followed. Check the address and the region of ${ats} in the options.`,
    );
  }
  switch (status) {
    case 401:
      return new ProviderFault(
        'auth-revoked',
        `${ats} no longer accepts this connection's authorisation. Ask an administrator of ${ats} to connect again.`,
      );
    case 403:
      return new ProviderFault(
        'forbidden-scope',
        `${ats} refused this to the user who authorised the connection. Ask an administrator of ${ats} to grant the missing permission and to connect again.`,
      );
    case 404:
      return new ProviderFault(
        'not-found',
        `${ats} does not know what was asked for. It was deleted there, or the address of ${ats} in the options is wrong.`,
      );
    case 408:
    case 425:
      return new ProviderFault(
        'unavailable',
        `${ats} did not answer in time (HTTP ${status}). Elly tries again by itself.`,
      );
    case 410:
      return new ProviderFault(
        'cursor-expired',
        `${ats} forgot the place at which this sync stood. Elly starts the list again.`,
      );
    case 429:
      return new ProviderFault('rate-limited', `${ats} asked for fewer requests. Elly waits and continues by itself.`);
    default:
      return new ProviderFault(
        'invalid-request',
        `${ats} refused the request as wrong (HTTP ${status}). Repeating it does not help; report it to the maintainers.`,
      );
  }
}

/** Nothing came back: refused, reset, cut off or too slow. */
export function noAnswer(ats: string, request: string, cause?: unknown): ProviderFault {
  return new ProviderFault('unavailable', `${ats} did not answer. Elly tries again by itself.`, { request, cause });
}

/** A body that is not JSON although the status promised an answer: a log-in page, a proxy's page, JSON cut short. */
export function unreadableBody(ats: string, request: string, status: number): ProviderFault {
  return new ProviderFault(
    'unexpected-shape',
    `${ats} answered with something that is not JSON. Check the address of ${ats} in the options, and whether a proxy or a log-in page stands before it.`,
    { status, request },
  );
}

/**
 * `Retry-After` in milliseconds: whole seconds or an HTTP date, never negative. Undefined when it is absent or says neither.
 * As the ATS said it: whoever waits sets the upper limit.
 */
export function readRetryAfter(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  // Only the shape of an HTTP date: Date.parse reads much else, `-5` among it.
  const moment = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now.getTime());
}
