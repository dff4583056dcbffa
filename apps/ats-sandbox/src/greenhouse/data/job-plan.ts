import { fraction, integer, pick } from '../../randomness/random.js';
import { floor, max, min } from './arithmetic.js';
import { customFieldValues } from './custom-fields.js';
import { HISTORY_MS, STAGES_PER_JOB, iso, type Frame } from './frame.js';
import { idOf } from './ids.js';
import type { JobRow, JobStatus, StageRow } from './rows.js';
import { DEPARTMENTS, JOB_LEVELS, JOB_TITLES, OFFICES, STAGE_SETS } from './vocabulary.js';

/** What the rest of the account needs to know of a generated job, in numbers. */
export interface JobPlan {
  readonly key: number;
  readonly status: JobStatus;
  readonly confidential: boolean;
  /** When it opened and closed, as shares of the account's two years; jobs may be older than those. */
  readonly opened: number;
  readonly closed: number;
  readonly stageNames: readonly string[];
  /** Positions within the job's stages that are in use. */
  readonly activeStages: readonly number[];
}

const OLDEST = -0.3;
const SPAN = 1.2;
const LAG = 0.01;

export function jobPlan(frame: Frame, key: number): JobPlan {
  const created = OLDEST + (SPAN * key) / frame.jobs;
  const status = statusOf(frame, key);
  const stageNames = STAGE_SETS[key === 1 ? 4 : integer(frame.seed, key, 21, STAGE_SETS.length)] ?? [];
  // In every third job one stage in the middle has been retired.
  const retired = key % 3 === 2 ? 1 + integer(frame.seed, key, 22, stageNames.length - 2) : -1;
  const closedFrom = max(created + 0.2, 0.6);
  return {
    key,
    status,
    confidential: frame.jobs >= 20 && key === 7,
    opened: created + LAG,
    closed: status === 'closed' ? min(0.99, closedFrom + fraction(frame.seed, key, 23) * (1 - closedFrom)) : Infinity,
    stageNames,
    activeStages: stageNames.map((_, position) => position).filter((position) => position !== retired),
  };
}

function statusOf(frame: Frame, key: number): JobStatus {
  const first: readonly JobStatus[] = ['open', 'closed', 'open', 'draft'];
  if (key < first.length) return first[key] ?? 'open';
  if (key === 7) return 'open';
  const share = fraction(frame.seed, key, 20);
  return share < 0.55 ? 'open' : share < 0.85 ? 'closed' : 'draft';
}

/** A job that was open at this share of the two years; the first job always was. */
export function pickJob(frame: Frame, plans: readonly JobPlan[], at: number, index: number, salt: number): number {
  const known = min(frame.jobs, max(1, floor(((at - LAG - OLDEST) / SPAN) * frame.jobs)));
  for (let attempt = 0; attempt < 6; attempt += 1) {
    // Skewed, so that some jobs have many more applications than others.
    const key = floor(known * fraction(frame.seed, index, salt + attempt) ** 1.4);
    const plan = plans[key];
    if (plan !== undefined && plan.status !== 'draft' && plan.opened <= at && plan.closed > at) return key;
  }
  return 0;
}

export function jobRow(frame: Frame, plan: JobPlan): JobRow {
  const { key } = plan;
  const time = (share: number): number => frame.startMs + share * HISTORY_MS;
  const createdMs = time(plan.opened - LAG);
  const closedMs = plan.status === 'closed' ? time(plan.closed) : null;
  const openedMs = plan.status === 'draft' ? null : time(plan.opened);
  const title = `${pick(JOB_LEVELS, frame.seed, key, 30)}${pick(JOB_TITLES, frame.seed, key, 31)}`;
  return {
    id: idOf('jobs', key),
    created_at: iso(createdMs),
    updated_at: iso(closedMs ?? openedMs ?? createdMs),
    name: title,
    requisition_id: fraction(frame.seed, key, 32) < 0.8 ? `REQ-${100 + key}` : null,
    notes: fraction(frame.seed, key, 33) < 0.4 ? '<p>Backfill; <em>keep it quiet</em>.</p>' : null,
    confidential: plan.confidential,
    status: plan.status,
    opened_at: openedMs === null ? null : iso(openedMs),
    closed_at: closedMs === null ? null : iso(closedMs),
    is_template: false,
    copied_from_id: key > 5 && key % 5 === 0 ? idOf('jobs', key - 5) : null,
    department_id:
      fraction(frame.seed, key, 34) < 0.9
        ? idOf('departments', integer(frame.seed, key, 35, DEPARTMENTS.length))
        : null,
    office_ids: OFFICES.map((_, office) => office)
      .filter((office) => fraction(frame.seed, key, 36 + office) < 0.35)
      .map((office) => idOf('offices', office)),
    custom_fields: customFieldValues('job', frame.seed, key),
  };
}

export function stageId(jobKey: number, position: number): number {
  return idOf('job_interview_stages', jobKey * STAGES_PER_JOB + position);
}

export function stageRows(plan: JobPlan, job: JobRow): readonly StageRow[] {
  return plan.stageNames.map((name, position) => ({
    id: stageId(plan.key, position),
    created_at: job.created_at,
    updated_at: job.created_at,
    job_id: job.id,
    sort_order: position,
    name,
    active: plan.activeStages.includes(position),
  }));
}
