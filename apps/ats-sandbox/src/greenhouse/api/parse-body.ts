import type { z } from 'zod';
import { HarvestError } from './harvest-error.js';

/** A body as the vendor takes it; anything else is refused by the names of its fields. */
export function parseBody<Output>(schema: z.ZodType<Output>, body: unknown): Output {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    [issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(',') : 'body')]: issue.message,
  }));
  throw new HarvestError(422, { message: 'Unprocessable Content', errors });
}
