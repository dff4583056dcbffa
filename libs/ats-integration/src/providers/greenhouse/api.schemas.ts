import { z } from 'zod';
import type { JsonValue } from '../../contract.js';

/** What Greenhouse really sends: every key that we do not use is left out, every one that we use may be null or absent unless nothing makes sense without it. */

/** Integers above 2^32 are usual; one above 2^53 has lost digits before we see it, so only a text may be that long. */
export const id = z.union([z.int(), z.string().regex(/^\d+$/, 'expected digits')]).transform(String);
export const optionalId = id.nullish().transform((value) => value ?? null);

const text = z
  .string()
  .nullish()
  .transform((value) => (value == null || value.trim() === '' ? null : value));

/** ISO 8601; zones are written `Z`, `+00:00` and `+0000`. */
export function readIsoMoment(value: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}/.test(value)) return null;
  const date = new Date(value.trim().replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(date.getTime()) ? null : date;
}

const moment = z
  .string()
  .nullish()
  .transform((value, context) => {
    if (value == null || value === '') return null;
    const date = readIsoMoment(value);
    if (date === null) context.addIssue({ code: 'custom', message: 'expected an ISO 8601 moment' });
    return date;
  });

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const json = z.unknown().transform((value) => (value ?? null) as JsonValue);

const customField = z.object({ name: text, type: text, value: json });
type CustomFieldRows = Readonly<Record<string, z.infer<typeof customField> | null | undefined>>;

/** Keyed by the field's immutable `name_key`; an empty list where there are none. */
const customFields = z
  .union([z.record(z.string(), customField.nullish()), z.tuple([]).transform((): CustomFieldRows => ({}))])
  .nullish()
  .transform((fields): CustomFieldRows => fields ?? {});

const contactPoints = listOf(z.object({ value: text, type: text }));

export const userSchema = z.object({
  id,
  updated_at: moment,
  name: text,
  first_name: text,
  last_name: text,
  primary_email: text,
  deactivated: flag,
  site_admin: flag,
});

export const jobSchema = z.object({
  id,
  updated_at: moment,
  name: text,
  status: z.string(),
  requisition_id: text,
  confidential: flag,
  is_template: flag,
  opened_at: moment,
  closed_at: moment,
  department_id: optionalId,
  office_ids: listOf(id),
  custom_fields: customFields,
});

export const jobPostSchema = z.object({
  id,
  job_id: optionalId,
  content: text,
  public_url: text,
  live: flag,
  internal: flag,
});

/** Departments, offices, sources and rejection reasons: all that we want of them is their name. */
export const namedSchema = z.object({ id, name: text });

export const stageSchema = z.object({
  id,
  updated_at: moment,
  job_id: id,
  sort_order: z.number().nullish(),
  name: text,
  active: flag,
});

export const applicationSchema = z.object({
  id,
  created_at: moment,
  updated_at: moment,
  candidate_id: id,
  job_id: optionalId,
  source_id: optionalId,
  recruiter_id: optionalId,
  /** Id of this application's own row in `application_stages`. Never a stage of the job. */
  stage_id: optionalId,
  /** Stage of the job. Newer accounts send it, older descriptions do not know it. */
  job_interview_stage_id: optionalId,
  stage_name: text,
  status: z.string(),
  prospect: flag,
  rejected_at: moment,
  location_address: text,
  // Answers are a bonus: one that reads oddly must not cost the whole application.
  answers: listOf(z.object({ question: text, answer: text })).catch([]),
  custom_fields: customFields,
});

export const applicationStageSchema = z.object({
  id,
  updated_at: moment,
  application_id: id,
  job_interview_stage_id: optionalId,
  /** Null where the history is older than the list, and in the documents' own example elsewhere too. */
  entered_at: moment,
  exited_at: moment,
  current: flag,
});

export const rejectionDetailSchema = z.object({
  id,
  application_id: id,
  rejection_reason_id: optionalId,
  rejected_at: moment,
});

export const openingSchema = z.object({
  id,
  application_id: optionalId,
  sort_order: z.number().nullish(),
  open: flag,
});

/** A web hook. Its secret is never shown. */
export const hookSchema = z.object({
  id,
  endpoint_url: z.string(),
  event_action_type: z.string(),
  deactivated: flag,
});

export const candidateSchema = z.object({
  id,
  updated_at: moment,
  first_name: text,
  last_name: text,
  company: text,
  title: text,
  private: flag,
  tags: listOf(z.string()),
  email_addresses: contactPoints,
  phone_numbers: contactPoints,
  addresses: contactPoints,
  website_addresses: contactPoints,
  social_media_addresses: contactPoints,
  custom_fields: customFields,
});

export const attachmentSchema = z.object({
  id,
  created_at: moment,
  updated_at: moment,
  application_id: optionalId,
  candidate_id: optionalId,
  type: text,
  filename: text,
  url: text,
});

export type GreenhouseUser = z.infer<typeof userSchema>;
export type GreenhouseJob = z.infer<typeof jobSchema>;
export type GreenhouseJobPost = z.infer<typeof jobPostSchema>;
export type GreenhouseStage = z.infer<typeof stageSchema>;
export type GreenhouseApplication = z.infer<typeof applicationSchema>;
export type GreenhouseApplicationStage = z.infer<typeof applicationStageSchema>;
export type GreenhouseCandidate = z.infer<typeof candidateSchema>;
export type GreenhouseAttachment = z.infer<typeof attachmentSchema>;

/** Three ways to say when a token ends are in use; whichever is there and makes sense counts. */
export const tokenBodySchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish().catch(null),
  expires_at: z.union([z.string(), z.number()]).nullish().catch(null),
  expires: z.union([z.string(), z.number()]).nullish().catch(null),
  scope: z.string().nullish().catch(null),
});
