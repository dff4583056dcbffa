import { z } from 'zod';
import type { FaultRule } from './fault-plan.js';

const status = z.int().min(200).max(599);

const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status,
    body: z.string().exactOptional(),
    headers: z.record(z.string(), z.string()).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('html'), status }),
  z.strictObject({ kind: z.literal('truncated-json') }),
  z.strictObject({ kind: z.literal('malformed-json') }),
  z.strictObject({ kind: z.literal('nulls'), rows: z.int().min(0).max(100_000) }),
  z.strictObject({ kind: z.literal('duplicate-page') }),
  z.strictObject({ kind: z.literal('empty-reply') }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('answer-lost') }),
  z.strictObject({ kind: z.literal('status-after'), status, body: z.string().exactOptional() }),
  z.strictObject({ kind: z.literal('slow-answer'), ms: z.number().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal('applied-late'), ms: z.number().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal('stall') }),
  z.strictObject({ kind: z.literal('endless') }),
  z.strictObject({ kind: z.literal('slow-drip'), bytesPerSecond: z.number().positive() }),
  z.strictObject({ kind: z.literal('cursor-expired') }),
  z.strictObject({ kind: z.literal('redirect'), status: z.int().min(300).max(399), location: z.string() }),
  z.strictObject({ kind: z.literal('extra-fields') }),
  z.strictObject({
    kind: z.literal('latency'),
    ms: z.number().min(0).max(600_000),
    jitterMs: z.number().min(0).max(600_000).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('huge-file'), bytes: z.int().min(0) }),
]);

/** Fault rules as they come over the wire. */
export const faultRulesSchema: z.ZodType<readonly FaultRule[]> = z.array(
  z.strictObject({
    match: z
      .strictObject({
        method: z.string().toUpperCase().exactOptional(),
        path: z.string().refine(isPathPattern, 'is not a valid regular expression').exactOptional(),
        nth: z.int().min(1).exactOptional(),
      })
      .default({}),
    fault,
    times: z.int().min(1).exactOptional(),
  }),
);

function isPathPattern(pattern: string): boolean {
  const source = /^\/(.*)\/$/.exec(pattern)?.[1];
  if (source === undefined) return true;
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
