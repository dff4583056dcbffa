import { iso } from '../data/frame.js';
import { idOf } from '../data/ids.js';
import type { ApplicationRow, ApplicationStageRow, CustomFieldValues, StageRow } from '../data/rows.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';
import type { Clock } from '../../server/sandbox-clock.js';
import { ActionRefused } from './action-refused.js';
import type { ChangeLog, LogEntry } from './change-log.js';

const DAY_MS = 86_400_000;

export interface MoveTarget {
  readonly toStageId?: number | undefined;
  readonly toJobId?: number | undefined;
  readonly fromStageId?: number | undefined;
}

export interface RejectionMore {
  readonly notes?: string | undefined;
  readonly answers?: CustomFieldValues | undefined;
  /** The user who rejects. */
  readonly by?: number | undefined;
}

/** What of an application can be edited without moving it. */
export type ApplicationEdit = Partial<
  Pick<ApplicationRow, 'source_id' | 'referrer_id' | 'recruiter_id' | 'coordinator_id' | 'custom_fields'>
>;

/** What is done to an application, with the timestamps that go with it. */
export class ApplicationActions {
  readonly #store: GreenhouseStore;
  readonly #clock: Clock;
  readonly #log: ChangeLog;

  constructor(store: GreenhouseStore, clock: Clock, log: ChangeLog) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** To a stage of the same job, to another job's first stage, or, without a target, one stage on. */
  move(applicationId: number, target: MoveTarget): LogEntry {
    const application = this.#inProcess(applicationId);
    const { stage_id: rowId, job_interview_stage_id: stageId, job_id: jobId } = application;
    if (jobId === null || stageId === null) throw new ActionRefused('The application is in no stage.');
    if (target.fromStageId !== undefined && target.fromStageId !== stageId && target.fromStageId !== rowId) {
      throw new ActionRefused('from_stage_id is not the current stage of the application.');
    }
    const stage = this.#targetStage(jobId, stageId, target);
    if (stage.id === stageId) throw new ActionRefused('The application is in this stage already.');
    const at = this.#now();
    this.#leaveStage(applicationId, at);
    const row = this.#enterStage(applicationId, stage.id, at);
    this.#touch(application, at, {
      job_id: stage.job_id,
      stage_id: row.id,
      job_interview_stage_id: stage.id,
      stage_name: stage.name,
    });
    return this.#append(at, 'move', applicationId, { fromStage: stageId, toStage: stage.id, job: stage.job_id });
  }

  reject(applicationId: number, reasonId?: number, more: RejectionMore = {}): LogEntry {
    const application = this.#inProcess(applicationId);
    const reason = reasonId ?? idOf('rejection_reasons', 0);
    if (this.#store.small.get('rejection_reasons')?.byId(reason) === undefined) {
      throw new ActionRefused('There is no such rejection reason.');
    }
    const at = this.#now();
    this.#leaveStage(applicationId, at);
    this.#touch(application, at, { ...NO_STAGE, status: 'rejected', rejected_at: at });
    this.#store.addRejection((id) => ({
      id,
      created_at: at,
      updated_at: at,
      application_id: applicationId,
      rejected_by_id: more.by ?? idOf('users', 1),
      rejection_note_id: null,
      rejection_reason_id: reason,
      rejected_at: at,
      question_custom_fields: more.answers ?? {},
    }));
    return this.#append(at, 'reject', applicationId, { reason, notes: more.notes ?? null });
  }

  /** Back to the stage that it was last in. */
  unreject(applicationId: number): LogEntry {
    const application = this.#get(applicationId);
    if (application.status !== 'rejected') throw new ActionRefused('The application is not rejected.');
    const at = this.#now();
    const rejection = this.#store.rejectionOf(applicationId);
    if (rejection !== undefined) this.#store.rejections.remove(rejection.id);
    return this.#append(at, 'unreject', applicationId, { stage: this.#bringBack(application, at) });
  }

  /** Only a person can do this, by a button; no API has it. */
  unhire(applicationId: number): LogEntry {
    const application = this.#get(applicationId);
    if (application.status !== 'hired') throw new ActionRefused('The application is not hired.');
    const at = this.#now();
    return this.#append(at, 'unhire', applicationId, { stage: this.#bringBack(application, at) });
  }

  edit(applicationId: number, changes: ApplicationEdit): LogEntry {
    const application = this.#get(applicationId);
    const at = this.#now();
    this.#touch(application, at, changes);
    return this.#append(at, 'edit-application', applicationId, { set: changes });
  }

  /** The reason of a rejection that stands. */
  changeReason(detailId: number, reason: number): LogEntry {
    const detail = this.#store.rejections.byId(detailId);
    if (detail === undefined) throw new ActionRefused('There is no such rejection.');
    if (this.#store.small.get('rejection_reasons')?.byId(reason) === undefined) {
      throw new ActionRefused('There is no such rejection reason.');
    }
    const at = this.#now();
    this.#store.rejections.put({ ...detail, rejection_reason_id: reason, updated_at: at });
    return this.#append(at, 'change-reason', detail.application_id, { reason });
  }

  hire(applicationId: number, startDate?: string): LogEntry {
    const application = this.#inProcess(applicationId);
    if (application.job_id === null) throw new ActionRefused('A prospect cannot be hired.');
    const at = this.#now();
    this.#leaveStage(applicationId, at);
    this.#touch(application, at, { ...NO_STAGE, status: 'hired' });
    return this.#append(at, 'hire', applicationId, { job: application.job_id, startDate: startDate ?? null });
  }

  /** A new application in its job's first stage. */
  create(candidateId: number, jobId: number, at: string): ApplicationRow {
    const stage = this.#activeStages(jobId)[0];
    if (stage === undefined) throw new ActionRefused('The job has no stage to enter.');
    const made = this.#store.addApplication((id) => ({
      id,
      created_at: at,
      updated_at: at,
      agency_note_id: null,
      candidate_id: candidateId,
      coordinator_id: null,
      job_id: jobId,
      job_post_id: null,
      recruiter_id: idOf('users', 1),
      referrer_id: null,
      source_id: idOf('sources', 1),
      ...NO_STAGE,
      status: 'in_process',
      needs_decision: false,
      prospect: false,
      rejected_at: null,
      last_activity_at: at,
      location_address: null,
      answers: [],
      prospective_job_ids: [],
      custom_fields: {},
    }));
    const row = this.#enterStage(made.id, stage.id, at);
    const entered = { ...made, stage_id: row.id, job_interview_stage_id: stage.id, stage_name: stage.name };
    this.#store.applications.put(entered);
    return entered;
  }

  /** With its stages, its rejection and its files. */
  remove(applicationId: number): void {
    const application = this.#get(applicationId);
    for (const row of this.#store.stagesOfApplication(applicationId)) this.#store.applicationStages.remove(row.id);
    const rejection = this.#store.rejectionOf(applicationId);
    if (rejection !== undefined) this.#store.rejections.remove(rejection.id);
    for (const file of this.#store.attachmentsOf(application.candidate_id)) {
      if (file.application_id === applicationId) this.#store.attachments.remove(file.id);
    }
    this.#store.applications.remove(applicationId);
  }

  /** To the stage that it was last in; its id. */
  #bringBack(application: ApplicationRow, at: string): number | null {
    const stage = this.#store.lastStageOf(application.id);
    const row = stage === undefined ? undefined : this.#enterStage(application.id, stage.id, at);
    this.#touch(application, at, {
      status: 'in_process',
      rejected_at: null,
      stage_id: row?.id ?? null,
      job_interview_stage_id: stage?.id ?? null,
      stage_name: stage?.name ?? null,
    });
    return stage?.id ?? null;
  }

  #targetStage(jobId: number, stageId: number, { toStageId, toJobId }: MoveTarget): StageRow {
    const job = toJobId ?? jobId;
    if (this.#store.jobs.byId(job) === undefined) throw new ActionRefused('There is no such job.');
    const stages = this.#activeStages(job);
    const next = (): StageRow | undefined => {
      if (toJobId !== undefined) return stages[0];
      const order = this.#store.stages.byId(stageId)?.sort_order ?? 0;
      return stages.find((stage) => stage.sort_order > order);
    };
    const stage = toStageId === undefined ? next() : stages.find(({ id }) => id === toStageId);
    if (stage === undefined) {
      throw new ActionRefused(
        toStageId === undefined ? 'There is no further stage.' : 'The job has no such active stage.',
      );
    }
    return stage;
  }

  #activeStages(jobId: number): readonly StageRow[] {
    return this.#store.stagesOfJob(jobId).filter((stage) => stage.active);
  }

  #leaveStage(applicationId: number, at: string): void {
    const row = this.#store.stagesOfApplication(applicationId).find(({ current }) => current);
    if (row === undefined) return;
    const days = Math.floor((Date.parse(at) - Date.parse(row.entered_at ?? row.created_at)) / DAY_MS);
    this.#store.applicationStages.put({ ...row, current: false, exited_at: at, updated_at: at, days_in_stage: days });
  }

  /** One row for each stage that was ever occupied: who returns to a stage opens its row again. */
  #enterStage(applicationId: number, stageId: number, at: string): ApplicationStageRow {
    const known = this.#store.stagesOfApplication(applicationId).find((row) => row.job_interview_stage_id === stageId);
    if (known !== undefined) {
      const row = { ...known, current: true, entered_at: at, exited_at: null, updated_at: at, days_in_stage: 0 };
      this.#store.applicationStages.put(row);
      return row;
    }
    return this.#store.addApplicationStage((id) => ({
      id,
      created_at: at,
      updated_at: at,
      application_id: applicationId,
      job_interview_stage_id: stageId,
      entered_at: at,
      exited_at: null,
      days_in_stage: 0,
      current: true,
    }));
  }

  #touch(application: ApplicationRow, at: string, changes: Partial<ApplicationRow>): void {
    this.#store.applications.put({ ...application, ...changes, updated_at: at, last_activity_at: at });
    const person = this.#store.candidates.byId(application.candidate_id);
    if (person !== undefined) this.#store.candidates.put({ ...person, last_activity_at: at });
  }

  #get(applicationId: number): ApplicationRow {
    const application = this.#store.applications.byId(applicationId);
    if (application === undefined) throw new ActionRefused('There is no such application.');
    return application;
  }

  #inProcess(applicationId: number): ApplicationRow {
    const application = this.#get(applicationId);
    if (application.status !== 'in_process') throw new ActionRefused(`The application is ${application.status}.`);
    return application;
  }

  #append(at: string, op: string, id: number, detail: Readonly<Record<string, unknown>>): LogEntry {
    return this.#log.append({ at, op, kind: 'applications', id, detail });
  }

  #now(): string {
    return iso(this.#clock.now().getTime());
  }
}

const NO_STAGE = { stage_id: null, job_interview_stage_id: null, stage_name: null } as const;
