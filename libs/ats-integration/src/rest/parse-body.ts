import { z } from 'zod';
import type { ZodType } from 'zod';
import { AtsError } from '../support/ats-error.js';

/** @throws AtsError `invalid-request` that names what is wrong with which field. */
export function parseInput<T>(schema: ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    throw new AtsError('invalid-request', `The request is not understood: ${z.prettifyError(parsed.error)}`);
  }
  if (!isStorable(parsed.data)) {
    throw new AtsError(
      'invalid-request',
      'The request is not understood: a text holds NUL or half of a surrogate pair, which no text may.',
    );
  }
  return parsed.data;
}

/** Whether Postgres takes every text in it: NUL is an error there, and half a surrogate pair would be kept as something else. */
function isStorable(input: unknown): boolean {
  if (typeof input === 'string') return !input.includes('\0') && input.isWellFormed();
  if (typeof input !== 'object' || input === null) return true;
  return Object.entries(input).every(([name, value]) => isStorable(name) && isStorable(value));
}
