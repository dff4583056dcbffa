import { z } from 'zod';
import type { ZodType } from 'zod';
import { AtsError } from '../support/ats-error.js';

/** @throws AtsError `invalid-request` that names what is wrong with which field. */
export function parseInput<T>(schema: ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AtsError('invalid-request', `The request is not understood: ${z.prettifyError(parsed.error)}`);
}
