import type { JsonValue } from '../contract/records.js';

/** Facts about an error for programs, by name. No secret, no personal data: they leave with the error. */
export type ErrorDetails = Readonly<Record<string, JsonValue>>;

/**
 * An error of this library. `message` is a sentence that says what happened, to whom and what to do; `code` is stable
 * and for programs. It never holds a secret or personal data.
 */
export class AtsError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** What the sentence says, for programs: a problem document carries it as extension members. */
  readonly details: ErrorDetails;

  constructor(
    code: string,
    message: string,
    options: { readonly retryable?: boolean; readonly cause?: unknown; readonly details?: ErrorDetails } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AtsError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}
