import { z } from 'zod';
import type { CandidateRow } from '../data/rows.js';
import { ANONYMIZABLE_FIELDS } from './anonymizing.js';
import type { ApplicationActions } from './application-actions.js';
import type { LogEntry } from './change-log.js';
import type { JobActions } from './job-actions.js';
import type { RecordActions } from './record-actions.js';

const id = z.coerce.number().int().positive();
const nullableText = z.string().nullable().optional();

const operationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('move'), application: id, toStage: id.optional(), toJob: id.optional() }),
  z.strictObject({ op: z.literal('reject'), application: id, reason: id.optional() }),
  z.strictObject({ op: z.literal('unreject'), application: id }),
  z.strictObject({ op: z.literal('hire'), application: id }),
  z.strictObject({
    op: z.literal('edit-candidate'),
    candidate: id,
    set: z.strictObject({
      first_name: z.string().optional(),
      last_name: z.string().optional(),
      title: nullableText,
      company: nullableText,
      email: nullableText,
    }),
  }),
  z.strictObject({ op: z.literal('open-job'), job: id }),
  z.strictObject({ op: z.literal('close-job'), job: id }),
  z.strictObject({
    op: z.literal('create-candidate'),
    job: id,
    first_name: z.string(),
    last_name: z.string(),
    email: z.string().optional(),
    resume: z.boolean().optional(),
  }),
  z.strictObject({ op: z.literal('create-job'), name: z.string(), status: z.enum(['open', 'draft', 'closed']) }),
  z.strictObject({ op: z.literal('delete-candidate'), candidate: id }),
  z.strictObject({ op: z.literal('delete-application'), application: id }),
  z.strictObject({ op: z.literal('delete-job'), job: id }),
  z.strictObject({ op: z.literal('add-resume'), candidate: id }),
  z.strictObject({ op: z.literal('unhire'), application: id }),
  z.strictObject({
    op: z.literal('edit-application'),
    application: id,
    set: z.strictObject({ source_id: id.optional(), recruiter_id: id.nullable().optional() }),
  }),
  z.strictObject({ op: z.literal('create-application'), candidate: id, job: id }),
  z.strictObject({ op: z.literal('merge-candidates'), primary: id, secondary: id }),
  z.strictObject({
    op: z.literal('anonymize-candidate'),
    candidate: id,
    fields: z.array(z.enum(ANONYMIZABLE_FIELDS)).optional(),
  }),
  z.strictObject({ op: z.literal('set-private'), candidate: id, private: z.boolean() }),
  z.strictObject({
    op: z.literal('edit-job'),
    job: id,
    set: z.strictObject({ name: z.string().optional(), notes: nullableText, requisition_id: nullableText }),
  }),
  z.strictObject({ op: z.literal('set-job-confidential'), job: id, confidential: z.boolean() }),
  z.strictObject({ op: z.literal('delete-stage'), stage: id }),
  z.strictObject({ op: z.literal('set-stage-active'), stage: id, active: z.boolean() }),
  z.strictObject({ op: z.literal('rename-stage'), stage: id, name: z.string() }),
]);

export type Operation = z.infer<typeof operationSchema>;

export function parseOperation(raw: unknown): Operation {
  const parsed = operationSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(
    `Greenhouse cannot do ${JSON.stringify(raw)}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}

export interface Actions {
  readonly applications: ApplicationActions;
  readonly records: RecordActions;
  readonly jobs: JobActions;
}

export function apply({ applications, records, jobs }: Actions, operation: Operation): LogEntry {
  switch (operation.op) {
    case 'move':
      return applications.move(operation.application, { toStageId: operation.toStage, toJobId: operation.toJob });
    case 'reject':
      return applications.reject(operation.application, operation.reason);
    case 'unreject':
      return applications.unreject(operation.application);
    case 'hire':
      return applications.hire(operation.application);
    case 'edit-candidate': {
      const { email, ...set } = operation.set;
      const emails =
        email === undefined ? {} : { email_addresses: email === null ? [] : [{ value: email, type: 'personal' }] };
      const changes: Partial<CandidateRow> = { ...defined(set), ...emails };
      return records.editCandidate(operation.candidate, changes);
    }
    case 'open-job':
      return jobs.setStatus(operation.job, 'open');
    case 'close-job':
      return jobs.setStatus(operation.job, 'closed');
    case 'create-candidate':
      return records.createCandidate(operation);
    case 'create-job':
      return jobs.create(operation.name, operation.status);
    case 'delete-candidate':
      return records.deleteCandidate(operation.candidate);
    case 'delete-application':
      return records.deleteApplication(operation.application);
    case 'delete-job':
      return jobs.delete(operation.job);
    case 'add-resume':
      return records.addResume(operation.candidate);
    case 'unhire':
      return applications.unhire(operation.application);
    case 'edit-application':
      return applications.edit(operation.application, defined(operation.set));
    case 'create-application':
      return records.applyAgain(operation.candidate, operation.job);
    case 'merge-candidates':
      return records.merge(operation.primary, operation.secondary);
    case 'anonymize-candidate':
      return records.anonymize(operation.candidate, operation.fields);
    case 'set-private':
      return records.setPrivate(operation.candidate, operation.private);
    case 'edit-job':
      return jobs.edit(operation.job, defined(operation.set));
    case 'set-job-confidential':
      return jobs.setConfidential(operation.job, operation.confidential);
    case 'delete-stage':
      return jobs.deleteStage(operation.stage);
    case 'set-stage-active':
      return jobs.setStageActive(operation.stage, operation.active);
    case 'rename-stage':
      return jobs.renameStage(operation.stage, operation.name);
  }
}

function defined<Item extends object>(item: Item): Partial<Item> {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as Partial<Item>;
}
