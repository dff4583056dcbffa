import type {
  ApplicationRecord,
  ApplicationStatus,
  CandidateRecord,
  ContactPoint,
  CustomField,
  CustomFields,
  JobRecord,
  JobStatus,
  JsonValue,
  ResumeRecord,
  StageRecord,
  UserRecord,
} from '../../contract.js';
import type {
  GreenhouseApplication,
  GreenhouseApplicationStage,
  GreenhouseAttachment,
  GreenhouseCandidate,
  GreenhouseJob,
  GreenhouseJobPost,
  GreenhouseStage,
  GreenhouseUser,
} from './api.schemas.js';

export function toUser(user: GreenhouseUser): UserRecord {
  return {
    kind: 'user',
    remoteId: user.id,
    updatedAt: user.updated_at,
    name: user.name ?? fullName(user),
    // Empty for a service account.
    email: user.primary_email,
    active: user.deactivated !== true,
  };
}

const JOB_STATUS: Readonly<Record<string, JobStatus>> = { open: 'open', closed: 'closed', draft: 'draft' };

/** Names by id, for what a job only refers to. */
export interface JobNames {
  readonly departments: ReadonlyMap<string, string>;
  readonly offices: ReadonlyMap<string, string>;
}

export function toJob(job: GreenhouseJob, names: JobNames, post: GreenhouseJobPost | null): JobRecord {
  const offices = job.office_ids.map((id) => names.offices.get(id)).filter((name) => name !== undefined);
  return {
    kind: 'job',
    remoteId: job.id,
    updatedAt: job.updated_at,
    title: job.name ?? '',
    // The job's own `notes` are for the hiring team: what candidates read is the post.
    descriptionHtml: post?.content ?? null,
    status: lookUp(JOB_STATUS, job.status) ?? 'unknown',
    remoteStatus: job.status,
    department: job.department_id === null ? null : (names.departments.get(job.department_id) ?? null),
    location: offices.length === 0 ? null : offices.join(', '),
    confidential: job.confidential === true,
    openedAt: job.opened_at,
    closedAt: job.closed_at,
    url: post?.public_url ?? null,
    customFields: toCustomFields(job.custom_fields, [
      ['job.requisition_id', 'Requisition id', 'short_text', job.requisition_id],
    ]),
  };
}

/** The post that candidates see: one with a text before one without, live before not, external before internal, newest last. */
export function choosePost(posts: readonly GreenhouseJobPost[]): GreenhouseJobPost | null {
  const rank = (post: GreenhouseJobPost): string =>
    [post.content !== null, post.live === true, post.internal !== true].map(Number).join('') +
    post.id.padStart(20, '0');
  return posts.reduce<GreenhouseJobPost | null>(
    (best, post) => (best === null || rank(post) > rank(best) ? post : best),
    null,
  );
}

export function toStage(stage: GreenhouseStage): StageRecord {
  return {
    kind: 'stage',
    remoteId: stage.id,
    updatedAt: stage.updated_at,
    name: stage.name ?? '',
    jobRemoteId: stage.job_id,
    position: stage.sort_order ?? 0,
    active: stage.active !== false,
  };
}

const APPLICATION_STATUS: Readonly<Record<string, ApplicationStatus>> = {
  // Answers say `in_process` for what filters call `active`.
  in_process: 'active',
  active: 'active',
  rejected: 'rejected',
  hired: 'hired',
  converted: 'converted',
};

/** What an application only refers to. */
export interface ApplicationFacts {
  /** Its present row in `application_stages`, where that had to be asked for. */
  readonly present: GreenhouseApplicationStage | null;
  readonly source: string | null;
}

export function toApplication(
  application: GreenhouseApplication,
  { present, source }: ApplicationFacts,
): ApplicationRecord {
  const status = lookUp(APPLICATION_STATUS, application.status) ?? 'unknown';
  const answers = application.answers.map(({ question, answer }) => ({ question, answer }));
  return {
    kind: 'application',
    remoteId: application.id,
    updatedAt: application.updated_at,
    candidateRemoteId: application.candidate_id,
    jobRemoteId: application.prospect === true ? null : application.job_id,
    // Never `stage_id`: that is a row of this application alone and matches no stage of a job.
    stageRemoteId: application.job_interview_stage_id ?? present?.job_interview_stage_id ?? null,
    stageName: application.stage_name,
    status,
    // The reason is in another list, fifty applications a request: it is not fetched.
    statusReason: null,
    appliedAt: application.created_at,
    stageChangedAt: status === 'rejected' ? application.rejected_at : (present?.entered_at ?? null),
    source,
    ownerRemoteId: application.recruiter_id,
    customFields: toCustomFields(application.custom_fields, [
      ['application.answers', 'Answers', 'answers', answers.length === 0 ? null : answers],
      ['application.location_address', 'Location', 'short_text', application.location_address],
    ]),
  };
}

/** Whether the job's stage has to be asked for: the application is in one, and does not say which. */
export function lacksStage(application: GreenhouseApplication): boolean {
  const inStage = application.stage_id !== null || application.stage_name !== null;
  return (
    lookUp(APPLICATION_STATUS, application.status) === 'active' &&
    application.job_interview_stage_id === null &&
    inStage
  );
}

/** The row that the application names as its own, else the latest: history can leave several that call themselves current. */
export function choosePresent(
  application: GreenhouseApplication,
  rows: readonly GreenhouseApplicationStage[],
): GreenhouseApplicationStage | null {
  const named = rows.find((row) => row.id === application.stage_id);
  const entered = (row: GreenhouseApplicationStage): number => row.entered_at?.getTime() ?? 0;
  return (
    named ??
    rows.reduce<GreenhouseApplicationStage | null>(
      (best, row) => (best === null || entered(row) > entered(best) ? row : best),
      null,
    )
  );
}

export function toCandidate(candidate: GreenhouseCandidate): CandidateRecord {
  const emails = contactPoints(candidate.email_addresses);
  const phones = contactPoints(candidate.phone_numbers);
  const name = fullName(candidate);
  return {
    kind: 'candidate',
    remoteId: candidate.id,
    updatedAt: candidate.updated_at,
    name,
    firstName: candidate.first_name,
    lastName: candidate.last_name,
    emails,
    phones,
    headline: candidate.title,
    company: candidate.company,
    location: contactPoints(candidate.addresses)[0]?.value ?? null,
    links: contactPoints([...candidate.website_addresses, ...candidate.social_media_addresses]).map(
      (link) => link.value,
    ),
    tags: candidate.tags,
    // v3 has no flag for it. Greenhouse demands both names of every candidate, so one without a name was emptied.
    anonymised: name === '' && emails.length === 0 && phones.length === 0,
    url: `https://app.greenhouse.io/people/${candidate.id}`,
    customFields: toCustomFields(candidate.custom_fields, [
      ['candidate.private', 'Private candidate', 'boolean', candidate.private === true ? true : null],
    ]),
  };
}

export function toResume(attachment: GreenhouseAttachment, candidateRemoteId: string): ResumeRecord {
  return {
    kind: 'resume',
    remoteId: attachment.id,
    updatedAt: attachment.updated_at,
    candidateRemoteId,
    applicationRemoteId: attachment.application_id,
    filename: attachment.filename ?? `resume-${attachment.id}`,
    // The link is signed and ends after seven days; the id finds a new one.
    locator: { attachment: attachment.id, url: attachment.url },
    uploadedAt: attachment.created_at,
  };
}

function contactPoints(
  points: readonly { readonly value: string | null; readonly type: string | null }[],
): readonly ContactPoint[] {
  return points.flatMap(({ value, type }) => (value === null ? [] : [{ value: value.trim(), type }]));
}

function fullName({ first_name, last_name }: { first_name: string | null; last_name: string | null }): string {
  return [first_name, last_name].filter((part) => part !== null).join(' ');
}

type OwnField = readonly [key: string, name: string, type: string, value: JsonValue];

/** The customer's fields, and ours behind them: a dot is in no `name_key`, so the two never meet. */
function toCustomFields(fields: GreenhouseJob['custom_fields'], own: readonly OwnField[]): CustomFields {
  const theirs = Object.entries(fields).flatMap(([key, field]): [string, CustomField][] =>
    field == null ? [] : [[key, { name: field.name ?? key, type: field.type ?? 'unknown', value: field.value }]],
  );
  const ours = own
    .filter(([, , , value]) => value !== null)
    .map(([key, name, type, value]): [string, CustomField] => [key, { name, type, value }]);
  return Object.fromEntries([...theirs, ...ours]);
}

/** Own keys only: a vendor's word may be `constructor`. */
function lookUp<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
