import { fraction } from '../../randomness/random.js';
import { floor, max, min } from './arithmetic.js';

const DAY_MS = 86_400_000;
export const HISTORY_MS = 730 * DAY_MS;
/** No generated record is touched later than this after its creation, so that `updated_at` scans can stop early. */
export const LIFETIME_MS = 60 * DAY_MS;

/** Applications a person may have; also the parts of a time slot (see {@link slotTime}). */
export const APPLICATIONS_PER_SLOT = 3;
export const ATTACHMENTS_PER_SLOT = 4;
export const STAGES_PER_APPLICATION = 16;
export const STAGES_PER_JOB = 16;

/**
 * What everything generated depends on. An account of n people holds:
 *
 * - jobs: √n, at least 4 and at most 400; 55 % open, 30 % closed, 15 % draft; from 20 jobs on one is confidential,
 *   which a Site Admin sees only when given access, so the lists leave it out with its stages and applications;
 * - stages: 5 to 8 a job, the first with sort order 0; one in every third job is inactive; one job has two of one name;
 * - applications: about 1.4 a person, three at most; 8 % are prospects without a job, of which those who applied again
 *   are converted; the others are in process (45 % on open jobs), rejected or hired;
 * - people: 2 % private, 4 % without an address, 15 % with two; 10 % with a preferred name; 15 % with two telephones;
 * - files: 60 % have a résumé, 20 % a cover letter, 8 % something else, and 30 % of those who apply again bring a new résumé;
 * - users: a service account, two Site Admins, others without that right, of whom some are deactivated.
 *
 * Everything was created within the two years before `baseMs` and last touched within 60 days of its creation.
 */
export interface Frame {
  readonly seed: number;
  readonly candidates: number;
  readonly jobs: number;
  readonly startMs: number;
  readonly baseMs: number;
}

export function makeFrame(seed: number, candidates: number, baseMs: number): Frame {
  const jobs = min(400, max(4, Math.round(Math.sqrt(candidates))));
  return { seed, candidates, jobs, startMs: baseMs - HISTORY_MS, baseMs };
}

/**
 * Time is cut into one slot for each person, in whom they enter the account; a person's second and third application
 * fall into later slots. Within a slot the parts follow each other, so that keys are in the order of creation.
 */
export function slotTime(frame: Frame, slot: number, part: number): number {
  const jitter = (part + 0.9 * fraction(frame.seed, slot, 11 + part)) / APPLICATIONS_PER_SLOT;
  return floor(frame.startMs + ((slot + jitter) / frame.candidates) * HISTORY_MS);
}

/** The first slot that may hold something created at or after this time. */
export function slotAt(frame: Frame, timeMs: number): number {
  return floor(((timeMs - frame.startMs) / HISTORY_MS) * frame.candidates) - 1;
}

const SHIFT_GROUPS = 8;
const SHIFTS: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0.01, 0.02, 0.04, 0.06, 0.08, 0.11, 0.15, 0.2],
  [0.05, 0.07, 0.1, 0.13, 0.17, 0.21, 0.26, 0.3],
];

/**
 * How many slots later the nth application falls: one of eight distances, chosen by the slot modulo eight, which the
 * shift keeps. Hence it can be undone, and nobody has to be remembered.
 */
export function applicationShift(frame: Frame, slot: number, part: number): number {
  const share = SHIFTS[part]?.[slot % SHIFT_GROUPS] ?? 0;
  return part === 0 ? 0 : SHIFT_GROUPS * max(part, floor((frame.candidates / SHIFT_GROUPS) * share));
}

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
