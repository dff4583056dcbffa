/** An answer other than success, with the body `{code, message}` (Lever Data API docs, Errors). */
export class LeverError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function badRequest(message: string): LeverError {
  return new LeverError(400, 'BadRequestError', message);
}

export function forbidden(message: string): LeverError {
  return new LeverError(403, 'ForbiddenError', message);
}

/** Malformed ids get this as well. */
export function notFound(resource: string, id: string): LeverError {
  return new LeverError(404, 'ResourceNotFound', `${resource} ${id} was not found`);
}
