import { z } from 'zod';
import { adminSchemas } from '../admin/admin-schemas.js';
import { PROVIDERS } from '../simulator.js';

const access = z.object({
  accountId: z.string(),
  userId: z.string(),
  scopes: z.array(z.string()).readonly(),
  clientId: z.string().nullable(),
});
const grant = access.extend({ clientId: z.string() });
/** Milliseconds since the epoch. */
const time = z.number();

const keptTokensSchema = z.object({
  codes: z.array(
    z.object({
      text: z.string(),
      code: grant.extend({ redirectUri: z.string(), codeChallenge: z.string().optional() }),
      expiresAt: time,
    }),
  ),
  access: z.array(z.object({ text: z.string(), access, expiresAt: time })),
  refresh: z.array(
    z.object({
      text: z.string(),
      grant,
      /** Null: never. */
      grantEndsAt: time.nullable(),
      expiresAt: time,
      rotatedAt: time.optional(),
    }),
  ),
  apiKeys: z.array(z.object({ text: z.string(), access })),
});

const keptAccountSchema = z.object({
  id: z.string(),
  provider: z.enum(PROVIDERS),
  name: z.string(),
  seed: z.number(),
  candidates: z.number(),
  knobs: z.record(z.string(), z.unknown()),
  madeAt: time,
  /** What was done to it by the admin routes, in order: done again, at the same times, it is the same account. */
  changes: z.array(z.object({ at: time, change: adminSchemas.change })),
  /** As the vendor's simulator keeps them; what they delivered is not kept. */
  webhooks: z.record(z.string(), z.unknown()).default({}),
});

/** All of a sandbox that survives its process. */
export const keptStateSchema = z.object({
  version: z.literal(1),
  clockAheadMs: z.number(),
  clients: z.array(adminSchemas.client),
  accounts: z.array(keptAccountSchema),
  /** How many were ever made, so that no id is given twice. */
  accountsMade: z.object({ greenhouse: z.number(), lever: z.number() }),
  tokens: z.object({ greenhouse: keptTokensSchema, lever: keptTokensSchema }),
});

export type KeptTokens = z.infer<typeof keptTokensSchema>;
export type KeptAccount = z.infer<typeof keptAccountSchema>;
export type KeptState = z.infer<typeof keptStateSchema>;
