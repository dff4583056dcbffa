import type { StandardSchemaValidationPipeOptions } from '@nestjs/common';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { Problem } from './problem.js';

type Issue = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0][number];

/** Checks every parameter that carries a schema and names what is wrong, where. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => {
      const errors = issues.map((issue) => ({ path: pointer(issue.path), message: issue.message }));
      const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
      return new Problem(400, 'invalid-request', detail, { errors });
    },
  });
}

/** A JSON pointer. */
function pointer(path: Issue['path']): string {
  return (path ?? []).map((part) => `/${String(typeof part === 'object' ? part.key : part)}`).join('');
}
