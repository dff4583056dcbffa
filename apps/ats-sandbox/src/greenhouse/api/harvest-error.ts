/** An answer other than success, in the vendor's shape. */
export class HarvestError extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Harvest v3 docs, Errors: the two shapes of a refusal, a list of sentences or of sentences by parameter. */
export function unprocessable(error: string | Readonly<Record<string, string>>): HarvestError {
  return new HarvestError(422, { message: 'Unprocessable Content', errors: [error] });
}

export function unauthorized(): HarvestError {
  return new HarvestError(401, {
    message: 'Unauthorized',
    errors: ['Token could not be decoded. Please ensure your token is from a trusted source.'],
  });
}

export function forbidden(): HarvestError {
  return new HarvestError(403, { message: 'Forbidden' });
}

export function notFound(): HarvestError {
  return new HarvestError(404, { message: 'Resource not found' });
}

export function cursorExpired(): HarvestError {
  return unprocessable('The cursor is invalid or has expired.');
}
