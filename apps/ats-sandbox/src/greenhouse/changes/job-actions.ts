import { iso } from '../data/frame.js';
import { idOf } from '../data/ids.js';
import type { JobRow, JobStatus, StageRow } from '../data/rows.js';
import { STAGE_SETS } from '../data/vocabulary.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';
import type { Clock } from '../../server/sandbox-clock.js';
import { ActionRefused } from './action-refused.js';
import type { ApplicationActions } from './application-actions.js';
import type { ChangeLog, LogEntry } from './change-log.js';

/** What is done to jobs and their stages. */
export class JobActions {
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

  setStatus(jobId: number, status: 'open' | 'closed'): LogEntry {
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
    return this.#append(at, open ? 'open-job' : 'close-job', jobId, { was: job.status });
  }

  edit(jobId: number, set: Partial<Pick<JobRow, 'name' | 'notes' | 'requisition_id'>>): LogEntry {
    const at = this.#now();
    this.#store.jobs.put({ ...this.#job(jobId), ...set, updated_at: at });
    return this.#append(at, 'edit-job', jobId, { set });
  }

  /** A Site Admin sees a confidential job and its applications only when given access, so they are gone for a connection. */
  setConfidential(jobId: number, confidential: boolean): LogEntry {
    const at = this.#now();
    this.#store.jobs.put({ ...this.#job(jobId), confidential, updated_at: at });
    return this.#append(at, 'set-job-confidential', jobId, { confidential });
  }

  create(name: string, status: JobStatus): LogEntry {
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
    return this.#append(at, 'create-job', id, { name, status });
  }

  /** With its stages, posts and applications; the people stay. Looks through all applications. */
  delete(jobId: number): LogEntry {
    const { name } = this.#job(jobId);
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
    return this.#append(this.#now(), 'delete-job', jobId, {}, { id: jobId, name });
  }

  /** Nobody may be in it. Looks through all applications. */
  deleteStage(stageId: number): LogEntry {
    const stage = this.#stage(stageId);
    const { applications } = this.#store;
    for (const key of applications.descend(applications.end)) {
      if (this.#store.jobIdAt(key) !== stage.job_id) continue;
      if (applications.at(key)?.job_interview_stage_id === stageId)
        throw new ActionRefused('Somebody is in the stage.');
    }
    this.#store.stages.remove(stageId);
    const { id, job_id, created_at, updated_at, name, active } = stage;
    const gone = { id, job_id, created_at, updated_at, name, active };
    return this.#append(this.#now(), 'delete-stage', stageId, { job: stage.job_id }, gone);
  }

  /** An inactive stage stays in the list, so that histories can be read. */
  setStageActive(stageId: number, active: boolean): LogEntry {
    const at = this.#now();
    this.#store.stages.put({ ...this.#stage(stageId), active, updated_at: at });
    return this.#append(at, 'set-stage-active', stageId, { active });
  }

  renameStage(stageId: number, name: string): LogEntry {
    const at = this.#now();
    this.#store.stages.put({ ...this.#stage(stageId), name, updated_at: at });
    return this.#append(at, 'rename-stage', stageId, { name });
  }

  #job(jobId: number): JobRow {
    const job = this.#store.jobs.byId(jobId);
    if (job === undefined) throw new ActionRefused('There is no such job.');
    return job;
  }

  #stage(stageId: number): StageRow {
    const stage = this.#store.stages.byId(stageId);
    if (stage === undefined) throw new ActionRefused('There is no such stage.');
    return stage;
  }

  #append(
    at: string,
    op: string,
    id: number,
    detail: Readonly<Record<string, unknown>>,
    gone?: Readonly<Record<string, unknown>>,
  ): LogEntry {
    const kind = op.includes('stage') ? 'stages' : 'jobs';
    return this.#log.append({ at, op, kind, id, detail, ...(gone === undefined ? {} : { gone }) });
  }

  #now(): string {
    return iso(this.#clock.now().getTime());
  }
}
