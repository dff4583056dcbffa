import { z } from 'zod';
import { ActionRefused } from '../changes/action-refused.js';
import type { CandidateRow } from '../data/rows.js';
import type { GreenhouseAccount } from '../greenhouse-account.js';
import { HarvestError, notFound, unprocessable } from './harvest-error.js';
import { customFieldsSchema, readCustomFields } from './write-custom-fields.js';

/** A request that changes one record. */
export interface WriteEndpoint {
  readonly method: 'post' | 'patch';
  readonly path: string;
  readonly scope: string;
  /** The body of the answer; undefined for 204. */
  readonly perform: (account: GreenhouseAccount, id: number, body: unknown) => unknown;
}

const moveSchema = z.strictObject({
  from_stage_id: z.int(),
  to_stage_id: z.int().optional(),
  to_job_id: z.int().optional(),
  email_from_user_id: z.int().optional(),
});

const rejectSchema = z.strictObject({
  rejection_reason_id: z.int(),
  notes: z.string().optional(),
  rejection_email: z
    .object({
      send_email_at: z.iso.datetime({ offset: true }).optional(),
      email_template_id: z.int().optional(),
      email_from_user_id: z.int().optional(),
    })
    .optional(),
  custom_fields: customFieldsSchema.optional(),
});

const hireSchema = z.strictObject({
  start_date: z.iso.datetime({ offset: true }).optional(),
  opening_id: z.int().optional(),
  close_reason_id: z.int().nullable().optional(),
});

const typed = (...types: readonly [string, ...string[]]): z.ZodType<readonly { value: string; type: string }[]> =>
  z.array(z.strictObject({ value: z.string(), type: z.enum(types) }));

const candidateSchema = z.strictObject({
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  preferred_name: z.string().nullable().optional(),
  company: z.string().nullable().optional(),
  title: z.string().nullable().optional(),
  time_zone: z.string().nullable().optional(),
  is_private: z.boolean().optional(),
  can_email: z.boolean().optional(),
  email_addresses: typed('personal', 'work', 'other').optional(),
  phone_numbers: typed('home', 'work', 'mobile', 'skype', 'other').optional(),
  addresses: typed('home', 'work', 'other').optional(),
  website_addresses: typed('personal', 'company', 'portfolio', 'blog', 'other').optional(),
  social_media_addresses: z.array(z.strictObject({ value: z.string() })).optional(),
  tags: z.array(z.string()).optional(),
  linked_user_ids: z.array(z.int()).optional(),
  custom_fields: customFieldsSchema.optional(),
});

/** Harvest v3 docs, Applications and Candidates: what of the writes is served. */
export const WRITE_ENDPOINTS: readonly WriteEndpoint[] = [
  {
    method: 'post',
    path: '/applications/:id/move',
    scope: 'harvest:applications:move',
    perform: (account, id, body) => {
      knownApplication(account, id);
      const { from_stage_id: from, to_stage_id: toStageId, to_job_id: toJobId } = parse(moveSchema, body);
      if (toStageId !== undefined && toJobId !== undefined) {
        throw unprocessable('to_stage_id and to_job_id cannot be combined.');
      }
      checkFromStage(account, id, from);
      account.actions.applications.move(id, { fromStageId: from, toStageId, toJobId });
    },
  },
  {
    method: 'post',
    path: '/applications/:id/reject',
    scope: 'harvest:applications:reject',
    perform: (account, id, body) => {
      knownApplication(account, id);
      const { rejection_reason_id: reason, notes, custom_fields: fields } = parse(rejectSchema, body);
      const answers = readCustomFields('rejection_question', fields ?? []);
      account.actions.applications.reject(id, reason, { notes, answers });
    },
  },
  {
    method: 'post',
    path: '/applications/:id/unreject',
    scope: 'harvest:applications:unreject',
    perform: (account, id, body) => {
      knownApplication(account, id);
      parse(z.strictObject({}), body);
      account.actions.applications.unreject(id);
    },
  },
  {
    method: 'post',
    path: '/applications/:id/hire',
    scope: 'harvest:applications:hire',
    perform: (account, id, body) => {
      knownApplication(account, id);
      account.actions.applications.hire(id, parse(hireSchema, body).start_date);
    },
  },
  {
    method: 'patch',
    path: '/candidates/:id',
    scope: 'harvest:candidates:update',
    perform: (account, id, body) => {
      const person = account.store.candidates.byId(id);
      if (person === undefined || person.private === true) throw notFound();
      const { is_private: isPrivate, custom_fields: fields, ...set } = parse(candidateSchema, body);
      // Lists and the custom fields are replaced as a whole, not merged.
      account.actions.records.editCandidate(id, {
        ...(set as Partial<CandidateRow>),
        ...(isPrivate === undefined ? {} : { private: isPrivate }),
        ...(fields === undefined ? {} : { custom_fields: readCustomFields('candidate', fields) }),
      });
      return account.store.candidates.byId(id);
    },
  },
];

/** What Greenhouse would not do is the caller's error. */
export function perform(endpoint: WriteEndpoint, account: GreenhouseAccount, id: number, body: unknown): unknown {
  try {
    return endpoint.perform(account, id, body);
  } catch (error) {
    if (error instanceof ActionRefused) throw unprocessable(error.message);
    throw error;
  }
}

function knownApplication({ store }: GreenhouseAccount, id: number): void {
  const application = store.applications.byId(id);
  if (application === undefined || store.isConfidential(application.job_id)) throw notFound();
}

/** The documentation leaves open which of the two ids is meant; the knob makes it one or the other. */
function checkFromStage(account: GreenhouseAccount, id: number, from: number): void {
  const { fromStageId } = account.greenhouseKnobs();
  if (fromStageId === 'either') return;
  if (account.store.applications.byId(id)?.[fromStageId] === from) return;
  throw unprocessable('from_stage_id is not the current stage of the application.');
}

function parse<Output>(schema: z.ZodType<Output>, body: unknown): Output {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    [issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(',') : 'body')]: issue.message,
  }));
  throw new HarvestError(422, { message: 'Unprocessable Content', errors });
}
