/**
 * An error of this library. `message` is a sentence that says what happened, to whom and what to do; `code` is stable
 * and for programs. It never holds a secret or personal data.
 */
export class AtsError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { readonly retryable?: boolean; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AtsError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
