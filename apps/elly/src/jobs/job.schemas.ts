import { JOB_STATUSES, TOMBSTONES } from '@elly/ats-integration/contract';
import type { Tombstone } from '@elly/ats-integration/contract';
import { z } from 'zod';
import { pageOf, pageQuery } from '../paging/page.schema.js';
import type { Job } from './job.entity.js';
import { SOURCES } from './job.entity.js';

const title = z.string().trim().min(1).max(300);
const longText = z.string().max(100_000).nullable();
const shortText = z.string().trim().max(300).nullable();
/** `unknown` is what an import says when it does not know; a person does. */
const status = z.enum(['open', 'closed', 'draft', 'on-hold']);

export const createJobBody = z.strictObject({
  title,
  description: longText.optional(),
  status: status.optional(),
  department: shortText.optional(),
  location: shortText.optional(),
});
export type CreateJobBody = z.output<typeof createJobBody>;

export const patchJobBody = createJobBody
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'name at least one field to change');
export type PatchJobBody = z.output<typeof patchJobBody>;

export const listJobsQuery = pageQuery.extend({
  source: z.enum(SOURCES).optional(),
  status: z.enum(JOB_STATUSES).optional(),
});
export type ListJobsQuery = z.output<typeof listJobsQuery>;

export const sourceView = z.object({
  kind: z.enum(SOURCES),
  /** Set when it was imported. */
  provider: z.object({ id: z.string(), name: z.string() }).nullable(),
  connectionId: z.uuid().nullable(),
  /** The integration's id of the record: what its own routes take. */
  atsRecordId: z.uuid().nullable(),
  /** What became of it in its ATS; null while it is there. */
  gone: z.enum(TOMBSTONES).nullable(),
});
export type SourceView = z.output<typeof sourceView>;

export const jobView = z.object({
  id: z.uuid(),
  title: z.string(),
  /** HTML of unknown origin: show it only through a sanitiser. */
  description: z.string().nullable(),
  status: z.enum(JOB_STATUSES),
  department: z.string().nullable(),
  location: z.string().nullable(),
  url: z.string().nullable(),
  source: sourceView,
  /** Fields that cannot be changed in Elly; the reason is the source. */
  readOnlyFields: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type JobView = z.output<typeof jobView>;
export const jobPage = pageOf(jobView);

export const JOB_FIELDS = ['title', 'description', 'status', 'department', 'location'] as const;

export function viewJob(job: Job): JobView {
  const { id, title, description, status, department, location, url } = job;
  return {
    id,
    title,
    description,
    status,
    department,
    location,
    url,
    source: viewSource(job),
    readOnlyFields: job.source === 'ats' ? [...JOB_FIELDS] : [],
    createdAt: job.createdAt.toISOString(),
    updatedAt: job.updatedAt.toISOString(),
  };
}

interface Sourced {
  readonly source: SourceView['kind'];
  readonly provider: string | null;
  readonly providerName: string | null;
  readonly connectionId: string | null;
  readonly atsRecordId: string | null;
  readonly gone: Tombstone | null;
}

export function viewSource(row: Sourced): SourceView {
  return {
    kind: row.source,
    provider: row.provider === null ? null : { id: row.provider, name: row.providerName ?? row.provider },
    connectionId: row.connectionId,
    atsRecordId: row.atsRecordId,
    gone: row.gone,
  };
}
