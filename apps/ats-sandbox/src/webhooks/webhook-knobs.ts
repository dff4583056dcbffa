import { z } from 'zod';

const share = z.number().min(0).max(1);

/** How webhooks are delivered, and what goes wrong with them; the same seed makes the same deliveries go wrong. */
export const webhookKnobsSchema = z.strictObject({
  /** `automatic`: when they are due by the sandbox's clock. `manual`: only when an admin route says so. */
  delivery: z.enum(['automatic', 'manual']).default('automatic'),
  seed: z.int().default(1),
  /** The share of deliveries that are never attempted. */
  lost: share.default(0),
  /** The share that is sent twice. */
  duplicated: share.default(0),
  /** The share that let up to eight later ones go before them. */
  reordered: share.default(0),
  /** The share that is held back, for up to `delayMs`. */
  delayed: share.default(0),
  delayMs: z.number().min(0).default(600_000),
  /** Whether a retry, a duplicate or a re-send names itself as the first attempt did; neither vendor says. */
  repeatedIds: z.enum(['same', 'new']).default('same'),
  /** How long a receiver may take to answer; neither vendor says. */
  timeoutMs: z.number().positive().default(5000),
});

export type WebhookKnobs = Readonly<z.infer<typeof webhookKnobsSchema>>;

export const DEFAULT_WEBHOOK_KNOBS: WebhookKnobs = webhookKnobsSchema.parse({});
