import { Catch, HttpStatus } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { ProviderFault } from '../contract/fault.js';
import { AtsError } from '../support/ats-error.js';

const STATUS_OF: Readonly<Record<string, number>> = {
  'not-found': HttpStatus.NOT_FOUND,
  'unknown-provider': HttpStatus.NOT_FOUND,
  'plan-limit-reached': HttpStatus.FORBIDDEN,
  'over-plan-limit': HttpStatus.FORBIDDEN,
  'no-credit': HttpStatus.PAYMENT_REQUIRED,
  'not-connected': HttpStatus.CONFLICT,
  'already-connected': HttpStatus.CONFLICT,
  'connect-overtaken': HttpStatus.CONFLICT,
  'different-account': HttpStatus.CONFLICT,
  suspended: HttpStatus.CONFLICT,
  'nothing-held': HttpStatus.CONFLICT,
  'preflight-failed': HttpStatus.UNPROCESSABLE_ENTITY,
  'connect-state-invalid': HttpStatus.BAD_REQUEST,
  'invalid-request': HttpStatus.BAD_REQUEST,
  'unknown-stage': HttpStatus.UNPROCESSABLE_ENTITY,
};

interface Reply {
  status(code: number): Reply;
  type(contentType: string): Reply;
  send(body: string): void;
}

/**
 * Errors of the library as problem details (RFC 9457): the sentence is the one that was written for a person, an
 * error's details are extension members. For routes of the host's own that call the library, too.
 */
@Catch(AtsError, ProviderFault)
export class ProblemDetailsFilter implements ExceptionFilter<AtsError | ProviderFault> {
  catch(error: AtsError | ProviderFault, host: ArgumentsHost): void {
    const status =
      error instanceof ProviderFault
        ? HttpStatus.BAD_GATEWAY
        : (STATUS_OF[error.code] ?? HttpStatus.INTERNAL_SERVER_ERROR);
    const problem = {
      ...(error instanceof AtsError ? error.details : {}),
      type: `urn:elly:ats:${error.code}`,
      title: titleOf(error.code),
      status,
      detail: error.message,
    };
    host
      .switchToHttp()
      .getResponse<Reply>()
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problem));
  }
}

function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
