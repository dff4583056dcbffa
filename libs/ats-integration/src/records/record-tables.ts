import type { JsonValue, ProviderRecord, RecordKind, RecordOf } from '../contract/records.js';

/** Where a kind is kept: its table, and each column's Postgres type. The first group decides whether a row changed. */
export interface RecordTable<K extends RecordKind> {
  readonly table: string;
  /** Mapped fields: part of the content hash. */
  readonly columns: Readonly<Record<string, string>>;
  readonly toRow: (record: RecordOf<K>) => Readonly<Record<string, JsonValue | undefined>>;
  /** Columns that we derive (a placement, whether a job counts as open): written with the row, not part of the hash. */
  readonly derived?: Readonly<Record<string, string>>;
  /** Assignments on conflict that are not simply the new value, by column. */
  readonly onConflict?: Readonly<Record<string, string>>;
}

const iso = (date: Date | null): string | null => (date === null ? null : date.toISOString());

export const RECORD_TABLES: { readonly [K in RecordKind]: RecordTable<K> } = {
  user: {
    table: 'ats.users',
    columns: { name: 'text', email: 'text', active: 'boolean' },
    toRow: (user) => ({ name: user.name, email: user.email, active: user.active }),
  },
  job: {
    table: 'ats.jobs',
    columns: {
      title: 'text',
      description_html: 'text',
      status: 'text',
      remote_status: 'text',
      department: 'text',
      location: 'text',
      confidential: 'boolean',
      opened_at: 'timestamptz',
      closed_at: 'timestamptz',
      url: 'text',
      custom_fields: 'jsonb',
    },
    derived: { open: 'boolean' },
    // A job that closes and opens again has had applicants meanwhile: they are fetched once more.
    onConflict: { people_imported: 't.people_imported and excluded.open' },
    toRow: (job) => ({
      title: job.title,
      description_html: job.descriptionHtml,
      status: job.status,
      remote_status: job.remoteStatus,
      department: job.department,
      location: job.location,
      confidential: job.confidential,
      opened_at: iso(job.openedAt),
      closed_at: iso(job.closedAt),
      url: job.url,
      custom_fields: job.customFields as unknown as JsonValue,
    }),
  },
  stage: {
    table: 'ats.stages',
    columns: { name: 'text', job_remote_id: 'text', position: 'double precision', active: 'boolean' },
    toRow: (stage) => ({
      name: stage.name,
      job_remote_id: stage.jobRemoteId,
      position: stage.position,
      active: stage.active,
    }),
  },
  candidate: {
    table: 'ats.candidates',
    columns: {
      name: 'text',
      first_name: 'text',
      last_name: 'text',
      emails: 'json',
      phones: 'json',
      headline: 'text',
      company: 'text',
      location: 'text',
      links: 'json',
      tags: 'json',
      anonymised: 'boolean',
      url: 'text',
      custom_fields: 'json',
    },
    toRow: (candidate) => ({
      name: candidate.name,
      first_name: candidate.firstName,
      last_name: candidate.lastName,
      emails: candidate.emails as unknown as JsonValue,
      phones: candidate.phones as unknown as JsonValue,
      headline: candidate.headline,
      company: candidate.company,
      location: candidate.location,
      links: candidate.links,
      tags: candidate.tags,
      anonymised: candidate.anonymised,
      url: candidate.url,
      custom_fields: candidate.customFields as unknown as JsonValue,
    }),
  },
  application: {
    table: 'ats.applications',
    columns: {
      candidate_remote_id: 'text',
      job_remote_id: 'text',
      stage_remote_id: 'text',
      stage_name: 'text',
      status: 'text',
      status_reason: 'text',
      applied_at: 'timestamptz',
      stage_changed_at: 'timestamptz',
      source: 'text',
      owner_remote_id: 'text',
      custom_fields: 'json',
    },
    derived: { host_stage_id: 'text', placed_how: 'text' },
    toRow: (application) => ({
      candidate_remote_id: application.candidateRemoteId,
      job_remote_id: application.jobRemoteId,
      stage_remote_id: application.stageRemoteId,
      stage_name: application.stageName,
      status: application.status,
      status_reason: application.statusReason,
      applied_at: iso(application.appliedAt),
      stage_changed_at: iso(application.stageChangedAt),
      source: application.source,
      owner_remote_id: application.ownerRemoteId,
      custom_fields: application.customFields as unknown as JsonValue,
    }),
  },
  resume: {
    table: 'ats.resumes',
    // The locator is not among them: a signed link is another one at every listing of the same file.
    columns: {
      candidate_remote_id: 'text',
      application_remote_id: 'text',
      filename: 'text',
      uploaded_at: 'timestamptz',
    },
    derived: { locator: 'json' },
    onConflict: {
      file_state: "case when t.hash = excluded.hash then t.file_state else 'pending' end",
      file_attempts: 'case when t.hash = excluded.hash then t.file_attempts else 0 end',
    },
    toRow: (resume) => ({
      candidate_remote_id: resume.candidateRemoteId,
      application_remote_id: resume.applicationRemoteId,
      filename: resume.filename,
      uploaded_at: iso(resume.uploadedAt),
    }),
  },
  'stage-stay': {
    table: 'ats.stage_stays',
    columns: {
      application_remote_id: 'text',
      stage_remote_id: 'text',
      entered_at: 'timestamptz',
      left_at: 'timestamptz',
      moved_by_remote_id: 'text',
    },
    toRow: (stay) => ({
      application_remote_id: stay.applicationRemoteId,
      stage_remote_id: stay.stageRemoteId,
      entered_at: iso(stay.enteredAt),
      left_at: iso(stay.leftAt),
      moved_by_remote_id: stay.movedByRemoteId,
    }),
  },
};

/** Milliseconds by which two states of one record are told apart; 0 when the ATS does not say. */
export function versionOf(record: ProviderRecord): number {
  return record.updatedAt?.getTime() ?? 0;
}
