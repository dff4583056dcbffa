import { z } from 'zod';
import { keptOutboxSchema } from '../../webhooks/webhook-outbox.js';
import type { Row } from '../data/rows.js';

/** Greenhouse webhook docs, Events; each webhook is for one of them. */
export const WEBHOOK_EVENTS = {
  new_candidate_application: 'Candidate or Prospect Created (Candidate)',
  new_prospect_application: 'Candidate or Prospect Created (Prospect)',
  application_updated: 'Application Updated',
  delete_application: 'Application Deleted',
  offer_created: 'Offer Created',
  offer_approved: 'Offer Approved',
  offer_updated: 'Offer Updated',
  offer_deleted: 'Offer Deleted',
  candidate_stage_change: 'Candidate Stage Change',
  hire_candidate: 'Candidate Hired',
  unhire_candidate: 'Candidate Unhired',
  reject_candidate: 'Candidate Rejected',
  unreject_candidate: 'Candidate Unrejected',
  update_candidate: 'Candidate Updated',
  delete_candidate: 'Candidate Deleted',
  merge_candidate: 'Candidate Merged',
  candidate_anonymized: 'Candidate Anonymized',
  job_created: 'Job Created',
  job_updated: 'Job Updated',
  job_approved: 'Job Approved',
  job_deleted: 'Job Deleted',
  job_post_created: 'Job Post Created',
  job_post_updated: 'Job Post Updated',
  job_post_deleted: 'Job Post Deleted',
  job_interview_stage_deleted: 'Job Interview Stage Deleted',
  interview_deleted: 'Interview Deleted',
  scorecard_deleted: 'Scorecard Deleted',
  department_deleted: 'Department Deleted',
  office_deleted: 'Office Deleted',
} as const;
export type WebhookEvent = keyof typeof WEBHOOK_EVENTS;

const EVENT_NAMES = Object.keys(WEBHOOK_EVENTS) as [WebhookEvent, ...WebhookEvent[]];

/** A webhook as the API shows it; its secret is never shown. */
export interface WebhookRow extends Row {
  readonly name: string;
  readonly endpoint_url: string;
  readonly event_action_type: WebhookEvent;
  readonly max_attempts: number;
  readonly additional_headers: string | null;
  readonly error_recipient_email: string | null;
  readonly deactivated: boolean;
  readonly last_delivered: string | null;
}

/** What the vendor keeps besides. */
export interface WebhookSecrets {
  readonly secret: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly madeBy: 'api' | 'hand';
}

const text = z.string().min(1);
const basicAuth = z.string().max(255).nullable().optional();

const optional = {
  deactivated: z.boolean().optional(),
  basic_auth_username: basicAuth,
  basic_auth_password: basicAuth,
  additional_headers: z.string().nullable().optional(),
  error_recipient_email: z.string().nullable().optional(),
};

/** The body of POST /v3/webhooks. */
export const newWebhookSchema = z.strictObject({
  endpoint_url: z.url({ protocol: /^https?$/ }),
  name: text,
  event_action_type: z.enum(EVENT_NAMES),
  secret_key: text,
  max_attempts: z.int().min(1),
  ...optional,
});

export const changedWebhookSchema = newWebhookSchema.partial();

export type NewWebhook = z.infer<typeof newWebhookSchema>;
export type ChangedWebhook = z.infer<typeof changedWebhookSchema>;

const keptWebhookSchema = z.object({
  row: z.custom<WebhookRow>((value) => typeof value === 'object' && value !== null && 'endpoint_url' in value),
  secrets: z.custom<WebhookSecrets>((value) => typeof value === 'object' && value !== null && 'secret' in value),
});

export const keptWebhooksSchema = z.object({
  hooks: z.array(keptWebhookSchema).default([]),
  /** How many were ever made, so that no id is given twice. */
  made: z.int().default(0),
  outbox: keptOutboxSchema.prefault({}),
});
