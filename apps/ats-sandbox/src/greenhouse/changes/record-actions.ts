import { iso } from '../data/frame.js';
import { idOf } from '../data/ids.js';
import type { AttachmentRow, CandidateRow, JobRow, JobStatus, StageRow } from '../data/rows.js';
import { STAGE_SETS } from '../data/vocabulary.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';
import type { SandboxClock } from '../../server/sandbox-clock.js';
import { ActionRefused } from './action-refused.js';
import type { ApplicationActions } from './application-actions.js';
import type { ChangeLog, LogEntry } from './change-log.js';

export interface NewCandidate {
  readonly job: number;
  readonly first_name: string;
  readonly last_name: string;
  readonly email?: string | undefined;
  readonly resume?: boolean | undefined;
}

/** What is done to people and jobs. */
export class RecordActions {
  readonly #store: GreenhouseStore;
  readonly #clock: SandboxClock;
  readonly #log: ChangeLog;
  readonly #applications: ApplicationActions;

  constructor(store: GreenhouseStore, clock: SandboxClock, log: ChangeLog, applications: ApplicationActions) {
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
    this.#candidate(candidateId);
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
    });
  }

  deleteApplication(applicationId: number): LogEntry {
    const candidate = this.#store.applications.byId(applicationId)?.candidate_id;
    this.#applications.remove(applicationId);
    return this.#log.append({
      at: this.#now(),
      op: 'delete-application',
      kind: 'applications',
      id: applicationId,
      detail: { candidate: candidate ?? null },
    });
  }

  setJobStatus(jobId: number, status: 'open' | 'closed'): LogEntry {
    const job = this.#job(jobId);
    if (job.status === status) throw new ActionRefused(`The job is ${status} already.`);
    const at = this.#now();
    const open = status === 'open';
    this.#store.jobs.put({
      ...job,
      status,
      updated_at: at,
      opened_at: job.opened_at ?? (open ? at : null),
      closed_at: open ? null : at,
    });
    for (const post of this.#store.small.get('job_posts')?.all() ?? []) {
      if ((post as { job_id?: unknown }).job_id !== jobId) continue;
      this.#store.small.get('job_posts')?.put(Object.assign({}, post, { active: open, live: open, updated_at: at }));
    }
    return this.#log.append({
      at,
      op: open ? 'open-job' : 'close-job',
      kind: 'jobs',
      id: jobId,
      detail: { was: job.status },
    });
  }

  createJob(name: string, status: JobStatus): LogEntry {
    const at = this.#now();
    const id = this.#store.nextJobId();
    const job: JobRow = {
      id,
      created_at: at,
      updated_at: at,
      name,
      requisition_id: null,
      notes: null,
      confidential: false,
      status,
      opened_at: status === 'draft' ? null : at,
      closed_at: status === 'closed' ? at : null,
      is_template: false,
      copied_from_id: null,
      department_id: idOf('departments', 0),
      office_ids: [idOf('offices', 0)],
      custom_fields: {},
    };
    this.#store.addJob(job, STAGE_SETS[0] ?? []);
    return this.#log.append({ at, op: 'create-job', kind: 'jobs', id, detail: { name, status } });
  }

  /** With its stages, posts and applications; the people stay. Looks through all applications. */
  deleteJob(jobId: number): LogEntry {
    this.#job(jobId);
    const { applications, stages, jobs, small } = this.#store;
    for (const key of applications.descend(applications.end)) {
      const application = this.#store.jobIdAt(key) === jobId ? applications.at(key) : undefined;
      if (application !== undefined) this.#applications.remove(application.id);
    }
    for (const stage of this.#store.stagesOfJob(jobId)) stages.remove(stage.id);
    for (const table of ['job_posts', 'job_owners', 'job_hiring_managers']) {
      const rows = (small.get(table)?.all() ?? []) as readonly StageRow[];
      for (const row of rows.filter(({ job_id }) => job_id === jobId)) small.get(table)?.remove(row.id);
    }
    jobs.remove(jobId);
    return this.#log.append({ at: this.#now(), op: 'delete-job', kind: 'jobs', id: jobId, detail: {} });
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
