import { recordId } from './record-ids.js';

export interface Stage {
  readonly id: string;
  readonly text: string;
  /** Its place in the pipeline as offset tokens write it; not a whole number. */
  readonly rank: number;
}

export interface ArchiveReason {
  readonly id: string;
  readonly text: string;
  readonly status: 'active' | 'inactive';
  readonly type: 'hired' | 'non-hired';
}

/** Built-in stages have word ids, a customer's own have UUIDs; never validate a stage id as a UUID. */
const STAGES: readonly (readonly [id: string | undefined, text: string, rank: number])[] = [
  ['lead-new', 'New lead', 1],
  ['lead-reached-out', 'Reached out', 3],
  ['lead-responded', 'Responded', 5],
  ['applicant-new', 'New applicant', 101],
  [undefined, 'Hiring manager review', 105.5],
  [undefined, 'Recruiter screen', 201],
  [undefined, 'Phone interview', 230.5],
  [undefined, 'On-site interview', 231],
  [undefined, 'Reference check', 231.5],
  ['offer', 'Offer', 261],
  [undefined, 'Background check', 265.5],
];

/** Larger accounts have two stages that share one text. */
const SECOND_INTERVIEW = [undefined, 'Phone interview', 230.75] as const;

const REASONS: readonly (readonly [text: string, status: 'active' | 'inactive', type: 'hired' | 'non-hired'])[] = [
  ['Hired', 'active', 'hired'],
  ['Underqualified', 'active', 'non-hired'],
  ['Position filled', 'active', 'non-hired'],
  ['Withdrew', 'active', 'non-hired'],
  ['Offer declined', 'active', 'non-hired'],
  ['No response', 'active', 'non-hired'],
  ['Timing', 'active', 'non-hired'],
  ['Better for another role', 'active', 'non-hired'],
  ['No response – old', 'inactive', 'non-hired'],
];

export const HIRED_REASON = 0;
export const LAST_LEAD_STAGE = 2;
export const FIRST_APPLICANT_STAGE = 3;

/** An account's stages in pipeline order. */
export function stagesOf(seed: number, candidates: number): readonly Stage[] {
  const wanted = candidates >= 1000 ? [...STAGES, SECOND_INTERVIEW].sort((a, b) => a[2] - b[2]) : STAGES;
  return wanted.map(([id, text, rank], index) => ({ id: id ?? recordId(seed, index, 'stage'), text, rank }));
}

/** An account's archive reasons; exactly one of them, the first, hires. */
export function archiveReasonsOf(seed: number): readonly ArchiveReason[] {
  return REASONS.map(([text, status, type], index) => ({
    id: recordId(seed, index, 'archiveReason'),
    text,
    status,
    type,
  }));
}

/** The item at an index that is known to exist. */
export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no item ${index} among ${items.length}.`);
  return item;
}
