import { fraction, integer, pick } from '../randomness/random.js';
import { COMMITMENTS, JOB_TITLES, LOCATIONS, SENIORITY } from './names.js';
import type { Posting, PostingState } from './records.js';
import { recordId } from './record-ids.js';

const SALT = 200;
const DAY = 86_400_000;
const WORKPLACES = ['onsite', 'remote', 'hybrid', 'unspecified'] as const;

/** How many postings an account of that size has. */
export function postingCount(candidates: number): number {
  return Math.max(4, Math.min(400, Math.round(Math.sqrt(candidates))));
}

/** The postings of an account as it was made. */
export function postingsOf(seed: number, candidates: number, users: number, base: number): readonly Posting[] {
  return Array.from({ length: postingCount(candidates) }, (_, index) => postingAt(seed, index, users, base));
}

function postingAt(seed: number, index: number, users: number, base: number): Posting {
  const [title, department, team] = pick(JOB_TITLES, seed, index, SALT);
  const state = stateOf(seed, index);
  const createdAt = base - 730 * DAY + Math.floor(fraction(seed, index, SALT + 1) * 700 * DAY);
  return {
    index,
    id: recordId(seed, index, 'posting'),
    text: `${pick(SENIORITY, seed, index, SALT + 2)}${title}`,
    state,
    distributionChannels: channelsOf(seed, index, state),
    confidential: index % 16 === 5,
    owner: integer(seed, index, SALT + 3, Math.min(users, 3)),
    hiringManager: fraction(seed, index, SALT + 4) < 0.3 ? null : integer(seed, index, SALT + 5, users),
    department,
    team,
    location: pick(LOCATIONS, seed, index, SALT + 6),
    commitment: pick(COMMITMENTS, seed, index, SALT + 7),
    workplaceType: pick(WORKPLACES, seed, index, SALT + 8),
    salaried: fraction(seed, index, SALT + 9) < 0.3,
    createdAt,
    updatedAt: createdAt + Math.floor(fraction(seed, index, SALT + 10) * (base - createdAt)),
  };
}

function stateOf(seed: number, index: number): PostingState {
  if (index < 4) return (['published', 'published', 'closed', 'internal'] as const)[index] ?? 'published';
  const chance = fraction(seed, index, SALT + 11);
  if (chance < 0.43) return 'published';
  if (chance < 0.55) return 'internal';
  if (chance < 0.84) return 'closed';
  if (chance < 0.92) return 'draft';
  return chance < 0.96 ? 'pending' : 'rejected';
}

/** A published posting may be on the internal job board only, and then `state=published` alone does not list it. */
function channelsOf(seed: number, index: number, state: PostingState): readonly string[] | null {
  if (state !== 'published') return null;
  if (index >= 4 && fraction(seed, index, SALT + 12) < 0.1) return ['internal'];
  return fraction(seed, index, SALT + 13) < 0.5 ? ['public'] : ['internal', 'public'];
}
