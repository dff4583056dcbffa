import { z } from 'zod';
import { ActionRefused } from '../changes/action-refused.js';
import type { ApplicationEdit } from '../changes/application-actions.js';
import type { GreenhouseAccount } from '../greenhouse-account.js';
import type { GrantedAccess } from '../../simulator.js';
import { CANDIDATE_WRITES } from './candidate-writes.js';
import { notFound, unprocessable } from './harvest-error.js';
import { parseBody as parse } from './parse-body.js';
import type { WriteEndpoint } from './write-endpoint.js';
import { customFieldsSchema, readCustomFields } from './write-custom-fields.js';

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

const reasonSchema = z.strictObject({ rejection_reason_id: z.int() });

const applicationSchema = z.strictObject({
  source_id: z.int().optional(),
  referrer_id: z.int().optional(),
  recruiter_id: z.int().optional(),
  coordinator_id: z.int().optional(),
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
    perform: (account, id, body, by) => {
      knownApplication(account, id);
      const { rejection_reason_id: reason, notes, custom_fields: fields } = parse(rejectSchema, body);
      const answers = readCustomFields('rejection_question', fields ?? []);
      account.actions.applications.reject(id, reason, { notes, answers, by });
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
    path: '/applications/:id',
    scope: 'harvest:applications:update',
    perform: (account, id, body) => {
      knownApplication(account, id);
      const { custom_fields: fields, ...set } = parse(applicationSchema, body);
      account.actions.applications.edit(id, {
        ...(set as ApplicationEdit),
        ...(fields === undefined ? {} : { custom_fields: readCustomFields('application', fields) }),
      });
      const { job_interview_stage_id: stage, ...row } = account.store.applications.byId(id) ?? {};
      return account.greenhouseKnobs().jobInterviewStageId ? { ...row, job_interview_stage_id: stage } : row;
    },
  },
  {
    method: 'delete',
    path: '/applications/:id',
    scope: 'harvest:applications:destroy',
    perform: (account, id) => {
      knownApplication(account, id);
      account.actions.records.deleteApplication(id);
      return { message: `Application ${id} deleted successfully` };
    },
  },
  {
    method: 'patch',
    path: '/rejection_details/:id',
    scope: 'harvest:rejection_details:update',
    perform: (account, id, body) => {
      const detail = account.store.rejections.byId(id);
      if (detail === undefined) throw notFound();
      knownApplication(account, detail.application_id);
      account.actions.applications.changeReason(id, parse(reasonSchema, body).rejection_reason_id);
      return account.store.rejections.byId(id);
    },
  },
  ...CANDIDATE_WRITES,
];

/** What Greenhouse would not do is the caller's error. */
export function perform(
  endpoint: WriteEndpoint,
  account: GreenhouseAccount,
  access: GrantedAccess,
  id: number,
  body: unknown,
): unknown {
  const { method, path } = endpoint;
  const { userId: performer, clientId } = access;
  try {
    const made = endpoint.perform(account, id, body, Number(performer));
    const route = `${method.toUpperCase()} ${path}`;
    account.writes.record({ route, record: String(id), value: body ?? null, performer, clientId });
    return made;
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
