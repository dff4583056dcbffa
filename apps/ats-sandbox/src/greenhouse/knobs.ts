import { z } from 'zod';
import { DEFAULT_WEBHOOK_KNOBS, webhookKnobsSchema } from '../webhooks/webhook-knobs.js';

const knobsSchema = z.strictObject({
  /** Requests per fixed window; the vendor publishes no number. */
  rateLimit: z.union([
    z.literal('off'),
    z.strictObject({ limit: z.int().min(1), windowSeconds: z.number().positive() }),
  ]),
  /** Whether applications carry `job_interview_stage_id`, which the earlier specification lacks. */
  jobInterviewStageId: z.boolean(),
  /** Rows stay out of lists filtered by `updated_at` until they are this old. */
  lateVisibilityMs: z.number().min(0),
  /** Null: cursors do not expire. */
  cursorTtlSeconds: z.number().positive().nullable(),
  tokenExpiryShape: z.enum(['expires_at', 'expires_in', 'expires']),
  /** How long a used refresh token lives on. The vendor says that one works once. */
  refreshGraceSeconds: z.number().min(0),
  /** Scopes that the app lost: no request may use them any more, and no new token has them. */
  withheldScopes: z.array(z.string()),
  /** Who approves when the consent form names no user. */
  approver: z.enum(['admin', 'member']),
  /** Private people appear as `{ "message": … }`; without it they are left out of the list. */
  privateStub: z.boolean(),
  /** The moment up to which the account has a history; null: the hour in which it was made. */
  baseDate: z.iso.datetime({ offset: true }).nullable(),
  attachmentsExpireSeconds: z.number().positive(),
  /** Which id a move takes as `from_stage_id`; the documentation and working clients disagree. */
  fromStageId: z.enum(['either', 'job_interview_stage_id', 'stage_id']),
  /** How far the vendor's clock is ahead of ours, or with a minus behind it. */
  clockSkewMs: z.number(),
  webhooks: webhookKnobsSchema,
});

export type GreenhouseKnobs = Readonly<z.infer<typeof knobsSchema>>;

export const DEFAULT_KNOBS: GreenhouseKnobs = {
  rateLimit: { limit: 75, windowSeconds: 30 },
  jobInterviewStageId: true,
  lateVisibilityMs: 0,
  cursorTtlSeconds: null,
  tokenExpiryShape: 'expires_at',
  refreshGraceSeconds: 0,
  withheldScopes: [],
  approver: 'admin',
  privateStub: true,
  baseDate: null,
  attachmentsExpireSeconds: 7 * 86_400,
  fromStageId: 'either',
  clockSkewMs: 0,
  webhooks: DEFAULT_WEBHOOK_KNOBS,
};

/** The knobs with some of them set anew. */
export function mergeKnobs(current: GreenhouseKnobs, changes: Readonly<Record<string, unknown>>): GreenhouseKnobs {
  const unknown = Object.keys(changes).find((name) => !(name in DEFAULT_KNOBS));
  if (unknown !== undefined) {
    throw new Error(`Greenhouse has no knob "${unknown}"; it has ${Object.keys(DEFAULT_KNOBS).join(', ')}.`);
  }
  const merged = knobsSchema.safeParse({ ...current, ...changes });
  if (merged.success) return merged.data;
  const issue = merged.error.issues[0];
  throw new Error(
    `The Greenhouse knob "${issue?.path.join('.') ?? ''}" cannot be set so: ${issue?.message ?? 'invalid'}.`,
  );
}
