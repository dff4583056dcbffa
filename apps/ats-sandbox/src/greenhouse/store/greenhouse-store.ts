import { ApplicationGenerator } from '../data/application-generator.js';
import { CandidateGenerator } from '../data/candidate-generator.js';
import * as directory from '../data/directory.js';
import { ATTACHMENTS_PER_SLOT, STAGES_PER_APPLICATION, type Frame } from '../data/frame.js';
import { idOf, keyOf } from '../data/ids.js';
import { jobPlan, jobRow, stageId, stageRows, type JobPlan } from '../data/job-plan.js';
import type {
  ApplicationRow,
  ApplicationStageRow,
  AttachmentRow,
  CandidateRow,
  JobRow,
  RejectionDetailRow,
  StageRow,
} from '../data/rows.js';
import { LazyTable } from './lazy-table.js';
import { SmallTable } from './small-table.js';

/** The records of one account: generated ones made on demand, changed and new ones kept over them. */
export class GreenhouseStore {
  readonly frame: Frame;
  readonly plans: readonly JobPlan[];
  readonly applicationGenerator: ApplicationGenerator;
  readonly candidateGenerator: CandidateGenerator;

  readonly jobs: SmallTable<JobRow>;
  readonly stages: SmallTable<StageRow>;
  readonly applications: LazyTable<ApplicationRow>;
  readonly candidates: LazyTable<CandidateRow>;
  readonly attachments: LazyTable<AttachmentRow>;
  readonly rejections: LazyTable<RejectionDetailRow>;
  readonly #applicationStages: LazyTable<ApplicationStageRow>;
  readonly small: ReadonlyMap<string, SmallTable>;
  readonly users: SmallTable<ReturnType<typeof directory.userRows>[number]>;

  /** What was added to, by the position of the candidate or application that has it. */
  readonly #addedApplications = new Map<number, number[]>();
  readonly #addedAttachments = new Map<number, number[]>();
  readonly #addedStages = new Map<number, number[]>();
  readonly #rejectionsOf = new Map<number, number>();
  #jobsAdded = 0;

  constructor(frame: Frame) {
    this.frame = frame;
    this.plans = Array.from({ length: frame.jobs }, (_, key) => jobPlan(frame, key));
    const applications = new ApplicationGenerator(frame, this.plans);
    const candidates = new CandidateGenerator(frame, applications);
    this.applicationGenerator = applications;
    this.candidateGenerator = candidates;
    const jobs = this.plans.map((plan) => jobRow(frame, plan));
    this.jobs = new SmallTable(jobs);
    this.stages = new SmallTable(this.plans.flatMap((plan, key) => (jobs[key] ? stageRows(plan, jobs[key]) : [])));
    this.applications = new LazyTable('applications', applications.size, (key) => applications.row(key));
    this.candidates = new LazyTable('candidates', candidates.size, (key) => candidates.row(key));
    this.attachments = new LazyTable('attachments', candidates.size * ATTACHMENTS_PER_SLOT, (key) =>
      candidates.attachment(key),
    );
    this.rejections = new LazyTable('rejection_details', applications.size, (key) => applications.rejection(key));
    this.#applicationStages = new LazyTable('application_stages', applications.size * STAGES_PER_APPLICATION, (key) => {
      const application = Math.floor(key / STAGES_PER_APPLICATION);
      return applications.stageRows(application)[key % STAGES_PER_APPLICATION];
    });
    this.users = new SmallTable(directory.userRows(frame));
    this.small = new Map([
      ['departments', new SmallTable(directory.departmentRows(frame))],
      ['offices', new SmallTable(directory.officeRows(frame))],
      ['sources', new SmallTable(directory.sourceRows(frame))],
      ['rejection_reasons', new SmallTable(directory.rejectionReasonRows(frame))],
      ['candidate_tags', new SmallTable(directory.tagRows(frame))],
      ['custom_fields', new SmallTable(directory.customFieldRows(frame))],
      ['custom_field_options', new SmallTable(directory.customFieldOptionRows(frame))],
      ['job_posts', new SmallTable(directory.jobPostRows(this.plans, jobs))],
      ['job_owners', new SmallTable(directory.jobOwnerRows(frame, jobs))],
      ['openings', new SmallTable(directory.openingRows(jobs))],
      ['job_hiring_managers', new SmallTable(directory.hiringManagerRows(frame, jobs))],
    ]);
  }

  /** Goes up with every change, so that what was counted before can be told to be stale. */
  get version(): number {
    const tables = [this.jobs, this.stages, this.candidates, this.applications, this.attachments];
    return tables.reduce((sum, table) => sum + table.version, 0);
  }

  get applicationStages(): LazyTable<ApplicationStageRow> {
    return this.#applicationStages;
  }

  stagesOfJob(jobId: number): readonly StageRow[] {
    return this.stages
      .all()
      .filter((stage) => stage.job_id === jobId)
      .sort((a, b) => a.sort_order - b.sort_order);
  }

  applicationsOf(candidateId: number): readonly ApplicationRow[] {
    const candidate = keyOf('candidates', candidateId) ?? -1;
    const generated = candidate < this.frame.candidates ? this.applicationGenerator.keysOf(candidate) : [];
    const keys = new Set([...generated, ...(this.#addedApplications.get(candidate) ?? [])]);
    return present([...keys], (key) => this.applications.at(key)).filter((row) => row.candidate_id === candidateId);
  }

  attachmentsOf(candidateId: number): readonly AttachmentRow[] {
    const candidate = keyOf('candidates', candidateId) ?? -1;
    const generated = candidate < this.frame.candidates ? this.candidateGenerator.attachmentKeysOf(candidate) : [];
    const keys = new Set([...generated, ...(this.#addedAttachments.get(candidate) ?? [])]);
    return present([...keys], (key) => this.attachments.at(key)).filter((row) => row.candidate_id === candidateId);
  }

  /** Oldest first. */
  stagesOfApplication(applicationId: number): readonly ApplicationStageRow[] {
    const application = keyOf('applications', applicationId) ?? -1;
    const keys = Array.from(
      { length: STAGES_PER_APPLICATION },
      (_, visit) => application * STAGES_PER_APPLICATION + visit,
    );
    const generated = application < this.applications.generated ? keys : [];
    return present([...generated, ...(this.#addedStages.get(application) ?? [])], (key) =>
      this.#applicationStages.at(key),
    );
  }

  /** The stage that an application is in, or was in last. */
  lastStageOf(applicationId: number): StageRow | undefined {
    const visited = this.stagesOfApplication(applicationId);
    const left = visited.toSorted((a, b) => (a.exited_at ?? '').localeCompare(b.exited_at ?? ''));
    const last = visited.find(({ current }) => current) ?? left.at(-1);
    return last === undefined ? undefined : this.stages.byId(last.job_interview_stage_id);
  }

  rejectionOf(applicationId: number): RejectionDetailRow | undefined {
    const application = keyOf('applications', applicationId) ?? -1;
    const added = this.#rejectionsOf.get(application);
    if (added !== undefined) return this.rejections.at(added);
    return application < this.rejections.generated ? this.rejections.at(application) : undefined;
  }

  addApplication(make: (id: number) => ApplicationRow): ApplicationRow {
    const row = this.applications.append(make);
    remember(this.#addedApplications, keyOf('candidates', row.candidate_id), keyOf('applications', row.id));
    return row;
  }

  /** Makes it somebody else's. */
  moveApplication(row: ApplicationRow): void {
    this.applications.put(row);
    remember(this.#addedApplications, keyOf('candidates', row.candidate_id), keyOf('applications', row.id));
  }

  /** Makes it somebody else's. */
  moveAttachment(row: AttachmentRow): void {
    this.attachments.put(row);
    remember(this.#addedAttachments, keyOf('candidates', row.candidate_id), keyOf('attachments', row.id));
  }

  addAttachment(make: (id: number) => AttachmentRow): AttachmentRow {
    const row = this.attachments.append(make);
    remember(this.#addedAttachments, keyOf('candidates', row.candidate_id), keyOf('attachments', row.id));
    return row;
  }

  addApplicationStage(make: (id: number) => ApplicationStageRow): ApplicationStageRow {
    const row = this.#applicationStages.append(make);
    remember(this.#addedStages, keyOf('applications', row.application_id), keyOf('application_stages', row.id));
    return row;
  }

  addRejection(make: (id: number) => RejectionDetailRow): RejectionDetailRow {
    const row = this.rejections.append(make);
    this.#rejectionsOf.set(keyOf('applications', row.application_id) ?? -1, keyOf('rejection_details', row.id) ?? -1);
    return row;
  }

  /** Private people and confidential jobs are kept from a Site Admin who was not given access to them. */
  isPrivate(candidateId: number): boolean {
    const key = keyOf('candidates', candidateId) ?? -1;
    const changed = this.candidates.changed(key);
    if (changed !== undefined) return changed?.private === true;
    return key < this.frame.candidates && this.candidateGenerator.isPrivate(key);
  }

  isConfidential(jobId: number | null): boolean {
    return jobId !== null && this.jobs.byId(jobId)?.confidential === true;
  }

  nextJobId(): number {
    return idOf('jobs', this.frame.jobs + this.#jobsAdded);
  }

  addJob(job: JobRow, stageNames: readonly string[]): void {
    this.#jobsAdded += 1;
    this.jobs.put(job);
    const key = keyOf('jobs', job.id) ?? 0;
    stageNames.forEach((name, position) => {
      const { id: job_id, created_at, updated_at } = job;
      this.stages.put({
        id: stageId(key, position),
        created_at,
        updated_at,
        job_id,
        sort_order: position,
        name,
        active: true,
      });
    });
  }

  /** Of the application at a position, without writing its row out. */
  jobIdAt(key: number): number | null | undefined {
    const changed = this.applications.changed(key);
    if (changed !== undefined) return changed?.job_id;
    const facts = this.applicationGenerator.facts(key);
    if (facts === undefined) return undefined;
    return facts.job < 0 ? null : idOf('jobs', facts.job);
  }
}

function present<Item>(keys: readonly number[], at: (key: number) => Item | undefined): readonly Item[] {
  return keys.flatMap((key) => at(key) ?? []);
}

function remember(index: Map<number, number[]>, owner: number | undefined, key: number | undefined): void {
  if (owner === undefined || key === undefined) return;
  const kept = index.get(owner);
  if (kept === undefined) index.set(owner, [key]);
  else kept.push(key);
}
