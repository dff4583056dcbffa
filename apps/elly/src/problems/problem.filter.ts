import { STATUS_CODES } from 'node:http';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, HttpException, Logger, NotFoundException } from '@nestjs/common';
import type { Response } from 'express';
import { Problem } from './problem.js';

/** Every error leaves as `application/problem+json`. What we did not foresee is logged, and the client learns no detail of it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const exception = this.#asHttp(error);
    if (response.headersSent) {
      // The head said 200 already: breaking the connection is the only way left to say that it did not work out.
      response.destroy();
      return;
    }
    response
      .status(exception.getStatus())
      .type('application/problem+json')
      .send(JSON.stringify(bodyOf(exception)));
  }

  #asHttp(error: unknown): HttpException {
    if (error instanceof HttpException) return error;
    if (isHttpError(error)) return new HttpException(error.message, error.statusCode);
    this.#logger.error(error);
    return new Problem(
      500,
      'internal-error',
      'Elly could not answer. Try again; if it happens again, tell us when it happened.',
    );
  }
}

/** What body-parser throws: too large, not JSON, wrong charset. */
function isHttpError(error: unknown): error is Error & { readonly statusCode: number } {
  return error instanceof Error && 'statusCode' in error && 'expose' in error && error.expose === true;
}

function bodyOf(exception: HttpException): object {
  const body = exception.getResponse();
  const status = exception.getStatus();
  if (typeof body === 'object' && 'type' in body && 'title' in body) return { status, ...body };
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: detailOf(exception) };
}

/** Nest's own words for an address without a route repeat the address, and with it a code or a name in the query. */
function detailOf(exception: HttpException): string {
  return exception instanceof NotFoundException ? 'There is nothing at this address.' : exception.message;
}
