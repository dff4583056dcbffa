import { z } from 'zod';
import { PROVIDERS, RECORD_KINDS } from '../simulator.js';

const knobs = z.record(z.string(), z.unknown());
const count = z.int().min(0).max(10_000_000);

/** What the admin routes take; unknown fields are refused, because they are mostly misspelt ones. */
export const adminSchemas = {
  account: z.strictObject({
    provider: z.enum(PROVIDERS),
    name: z.string().min(1).exactOptional(),
    seed: z.int().exactOptional(),
    candidates: count.exactOptional(),
    knobs: knobs.exactOptional(),
  }),
  change: z.strictObject({
    seed: z.int().exactOptional(),
    moves: count.exactOptional(),
    edits: count.exactOptional(),
    newCandidates: count.exactOptional(),
    rejections: count.exactOptional(),
    hires: count.exactOptional(),
    jobsOpened: count.exactOptional(),
    jobsClosed: count.exactOptional(),
    newJobs: count.exactOptional(),
    unrejections: count.exactOptional(),
    deletedApplications: count.exactOptional(),
    deletedCandidates: count.exactOptional(),
    merges: count.exactOptional(),
    anonymized: count.exactOptional(),
    operations: z.array(knobs).readonly().exactOptional(),
  }),
  knobs,
  apiKey: z.strictObject({ user: z.string().exactOptional(), scopes: z.array(z.string()).exactOptional() }).default({}),
  revoke: z.strictObject({ clientId: z.string().exactOptional(), user: z.string().exactOptional() }).default({}),
  clock: z.strictObject({ advanceSeconds: z.number().min(0) }),
  client: z.strictObject({
    provider: z.enum(PROVIDERS),
    name: z.string().min(1).exactOptional(),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    redirectUris: z.array(z.url()).readonly(),
    scopes: z.array(z.string()).readonly().exactOptional(),
    accountId: z.string().exactOptional(),
  }),
  recordKind: z.enum(RECORD_KINDS),
  page: z.object({
    offset: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(10_000).default(1000),
  }),
} as const;
