/**
 * Everything that can go wrong when we talk to an ATS, as a closed set. A provider turns a response into one of these;
 * `sync/failure-policy.ts` alone decides what each means for the run and the connection.
 */
export const FAULT_CODES = [
  'auth-revoked',
  'forbidden-scope',
  'rate-limited',
  'cursor-expired',
  'not-found',
  'invalid-request',
  'unavailable',
  'unexpected-shape',
] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

const RETRYABLE: Readonly<Record<FaultCode, boolean>> = {
  'auth-revoked': false,
  'forbidden-scope': false,
  'rate-limited': true,
  'cursor-expired': true,
  'not-found': false,
  'invalid-request': false,
  unavailable: true,
  'unexpected-shape': false,
};

export interface FaultDetails {
  /** HTTP status, when there was a response. */
  readonly status?: number;
  /** Milliseconds to wait before asking again, as the ATS said it. */
  readonly retryAfterMs?: number;
  /** `GET /v3/jobs`: method and path, never the query (it can hold personal data) and never a host's credentials. */
  readonly request?: string;
  readonly cause?: unknown;
}

/**
 * A classified failure of an ATS. The message is a sentence for an admin: what happened, to whom, what to do.
 * It never holds a secret or personal data: bodies of responses are not quoted.
 */
export class ProviderFault extends Error {
  readonly code: FaultCode;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly request: string | undefined;

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProviderFault';
    this.code = code;
    this.retryable = RETRYABLE[code];
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.request = details.request;
  }
}
