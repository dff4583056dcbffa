import { integer, pick } from '../../randomness/random.js';
import type { ApplicationRow } from '../data/rows.js';
import { COMPANIES, FIRST_NAMES, JOB_TITLES, LAST_NAMES, TITLES } from '../data/vocabulary.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';
import type { Operation } from './operations.js';

/** Chooses whom things happen to: people and jobs that a connection follows, each at most once, the same for one seed. */
export class RandomChanges {
  readonly #store: GreenhouseStore;
  readonly #seed: number;
  readonly #used = new Set<number>();
  #drawn = 0;

  constructor(store: GreenhouseStore, seed: number) {
    this.#store = store;
    this.#seed = seed;
  }

  move(): Operation | undefined {
    const application = this.#application((row) => this.#otherStages(row).length > 0);
    if (application === undefined) return undefined;
    return { op: 'move', application: application.id, toStage: this.#one(this.#otherStages(application)) };
  }

  reject(): Operation | undefined {
    const application = this.#application(() => true);
    return application && { op: 'reject', application: application.id };
  }

  hire(): Operation | undefined {
    const application = this.#application(() => true);
    return application && { op: 'hire', application: application.id };
  }

  edit(): Operation | undefined {
    const application = this.#application((row) => !this.#used.has(row.candidate_id), false);
    if (application === undefined) return undefined;
    this.#used.add(application.candidate_id);
    const set = { title: this.#one(TITLES), company: this.#one(COMPANIES), last_name: this.#one(LAST_NAMES) };
    return { op: 'edit-candidate', candidate: application.candidate_id, set };
  }

  createCandidate(): Operation | undefined {
    const jobs = this.#jobs('open');
    if (jobs.length === 0) return undefined;
    return {
      op: 'create-candidate',
      job: this.#one(jobs),
      first_name: this.#one(FIRST_NAMES),
      last_name: this.#one(LAST_NAMES),
      email: `new.${this.#store.candidates.end}@example.test`,
      resume: this.#below(10) < 6,
    };
  }

  openJob(): Operation | undefined {
    const jobs = [...this.#jobs('closed'), ...this.#jobs('draft')];
    return jobs.length === 0 ? undefined : { op: 'open-job', job: this.#one(jobs) };
  }

  /** Never the last open one. */
  closeJob(): Operation | undefined {
    const jobs = this.#jobs('open');
    return jobs.length < 2 ? undefined : { op: 'close-job', job: this.#one(jobs) };
  }

  createJob(): Operation {
    return { op: 'create-job', name: `${this.#one(JOB_TITLES)} ${this.#store.jobs.all().length + 1}`, status: 'open' };
  }

  unreject(): Operation | undefined {
    const application = this.#application((row) => row.status === 'rejected' && !this.#used.has(row.id), false);
    if (application === undefined) return undefined;
    this.#used.add(application.id);
    return { op: 'unreject', application: application.id };
  }

  deleteApplication(): Operation | undefined {
    const application = this.#application(() => true);
    return application && { op: 'delete-application', application: application.id };
  }

  deleteCandidate(): Operation | undefined {
    const candidate = this.#person();
    return candidate === undefined ? undefined : { op: 'delete-candidate', candidate };
  }

  merge(): Operation | undefined {
    const [primary, secondary] = [this.#person(), this.#person()];
    if (primary === undefined || secondary === undefined) return undefined;
    return { op: 'merge-candidates', primary, secondary };
  }

  anonymize(): Operation | undefined {
    const candidate = this.#person();
    return candidate === undefined ? undefined : { op: 'anonymize-candidate', candidate };
  }

  /** Somebody in scope to whom nothing else happens. */
  #person(): number | undefined {
    const fresh = (row: ApplicationRow): boolean =>
      !this.#used.has(row.candidate_id) &&
      this.#store.applicationsOf(row.candidate_id).every(({ id }) => !this.#used.has(id));
    const application = this.#application(fresh, false);
    if (application === undefined) return undefined;
    this.#used.add(application.candidate_id);
    for (const { id } of this.#store.applicationsOf(application.candidate_id)) this.#used.add(id);
    return application.candidate_id;
  }

  /** In scope and, unless `inProcess` is false, still going through the stages. */
  #application(wanted: (row: ApplicationRow) => boolean, inProcess = true): ApplicationRow | undefined {
    const { end } = this.#store.applications;
    if (end === 0) return undefined;
    const start = this.#below(end);
    for (let step = 0; step < end; step += 1) {
      // Scattered at first; from a certain number of misses on one after the other, so that all are looked at.
      const key = step < 200 ? this.#below(end) : (start + step) % end;
      const jobId = this.#store.jobIdAt(key);
      const job = typeof jobId === 'number' ? this.#store.jobs.byId(jobId) : undefined;
      if (job?.status !== 'open' || job.confidential) continue;
      const row = this.#store.applications.at(key);
      if (row === undefined || this.#store.isPrivate(row.candidate_id)) continue;
      if (inProcess && (this.#used.has(row.id) || row.status !== 'in_process')) continue;
      if (!wanted(row)) continue;
      if (inProcess) this.#used.add(row.id);
      return row;
    }
    return undefined;
  }

  #otherStages(application: ApplicationRow): readonly number[] {
    return this.#store
      .stagesOfJob(application.job_id ?? 0)
      .filter((stage) => stage.active && stage.id !== application.job_interview_stage_id)
      .map(({ id }) => id);
  }

  #jobs(status: string): readonly number[] {
    return this.#store.jobs
      .all()
      .filter((job) => job.status === status && !job.confidential)
      .map(({ id }) => id);
  }

  #one<Item>(items: readonly Item[]): Item {
    this.#drawn += 1;
    return pick(items, this.#seed, this.#drawn, 900);
  }

  #below(limit: number): number {
    this.#drawn += 1;
    return integer(this.#seed, this.#drawn, 901, limit);
  }
}
