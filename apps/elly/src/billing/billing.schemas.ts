import { z } from 'zod';
import { CREDIT_ENTRY_KINDS } from './credit-entry.entity.js';

export const ledgerQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** What the last page gave as `next`. */
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
});
export type LedgerQuery = z.output<typeof ledgerQuery>;

export const buyCreditsBody = z.strictObject({ credits: z.number().int().min(1).max(1000) });
export type BuyCreditsBody = z.output<typeof buyCreditsBody>;

export const creditsView = z.object({
  balance: z.number().int(),
  /** Newest first. */
  entries: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(CREDIT_ENTRY_KINDS),
      /** What it added to the balance: negative for a reservation, 0 for its commit. */
      credits: z.number().int(),
      reason: z.string(),
      createdAt: z.iso.datetime(),
    }),
  ),
  next: z.string().nullable(),
});
export type CreditsView = z.output<typeof creditsView>;
