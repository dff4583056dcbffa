import { z } from 'zod';

/** RFC 9457, for the OpenAPI document. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** Only for a request that is not valid: where and why. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
