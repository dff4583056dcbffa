import { iso } from '../data/frame.js';
import type { AttachmentRow, CandidateRow, JobRow } from '../data/rows.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';
import type { Clock } from '../../server/sandbox-clock.js';
import { ActionRefused } from './action-refused.js';
import {
  ANONYMIZABLE_FIELDS,
  anonymizedApplication,
  anonymizedCandidate,
  type AnonymizableField,
} from './anonymizing.js';
import type { ApplicationActions } from './application-actions.js';
import type { ChangeLog, LogEntry } from './change-log.js';

export interface NewCandidate {
  readonly job: number;
  readonly first_name: string;
  readonly last_name: string;
  readonly email?: string | undefined;
  readonly resume?: boolean | undefined;
}

/** What is done to people. */
export class RecordActions {
  readonly #store: GreenhouseStore;
  readonly #clock: Clock;
  readonly #log: ChangeLog;
  readonly #applications: ApplicationActions;

  constructor(store: GreenhouseStore, clock: Clock, log: ChangeLog, applications: ApplicationActions) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#applications = applications;
  }

  editCandidate(candidateId: number, changes: Partial<CandidateRow>): LogEntry {
    const person = this.#candidate(candidateId);
    const at = this.#now();
    this.#store.candidates.put({ ...person, ...changes, id: person.id, updated_at: at });
    return this.#log.append({
      at,
      op: 'edit-candidate',
      kind: 'candidates',
      id: candidateId,
      detail: { set: changes },
    });
  }

  /** A private person is one that a connection may no longer see. */
  setPrivate(candidateId: number, hidden: boolean): LogEntry {
    const person = this.#candidate(candidateId);
    const at = this.#now();
    this.#store.candidates.put({ ...person, private: hidden, updated_at: at });
    return this.#log.append({
      at,
      op: 'set-private',
      kind: 'candidates',
      id: candidateId,
      detail: { private: hidden },
    });
  }

  createCandidate(made: NewCandidate): LogEntry {
    const job = this.#job(made.job);
    if (job.status === 'closed') throw new ActionRefused('The job is closed.');
    const at = this.#now();
    const person = this.#store.candidates.append((id) => ({
      id,
      created_at: at,
      updated_at: at,
      first_name: made.first_name,
      last_name: made.last_name,
      preferred_name: null,
      company: null,
      title: null,
      last_activity_at: at,
      private: false,
      can_email: true,
      time_zone: null,
      tags: [],
      linked_user_ids: [],
      phone_numbers: [],
      addresses: [],
      email_addresses: made.email === undefined ? [] : [{ value: made.email, type: 'personal' }],
      website_addresses: [],
      social_media_addresses: [],
      custom_fields: {},
    }));
    const application = this.#applications.create(person.id, job.id, at);
    const file = made.resume === true ? this.#attach(person, application.id, at) : undefined;
    const detail = { application: application.id, job: job.id, resume: file?.id ?? null };
    return this.#log.append({ at, op: 'create-candidate', kind: 'candidates', id: person.id, detail });
  }

  /** Somebody who is known applies to one more job. */
  applyAgain(candidateId: number, jobId: number): LogEntry {
    const person = this.#candidate(candidateId);
    const job = this.#job(jobId);
    if (job.status === 'closed') throw new ActionRefused('The job is closed.');
    const at = this.#now();
    const { id } = this.#applications.create(person.id, job.id, at);
    this.#store.candidates.put({ ...person, last_activity_at: at });
    const detail = { application: id, candidate: candidateId, job: jobId };
    return this.#log.append({ at, op: 'create-application', kind: 'applications', id, detail });
  }

  /** On the person's newest application; the one before stays, as an `other` file. */
  addResume(candidateId: number): LogEntry {
    const person = this.#candidate(candidateId);
    const application = this.#store
      .applicationsOf(candidateId)
      .toSorted((a, b) => a.id - b.id)
      .at(-1);
    if (application === undefined) throw new ActionRefused('The candidate has no application to attach it to.');
    const at = this.#now();
    for (const file of this.#store.attachmentsOf(candidateId)) {
      if (file.type !== 'resume' || file.application_id !== application.id) continue;
      this.#store.attachments.put({ ...file, type: 'other', updated_at: at });
    }
    const file = this.#attach(person, application.id, at);
    this.#store.candidates.put({ ...person, last_activity_at: at });
    return this.#log.append({ at, op: 'add-resume', kind: 'resumes', id: file.id, detail: { candidate: candidateId } });
  }

  /** With everything that hangs on the person. */
  deleteCandidate(candidateId: number): LogEntry {
    const person = this.#candidate(candidateId);
    const applications = this.#store.applicationsOf(candidateId).map(({ id }) => id);
    for (const id of applications) this.#applications.remove(id);
    for (const file of this.#store.attachmentsOf(candidateId)) this.#store.attachments.remove(file.id);
    this.#store.candidates.remove(candidateId);
    return this.#log.append({
      at: this.#now(),
      op: 'delete-candidate',
      kind: 'candidates',
      id: candidateId,
      detail: { applications },
      gone: { ...goneRow(person), deleted_application_ids: applications },
    });
  }

  /** The second person's applications, files and tags become the first one's, and the second person is no more. */
  merge(primaryId: number, secondaryId: number): LogEntry {
    const primary = this.#candidate(primaryId);
    const secondary = this.#candidate(secondaryId);
    if (primaryId === secondaryId) throw new ActionRefused('A candidate cannot be merged with themselves.');
    const at = this.#now();
    const applications = this.#store.applicationsOf(secondaryId);
    for (const row of applications) {
      this.#store.moveApplication({ ...row, candidate_id: primaryId, updated_at: at, last_activity_at: at });
    }
    for (const file of this.#store.attachmentsOf(secondaryId)) {
      this.#store.moveAttachment({ ...file, candidate_id: primaryId, updated_at: at });
    }
    const known = new Set(primary.email_addresses.map(({ value }) => value.toLowerCase()));
    const more = secondary.email_addresses.filter(({ value }) => !known.has(value.toLowerCase()));
    this.#store.candidates.put({
      ...primary,
      tags: [...new Set([...primary.tags, ...secondary.tags])],
      email_addresses: [...primary.email_addresses, ...more],
      updated_at: at,
      last_activity_at: at,
    });
    this.#store.candidates.remove(secondaryId);
    return this.#log.append({
      at,
      op: 'merge-candidates',
      kind: 'candidates',
      id: secondaryId,
      detail: { into: primaryId, applications: applications.map(({ id }) => id) },
      gone: { ...goneRow(secondary), new_candidate_id: primaryId },
    });
  }

  /** Erases the fields that are named; by default all that the vendor can erase. */
  anonymize(candidateId: number, fields: readonly AnonymizableField[] = ANONYMIZABLE_FIELDS): LogEntry {
    const person = this.#candidate(candidateId);
    const at = this.#now();
    for (const application of this.#store.applicationsOf(candidateId)) {
      this.#store.applications.put({ ...application, ...anonymizedApplication(fields), updated_at: at });
      const rejection = this.#store.rejectionOf(application.id);
      if (rejection === undefined || !fields.includes('rejection_reasons')) continue;
      this.#store.rejections.put({ ...rejection, rejection_reason_id: null, updated_at: at });
    }
    if (fields.includes('attachments')) {
      for (const file of this.#store.attachmentsOf(candidateId)) this.#store.attachments.remove(file.id);
    }
    this.#store.candidates.put({ ...person, ...anonymizedCandidate(fields), updated_at: at });
    const detail = { fields };
    return this.#log.append({ at, op: 'anonymize-candidate', kind: 'candidates', id: candidateId, detail });
  }

  deleteApplication(applicationId: number): LogEntry {
    const row = this.#store.applications.byId(applicationId);
    const reason = this.#store.rejectionOf(applicationId);
    this.#applications.remove(applicationId);
    return this.#log.append({
      at: this.#now(),
      op: 'delete-application',
      kind: 'applications',
      id: applicationId,
      detail: { candidate: row?.candidate_id ?? null },
      gone: {
        id: applicationId,
        candidate_id: row?.candidate_id ?? null,
        job_id: row?.job_id ?? null,
        created_at: row?.created_at ?? null,
        source_id: row?.source_id ?? null,
        candidate_rejection_reason_id: reason?.rejection_reason_id ?? null,
        rejection_note_id: null,
        rejected_at: row?.rejected_at ?? null,
        referrer_id: row?.referrer_id ?? null,
        prospect: row?.prospect ?? false,
        rejected_by_user_id: reason?.rejected_by_id ?? null,
      },
    });
  }

  #attach(person: CandidateRow, applicationId: number, at: string): AttachmentRow {
    return this.#store.addAttachment((id) => ({
      id,
      created_at: at,
      updated_at: at,
      application_id: applicationId,
      candidate_id: person.id,
      type: 'resume',
      filename: `${(person.last_name ?? 'candidate').replaceAll(' ', '_')}_resume_${id % 100_000}.pdf`,
    }));
  }

  #candidate(candidateId: number): CandidateRow {
    const person = this.#store.candidates.byId(candidateId);
    if (person === undefined) throw new ActionRefused('There is no such candidate.');
    return person;
  }

  #job(jobId: number): JobRow {
    const job = this.#store.jobs.byId(jobId);
    if (job === undefined) throw new ActionRefused('There is no such job.');
    return job;
  }

  #now(): string {
    return iso(this.#clock.now().getTime());
  }
}

/** What is told of a person who is no longer there. */
function goneRow(person: CandidateRow): Readonly<Record<string, unknown>> {
  const { id, first_name, last_name, company, title, created_at, can_email } = person;
  return {
    id,
    first_name,
    last_name,
    company,
    title,
    created_at,
    headline: null,
    is_private: person.private === true,
    recruiter_user_id: null,
    coordinator_user_id: null,
    can_email,
  };
}
