import { z } from 'zod';
import { keptOutboxSchema } from '../../webhooks/webhook-outbox.js';

/** Lever webhook docs, Events. Postings, requisitions, offers, notes, users and feedback have none. */
export const WEBHOOK_EVENTS = [
  'applicationCreated',
  'candidateHired',
  'candidateStageChange',
  'candidateArchiveChange',
  'candidateDeleted',
  'interviewCreated',
  'interviewUpdated',
  'interviewDeleted',
  'contactCreated',
  'contactUpdated',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Those whose webhooks may be limited to some origins. */
export const EVENTS_WITH_ORIGINS: readonly WebhookEvent[] = [
  'applicationCreated',
  'candidateArchiveChange',
  'candidateHired',
  'candidateStageChange',
];

export const ORIGINS = ['applied', 'sourced', 'referred', 'university', 'agency', 'internal'] as const;

const url = z.url({ protocol: /^https?$/ });
const event = z.enum(WEBHOOK_EVENTS);
const configuration = z.strictObject({
  conditions: z.strictObject({ origins: z.array(z.enum(ORIGINS)).optional() }).optional(),
  /** Undocumented, as the vendor's own collection of examples sends it. */
  origins: z.array(z.enum(ORIGINS)).optional(),
  verifyConnection: z.boolean().optional(),
});

/** The body of POST /webhooks. */
export const newHookSchema = z.strictObject({ event, url, configuration: configuration.optional() });
/** The body of PUT /webhooks. */
export const changedHooksSchema = z.strictObject({
  data: z.array(
    z.strictObject({
      id: z.string(),
      event: event.optional(),
      url: url.optional(),
      configuration: configuration.optional(),
    }),
  ),
});

export type NewHook = z.infer<typeof newHookSchema>;
export type ChangedHook = z.infer<typeof changedHooksSchema>['data'][number];

/** A webhook, as an app or a Super Admin made it. */
const leverHookSchema = z.object({
  id: z.string(),
  event,
  url,
  origins: z.array(z.enum(ORIGINS)).nullable(),
  /** Null: deliveries are not signed. */
  signatureToken: z.string().nullable(),
  /** Whose token or key made it; null: a Super Admin by hand. */
  owner: z.string().nullable(),
  /** Of one made by hand; whether those of apps deliver is a matter of their event. */
  active: z.boolean(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type LeverHook = Readonly<z.infer<typeof leverHookSchema>>;

export const keptHooksSchema = z.object({
  hooks: z.array(leverHookSchema).default([]),
  /** Events that a Super Admin turned on or off. */
  switches: z.record(z.string(), z.boolean()).default({}),
  /** How many were ever made, so that no id is given twice. */
  made: z.int().default(0),
  outbox: keptOutboxSchema.prefault({}),
});
