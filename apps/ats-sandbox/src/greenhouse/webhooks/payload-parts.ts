import type { ApplicationRow, AttachmentRow, CandidateRow, JobRow, Row } from '../data/rows.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';

export type Payload = Readonly<Record<string, unknown>>;

/** The shapes of webhooks are those of Harvest v1: nested, and with other names than the v3 API has. */
export function applicationPart(store: GreenhouseStore, application: ApplicationRow, linkOf: LinkOf): Payload {
  const { id, candidate_id: candidateId, job_id: jobId, status } = application;
  const stage = store.lastStageOf(id);
  const rejection = status === 'rejected' ? store.rejectionOf(id) : undefined;
  const person = store.candidates.byId(candidateId);
  const job = jobId === null ? undefined : store.jobs.byId(jobId);
  return {
    id,
    rejected_at: application.rejected_at,
    prospect: application.prospect,
    status: status === 'in_process' ? 'active' : status,
    applied_at: application.created_at,
    last_activity_at: application.last_activity_at,
    url: `https://app.greenhouse.io/people/${candidateId}?application_id=${id}`,
    source: named(store, 'sources', application.source_id, ['name']),
    credited_to: userPart(store, application.recruiter_id),
    rejection_reason: reasonPart(store, rejection?.rejection_reason_id ?? null),
    rejection_details: rejection === undefined ? null : { custom_fields: rejection.question_custom_fields ?? {} },
    current_stage: stage === undefined ? null : { id: stage.id, name: stage.name, interviews: [] },
    custom_fields: application.custom_fields ?? {},
    candidate: person === undefined ? null : candidatePart(store, person, linkOf),
    jobs: job === undefined ? [] : [jobPart(store, job)],
  };
}

/** The link under which a file can be fetched for a while. */
export type LinkOf = (file: AttachmentRow) => string;

export function candidatePart(store: GreenhouseStore, person: CandidateRow, linkOf: LinkOf): Payload {
  const { id } = person;
  return {
    id,
    first_name: person.first_name,
    last_name: person.last_name,
    title: person.title,
    company: person.company,
    created_at: person.created_at,
    external_id: null,
    photo_url: null,
    url: `https://app.greenhouse.io/people/${id}`,
    is_private: person.private === true,
    can_email: person.can_email,
    phone_numbers: person.phone_numbers,
    email_addresses: person.email_addresses,
    addresses: person.addresses,
    website_addresses: person.website_addresses,
    social_media_addresses: person.social_media_addresses,
    educations: [],
    employments: [],
    recruiter: null,
    coordinator: null,
    attachments: store
      .attachmentsOf(id)
      .map((file) => ({ filename: file.filename, url: linkOf(file), type: file.type })),
    tags: person.tags,
    custom_fields: person.custom_fields ?? {},
  };
}

export function jobPart(store: GreenhouseStore, job: JobRow): Payload {
  const departments = job.department_id === null ? [] : [job.department_id];
  return {
    id: job.id,
    name: job.name,
    requisition_id: job.requisition_id,
    notes: job.notes,
    confidential: job.confidential,
    job_post_id: postsOf(store, job.id)[0]?.['id'] ?? null,
    status: job.status,
    created_by_id: null,
    created_at: job.created_at,
    opened_at: job.opened_at,
    closed_at: job.closed_at,
    departments: departments.map((id) => named(store, 'departments', id, ['name', 'external_id'])),
    offices: (job.office_ids ?? []).map((id) => named(store, 'offices', id, ['name', 'location', 'external_id'])),
    custom_fields: job.custom_fields ?? {},
  };
}

/** What events about jobs have beyond the job as applications show it. */
export function wholeJobPart(store: GreenhouseStore, job: JobRow): Payload {
  return { ...jobPart(store, job), hiring_team: hiringTeam(store, job.id), openings: [] };
}

export function hiringTeam(store: GreenhouseStore, jobId: number): Payload {
  const of = (table: string, type?: string): readonly Payload[] =>
    tableRows(store, table)
      .filter((row) => row['job_id'] === jobId && (type === undefined || row['type'] === type))
      .map((row) => ({
        user_id: row['user_id'],
        employee_id: store.users.byId(Number(row['user_id']))?.employee_id ?? null,
      }));
  return {
    hiring_managers: of('job_hiring_managers'),
    sourcers: of('job_owners', 'sourcer'),
    recruiters: of('job_owners', 'recruiter'),
    coordinators: of('job_owners', 'coordinator'),
  };
}

/** A post is told of flat, not under a name of its own. */
export function postsOf(store: GreenhouseStore, jobId: number): readonly Payload[] {
  return tableRows(store, 'job_posts').filter((row) => row['job_id'] === jobId);
}

export function userPart(store: GreenhouseStore, userId: number | null): Payload | null {
  const user = userId === null ? undefined : store.users.byId(userId);
  if (user === undefined) return null;
  return { id: user.id, email: user.primary_email, name: user.name, employee_id: user.employee_id };
}

/** Its type without the key that the v3 API gives it. */
function reasonPart(store: GreenhouseStore, id: number | null): Payload | null {
  const reason = named(store, 'rejection_reasons', id, ['name', 'type']);
  if (reason === null) return null;
  const { id: typeId, name } = (reason['type'] ?? {}) as Payload;
  return { ...reason, type: { id: typeId, name } };
}

function named(store: GreenhouseStore, table: string, id: number | null, keys: readonly string[]): Payload | null {
  const row = id === null ? undefined : tableRows(store, table).find((one) => one['id'] === id);
  if (row === undefined) return null;
  return Object.fromEntries(['id', ...keys].map((key): [string, unknown] => [key, row[key]]));
}

function tableRows(store: GreenhouseStore, table: string): readonly Payload[] {
  return (store.small.get(table)?.all() ?? []).map((row: Row) => ({ ...row }));
}
