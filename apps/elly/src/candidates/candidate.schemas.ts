import { APPLICATION_STATUSES, TOMBSTONES } from '@elly/ats-integration/contract';
import { z } from 'zod';
import { SOURCES } from '../jobs/job.entity.js';
import { sourceView, viewSource } from '../jobs/job.schemas.js';
import { pageOf, pageQuery } from '../paging/page.schema.js';
import type { Candidate } from './candidate.entity.js';

const text = z.string().trim().max(300).nullable();

export const createCandidateBody = z.strictObject({
  name: z.string().trim().min(1).max(300),
  emails: z.array(z.email()).max(20).optional(),
  phones: z.array(z.string().trim().min(1).max(50)).max(20).optional(),
  headline: text.optional(),
  company: text.optional(),
  location: text.optional(),
  /** Puts the candidate into the pipeline of this job, at its first stage of kind `applied`. */
  jobId: z.uuid().optional(),
});
export type CreateCandidateBody = z.output<typeof createCandidateBody>;

export const editCandidateBody = createCandidateBody
  .omit({ jobId: true })
  .partial()
  .extend({
    /** By the ATS's key of the field; only of an imported candidate. */
    customFields: z.record(z.string().min(1).max(200), z.json()).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'name at least one field to edit');
export type EditCandidateBody = z.output<typeof editCandidateBody>;

export const listCandidatesQuery = pageQuery.extend({
  /** Part of a name or of an e-mail address. */
  search: z.string().trim().min(1).max(200).optional(),
  source: z.enum(SOURCES).optional(),
});
export type ListCandidatesQuery = z.output<typeof listCandidatesQuery>;

export const candidateView = z.object({
  id: z.uuid(),
  name: z.string(),
  emails: z.array(z.string()),
  phones: z.array(z.string()),
  headline: z.string().nullable(),
  company: z.string().nullable(),
  location: z.string().nullable(),
  /** True when the ATS erased this person; nothing personal is left. */
  anonymised: z.boolean(),
  /** Why the ATS did not take their last edit, for whoever edited them. */
  correction: z.string().nullable(),
  source: sourceView,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type CandidateView = z.output<typeof candidateView>;
export const candidatePage = pageOf(candidateView);

export const applicationView = z.object({
  id: z.uuid(),
  job: z.object({ id: z.uuid(), title: z.string() }).nullable(),
  stage: z.object({ id: z.uuid(), name: z.string(), kind: z.string() }).nullable(),
  status: z.enum(APPLICATION_STATUSES),
  statusReason: z.string().nullable(),
  /** Why it stands at its stage: `mapped`, `suggested`, `nearest` or `status`; null for one made by hand. */
  placement: z.string().nullable(),
  source: z.enum(SOURCES),
  atsRecordId: z.uuid().nullable(),
  gone: z.enum(TOMBSTONES).nullable(),
  appliedAt: z.iso.datetime().nullable(),
  movedAt: z.iso.datetime(),
});
export type ApplicationView = z.output<typeof applicationView>;

export const candidateProfile = candidateView.extend({
  /** By the ATS's key of the field. */
  customFields: z.record(z.string(), z.object({ name: z.string(), type: z.string(), value: z.json() })),
  resume: z
    .object({
      filename: z.string(),
      contentType: z.string(),
      size: z.number(),
      storedAt: z.iso.datetime(),
      href: z.string(),
    })
    .nullable(),
  applications: z.array(applicationView),
});
export type CandidateProfile = z.output<typeof candidateProfile>;

export function viewCandidate(candidate: Candidate): CandidateView {
  const { id, name, emails, phones, headline, company, location, anonymised, correction } = candidate;
  return {
    id,
    name,
    emails,
    phones,
    headline,
    company,
    location,
    anonymised,
    correction,
    source: viewSource(candidate),
    createdAt: candidate.createdAt.toISOString(),
    updatedAt: candidate.updatedAt.toISOString(),
  };
}
