import type {
  ApplicationRecord,
  ApplicationStatus,
  CandidateRecord,
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
  LeverArchiveReason,
  LeverOpportunity,
  LeverOpportunityState,
  LeverPosting,
  LeverResume,
  LeverStage,
  LeverUser,
} from './api.schemas.js';

/** Archive reasons by id: the list is account-wide and short. */
export type ArchiveReasons = ReadonlyMap<string, LeverArchiveReason>;

export function toUser(user: LeverUser): UserRecord {
  return {
    kind: 'user',
    remoteId: user.id,
    updatedAt: null,
    name: user.name ?? '',
    email: user.email,
    active: user.deactivatedAt === null,
  };
}

export function toStage({ id, text, position }: LeverStage): StageRecord {
  return { kind: 'stage', remoteId: id, updatedAt: null, name: text ?? id, jobRemoteId: null, position, active: true };
}

const JOB_STATUS: Readonly<Record<string, JobStatus>> = {
  published: 'open',
  internal: 'open',
  closed: 'closed',
  draft: 'draft',
  // Waiting for approval, and refused it: neither was ever open.
  pending: 'draft',
  rejected: 'draft',
};

export function toJob(posting: LeverPosting): JobRecord {
  const { categories } = posting;
  return {
    kind: 'job',
    remoteId: posting.id,
    updatedAt: posting.updatedAt,
    title: posting.text ?? '',
    descriptionHtml: describe(posting),
    status: lookUp(JOB_STATUS, posting.state) ?? 'unknown',
    remoteStatus: posting.state,
    department: categories?.department ?? categories?.team ?? null,
    location: categories?.location ?? null,
    confidential: posting.confidentiality === 'confidential',
    openedAt: null,
    closedAt: null,
    url: posting.urls?.show ?? null,
    customFields: customFields([
      ['team', 'Team', 'text', categories?.team ?? null],
      ['commitment', 'Commitment', 'text', categories?.commitment ?? null],
      ['level', 'Level', 'text', categories?.level ?? null],
      ['workplaceType', 'Work place', 'single-select', posting.workplaceType],
      ['requisitionCodes', 'Requisition codes', 'list', posting.requisitionCodes],
    ]),
  };
}

/** Lever keeps a posting's text in three parts that its own job page shows one below the other. */
function describe({ content }: LeverPosting): string | null {
  if (content === null) return null;
  const lists = content.lists.map((list) => `<h3>${escapeHtml(list.text ?? '')}</h3><ul>${list.content ?? ''}</ul>`);
  const html = [content.descriptionHtml ?? '', ...lists, content.closingHtml ?? ''].join('');
  return html === '' ? null : html;
}

/** What an opportunity shows of the contact behind it. */
export type LeverPerson = Pick<
  LeverOpportunity,
  'contact' | 'name' | 'headline' | 'location' | 'emails' | 'phones' | 'links' | 'isAnonymized'
>;

/**
 * The person behind an opportunity. Only what lives on the contact: two opportunities of one person must give the very same
 * record, or every sync would write the one over the other. So no `updatedAt`, tags, sources or page address, which belong to the opportunity.
 */
export function toCandidate(opportunity: LeverPerson): CandidateRecord {
  const anonymised = opportunity.isAnonymized === true;
  return {
    kind: 'candidate',
    remoteId: opportunity.contact,
    updatedAt: null,
    name: anonymised ? '' : (opportunity.name ?? ''),
    firstName: null,
    lastName: null,
    emails: anonymised ? [] : opportunity.emails.filter(isFilled).map((value) => ({ value, type: null })),
    phones: anonymised ? [] : opportunity.phones.filter((phone) => isFilled(phone.value)),
    headline: anonymised ? null : opportunity.headline,
    company: null,
    location: anonymised ? null : opportunity.location,
    links: anonymised ? [] : opportunity.links.filter(isFilled),
    tags: [],
    anonymised,
    url: null,
    customFields: {},
  };
}

/** An opportunity is one person's way through the pipeline, for one posting or, as a lead, for none. */
export function toApplication(opportunity: LeverOpportunity, reasons: ArchiveReasons): ApplicationRecord {
  // Never more than one (Lever Data API docs, Opportunities).
  const application = opportunity.applications[0] ?? null;
  const { archived, stage } = opportunity;
  const reason = archived?.reason == null ? null : (reasons.get(archived.reason) ?? null);
  const status = statusOf(opportunity, reasons);
  return {
    kind: 'application',
    remoteId: opportunity.id,
    updatedAt: lastChange(opportunity),
    candidateRemoteId: opportunity.contact,
    jobRemoteId: application?.posting ?? null,
    stageRemoteId: stage?.id ?? null,
    stageName: stage?.name ?? null,
    status,
    statusReason: status === 'rejected' ? (reason?.text ?? null) : null,
    appliedAt: application === null ? null : (application.createdAt ?? opportunity.createdAt),
    stageChangedAt: archived?.archivedAt ?? opportunity.lastAdvancedAt,
    source: opportunity.sources.length === 0 ? null : opportunity.sources.join(', '),
    ownerRemoteId: opportunity.owner,
    customFields: customFields([
      ['tags', 'Tags', 'list', opportunity.tags],
      ['origin', 'Origin', 'single-select', opportunity.origin],
      ['opportunityLocation', 'Location applied to', 'text', opportunity.opportunityLocation],
      ...(opportunity.isAnonymized === true ? [] : (application?.answers ?? [])).map((field): FieldEntry => [
        `question:${field.id}`,
        field.text ?? '',
        field.type ?? 'text',
        field.value,
      ]),
    ]),
  };
}

/** Archived is hired or rejected, by the type of its reason. */
export function statusOf({ archived }: Pick<LeverOpportunity, 'archived'>, reasons: ArchiveReasons): ApplicationStatus {
  if (archived === null) return 'active';
  return archived.reason !== null && reasons.get(archived.reason)?.type === 'hired' ? 'hired' : 'rejected';
}

/**
 * Lever leaves `updatedAt` null on rows that nobody touched since it began to keep it. Every change sets it to the moment of
 * the change, which is later than any of these, so the fallback never makes an older version look newer.
 */
export function lastChange(opportunity: LeverOpportunityState): Date | null {
  const { createdAt, updatedAt, lastAdvancedAt, archived } = opportunity;
  if (updatedAt !== null) return updatedAt;
  const moments = [createdAt, lastAdvancedAt, archived?.archivedAt ?? null].filter((moment) => moment !== null);
  return moments.length === 0 ? null : new Date(Math.max(...moments.map((moment) => moment.getTime())));
}

export function toResume(
  resume: LeverResume,
  application: { remoteId: string; candidateRemoteId: string },
): ResumeRecord {
  const uploadedAt = resume.file?.uploadedAt ?? resume.createdAt;
  return {
    kind: 'resume',
    remoteId: resume.id,
    updatedAt: uploadedAt,
    candidateRemoteId: application.candidateRemoteId,
    applicationRemoteId: application.remoteId,
    filename: filenameOf(resume),
    // Not the file's own `downloadUrl`: that one is on the web host, which must never see the API's credentials.
    locator: { opportunity: application.remoteId, resume: resume.id },
    uploadedAt,
  };
}

/** `ext` comes with and without its dot, and a name often has the extension already. */
function filenameOf({ id, file }: LeverResume): string {
  const name = file?.name ?? id;
  const extension = file?.ext?.replace(/^\./, '') ?? '';
  return extension === '' || name.toLowerCase().endsWith(`.${extension.toLowerCase()}`) ? name : `${name}.${extension}`;
}

type FieldEntry = readonly [key: string, name: string, type: string, value: JsonValue];

/** Empty values are left out: a field that the ATS does not fill is not a field of the record. */
function customFields(entries: readonly FieldEntry[]): CustomFields {
  const filled = entries.filter(([, , , value]) => value !== null && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(
    filled.map(([key, name, type, value]): [string, CustomField] => [key, { name, type, value }]),
  );
}

/** Own keys only: a vendor's word may be `constructor`. */
function lookUp<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

const isFilled = (value: string): boolean => value.trim() !== '';

function escapeHtml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
