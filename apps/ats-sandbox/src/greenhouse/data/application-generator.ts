import { fraction, integer, pick } from '../../randomness/random.js';
import { floor, max, min } from './arithmetic.js';
import { customFieldValues } from './custom-fields.js';
import {
  APPLICATIONS_PER_SLOT,
  HISTORY_MS,
  LIFETIME_MS,
  STAGES_PER_APPLICATION,
  applicationShift,
  iso,
  slotTime,
  type Frame,
} from './frame.js';
import { idOf } from './ids.js';
import { pickJob, stageId, type JobPlan } from './job-plan.js';
import type { ApplicationRow, ApplicationStageRow, ApplicationStatus, RejectionDetailRow } from './rows.js';
import { ANSWERS, CITIES, QUESTIONS, REJECTION_REASONS, SOURCES } from './vocabulary.js';

const DAY_MS = 86_400_000;

/** A generated application in numbers: enough to count and to filter by without writing the row out. */
export interface ApplicationFacts {
  readonly key: number;
  readonly candidate: number;
  /** Position of the job; -1 for a prospect. */
  readonly job: number;
  readonly status: ApplicationStatus;
  readonly createdMs: number;
  readonly activityMs: number;
  readonly updatedMs: number;
  /** How many of the job's active stages it has been in. */
  readonly stages: number;
}

/**
 * Applications by position: three to a time slot, of which the first is that of the person who enters the account in
 * it, and the other two, when there are such, come back from earlier slots.
 */
export class ApplicationGenerator {
  readonly #frame: Frame;
  readonly #jobs: readonly JobPlan[];

  constructor(frame: Frame, jobs: readonly JobPlan[]) {
    this.#frame = frame;
    this.#jobs = jobs;
  }

  get size(): number {
    return this.#frame.candidates * APPLICATIONS_PER_SLOT;
  }

  /** Whose application is at this position; undefined when there is none. */
  candidateAt(key: number): number | undefined {
    const part = key % APPLICATIONS_PER_SLOT;
    const slot = (key - part) / APPLICATIONS_PER_SLOT;
    if (key < 0 || slot >= this.#frame.candidates) return undefined;
    const candidate = slot - applicationShift(this.#frame, slot, part);
    return candidate >= 0 && this.#returns(candidate, part) ? candidate : undefined;
  }

  keysOf(candidate: number): readonly number[] {
    const keys: number[] = [];
    for (let part = 0; part < APPLICATIONS_PER_SLOT; part += 1) {
      const slot = candidate + applicationShift(this.#frame, candidate, part);
      if (slot < this.#frame.candidates && this.#returns(candidate, part))
        keys.push(slot * APPLICATIONS_PER_SLOT + part);
    }
    return keys;
  }

  facts(key: number): ApplicationFacts | undefined {
    const candidate = this.candidateAt(key);
    if (candidate === undefined) return undefined;
    const { seed, baseMs } = this.#frame;
    const part = key % APPLICATIONS_PER_SLOT;
    const createdMs = slotTime(this.#frame, (key - part) / APPLICATIONS_PER_SLOT, part);
    const job = this.#prospect(candidate, part) ? -1 : this.#jobOf(candidate, part);
    const plan = this.#jobs[job];
    const status = this.#status(key, candidate, plan);
    const span = min(baseMs - createdMs, LIFETIME_MS * 0.9 * fraction(seed, key, 60));
    const activityMs = floor(createdMs + span);
    const edited = fraction(seed, key, 61) < 0.15;
    const updatedMs = edited ? min(baseMs, activityMs + integer(seed, key, 62, 5 * DAY_MS)) : activityMs;
    const active = plan?.activeStages.length ?? 0;
    const stages =
      status === 'hired' ? active : active === 0 ? 0 : 1 + floor((active - 1) * fraction(seed, key, 63) ** 2);
    return { key, candidate, job, status, createdMs, activityMs, updatedMs, stages };
  }

  row(key: number): ApplicationRow | undefined {
    const facts = this.facts(key);
    if (facts === undefined) return undefined;
    const { seed } = this.#frame;
    const plan = this.#jobs[facts.job];
    const inProcess = facts.status === 'in_process' && plan !== undefined;
    const position = plan?.activeStages[facts.stages - 1] ?? 0;
    return {
      id: idOf('applications', key),
      created_at: iso(facts.createdMs),
      updated_at: iso(facts.updatedMs),
      agency_note_id: null,
      candidate_id: idOf('candidates', facts.candidate),
      coordinator_id: fraction(seed, key, 64) < 0.3 ? idOf('users', 3) : null,
      job_id: plan === undefined ? null : idOf('jobs', facts.job),
      job_post_id: plan !== undefined && fraction(seed, key, 65) < 0.6 ? idOf('job_posts', facts.job) : null,
      recruiter_id: fraction(seed, key, 66) < 0.8 ? idOf('users', 1 + integer(seed, key, 67, 3)) : null,
      referrer_id: null,
      source_id: fraction(seed, key, 68) < 0.9 ? idOf('sources', integer(seed, key, 69, SOURCES.length)) : null,
      stage_id: inProcess ? idOf('application_stages', key * STAGES_PER_APPLICATION + facts.stages - 1) : null,
      job_interview_stage_id: inProcess ? stageId(facts.job, position) : null,
      stage_name: inProcess ? (plan.stageNames[position] ?? null) : null,
      status: facts.status,
      needs_decision: inProcess ? fraction(seed, key, 70) < 0.2 : null,
      prospect: plan === undefined,
      rejected_at: facts.status === 'rejected' ? iso(facts.activityMs) : null,
      last_activity_at: iso(facts.activityMs),
      location_address: fraction(seed, key, 71) < 0.5 ? pick(CITIES, seed, key, 72) : null,
      answers: this.#answers(key),
      prospective_job_ids: plan === undefined && fraction(seed, key, 73) < 0.6 ? [idOf('jobs', 0)] : [],
      custom_fields: customFieldValues('application', seed, key),
    };
  }

  /** The stages it has been in, oldest first; the first row of some imported ones lacks its times. */
  stageRows(key: number): readonly ApplicationStageRow[] {
    const facts = this.facts(key);
    const plan = facts === undefined ? undefined : this.#jobs[facts.job];
    if (facts === undefined || plan === undefined) return [];
    const ongoing = facts.status === 'in_process';
    const visits = facts.stages + (ongoing ? 0 : 1);
    const at = (visit: number): number =>
      floor(facts.createdMs + ((facts.activityMs - facts.createdMs) * visit) / max(1, visits - 1));
    return Array.from({ length: facts.stages }, (_, visit) => {
      const current = ongoing && visit === facts.stages - 1;
      const backfilled = visit === 0 && !current && fraction(this.#frame.seed, key, 74) < 0.05;
      const leftMs = current ? this.#frame.baseMs : at(visit + 1);
      return {
        id: idOf('application_stages', key * STAGES_PER_APPLICATION + visit),
        created_at: iso(facts.createdMs),
        updated_at: iso(current ? at(visit) : leftMs),
        application_id: idOf('applications', key),
        job_interview_stage_id: stageId(facts.job, plan.activeStages[visit] ?? 0),
        entered_at: backfilled ? null : iso(at(visit)),
        exited_at: current || backfilled ? null : iso(leftMs),
        days_in_stage: floor((leftMs - at(visit)) / DAY_MS),
        current,
      };
    });
  }

  rejection(key: number): RejectionDetailRow | undefined {
    const facts = this.facts(key);
    if (facts?.status !== 'rejected') return undefined;
    const { seed } = this.#frame;
    return {
      id: idOf('rejection_details', key),
      created_at: iso(facts.activityMs),
      updated_at: iso(facts.activityMs),
      application_id: idOf('applications', key),
      rejected_by_id: idOf('users', 1 + integer(seed, key, 75, 3)),
      rejection_note_id: null,
      rejection_reason_id:
        fraction(seed, key, 76) < 0.9
          ? idOf('rejection_reasons', integer(seed, key, 77, REJECTION_REASONS.length))
          : null,
      rejected_at: iso(facts.activityMs),
      question_custom_fields: customFieldValues('rejection_question', seed, key),
    };
  }

  #returns(candidate: number, part: number): boolean {
    const { seed } = this.#frame;
    if (part >= 1 && fraction(seed, candidate, 50) >= 0.38) return false;
    return part < 2 || fraction(seed, candidate, 51) < 0.3;
  }

  #prospect(candidate: number, part: number): boolean {
    return part === 0 && fraction(this.#frame.seed, candidate, 52) < 0.11;
  }

  #jobOf(candidate: number, part: number): number {
    const slot = candidate + applicationShift(this.#frame, candidate, part);
    const at = (slotTime(this.#frame, slot, part) - this.#frame.startMs) / HISTORY_MS;
    const earlier = part === 0 ? [] : Array.from({ length: part }, (_, before) => this.#jobOf(candidate, before));
    let job = 0;
    // Nobody applies twice to one job while there is another to apply to.
    for (let attempt = 0; attempt < 4; attempt += 1) {
      job = pickJob(this.#frame, this.#jobs, at, candidate, 100 + part * 40 + attempt * 8);
      if (!earlier.includes(job)) return job;
    }
    return job;
  }

  #status(key: number, candidate: number, plan: JobPlan | undefined): ApplicationStatus {
    const share = fraction(this.#frame.seed, key, 53);
    if (plan === undefined) {
      // A converted prospect has the application that it became.
      if (this.keysOf(candidate).length > 1) return 'converted';
      return share < 0.2 ? 'rejected' : 'in_process';
    }
    const closed = plan.status === 'closed';
    if (share < (closed ? 0.1 : 0.04)) return 'hired';
    return share < (closed ? 0.9 : 0.55) ? 'rejected' : 'in_process';
  }

  #answers(key: number): ApplicationRow['answers'] {
    const { seed } = this.#frame;
    return QUESTIONS.filter((_, question) => fraction(seed, key, 80 + question) < 0.4).map((question, position) => ({
      question,
      answer: pick(ANSWERS, seed, key, 84 + position),
    }));
  }
}
