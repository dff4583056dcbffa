import { HttpStatus } from '@nestjs/common';

/** The HTTP status of every code that an `AtsError` has. */
export const PROBLEM_STATUSES: Readonly<Record<string, number>> = {
  'invalid-request': HttpStatus.BAD_REQUEST,
  'connect-state-invalid': HttpStatus.BAD_REQUEST,
  'wrong-issuer': HttpStatus.BAD_REQUEST,
  'authorisation-failed': HttpStatus.BAD_REQUEST,
  'no-credit': HttpStatus.PAYMENT_REQUIRED,
  'access-denied': HttpStatus.FORBIDDEN,
  'plan-limit-reached': HttpStatus.FORBIDDEN,
  'over-plan-limit': HttpStatus.FORBIDDEN,
  'not-found': HttpStatus.NOT_FOUND,
  'unknown-provider': HttpStatus.NOT_FOUND,
  'not-connected': HttpStatus.CONFLICT,
  'not-oauth': HttpStatus.CONFLICT,
  'already-connected': HttpStatus.CONFLICT,
  'first-import-running': HttpStatus.CONFLICT,
  'connect-overtaken': HttpStatus.CONFLICT,
  'different-account': HttpStatus.CONFLICT,
  suspended: HttpStatus.CONFLICT,
  'preflight-failed': HttpStatus.UNPROCESSABLE_ENTITY,
  'unknown-stage': HttpStatus.UNPROCESSABLE_ENTITY,
  // The ATS gave a file that is none, or an address that nothing is fetched from.
  'file-refused': HttpStatus.BAD_GATEWAY,
  'file-too-large': HttpStatus.BAD_GATEWAY,
  // What only the operator can mend; all but the first stop the start.
  'cannot-open': HttpStatus.INTERNAL_SERVER_ERROR,
  'duplicate-encryption-key': HttpStatus.INTERNAL_SERVER_ERROR,
  'duplicate-provider': HttpStatus.INTERNAL_SERVER_ERROR,
  'no-encryption-key': HttpStatus.INTERNAL_SERVER_ERROR,
  'options-wrong': HttpStatus.INTERNAL_SERVER_ERROR,
  'provider-manifest-wrong': HttpStatus.INTERNAL_SERVER_ERROR,
  'provider-options-missing': HttpStatus.INTERNAL_SERVER_ERROR,
  'provider-options-wrong': HttpStatus.INTERNAL_SERVER_ERROR,
  'public-url-insecure': HttpStatus.INTERNAL_SERVER_ERROR,
  'tenant-resolver-missing': HttpStatus.INTERNAL_SERVER_ERROR,
};
