import type { ArgumentMetadata, StandardSchemaValidationPipeOptions } from '@nestjs/common';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { refuseUnlessPlain } from './plain-input.js';
import { Problem } from './problem.js';

type Issue = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0][number];

/** One mistake made a thousand times is told once and again, not a thousand times. */
const MOST_ISSUES = 20;

class InputPipe extends StandardSchemaValidationPipe {
  override async transform<Value>(value: Value, metadata: ArgumentMetadata): Promise<Value> {
    if (metadata.schema !== undefined) refuseUnlessPlain(value);
    return super.transform(value, metadata);
  }
}

/** Checks every parameter that carries a schema and names what is wrong, where. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new InputPipe({
    exceptionFactory: (issues) => {
      const errors = issues
        .slice(0, MOST_ISSUES)
        .map((issue) => ({ path: pointer(issue.path), message: issue.message }));
      const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
      return new Problem(400, 'invalid-request', detail, { errors });
    },
  });
}

/** A JSON pointer. */
function pointer(path: Issue['path']): string {
  return (path ?? []).map((part) => `/${String(typeof part === 'object' ? part.key : part)}`).join('');
}
