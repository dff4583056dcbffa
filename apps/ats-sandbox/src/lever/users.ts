import { fraction, integer, pick } from '../randomness/random.js';
import { FAMILY_NAMES, GIVEN_NAMES } from './names.js';
import { recordId } from './record-ids.js';
import type { User } from './records.js';

const SALT = 300;
const DAY = 86_400_000;
const ROLES = ['super admin', 'admin', 'team member', 'interviewer', 'team member'] as const;

/** The users of an account; the first is a Super Admin, the fifth has left. */
export function usersOf(seed: number, candidates: number, base: number): readonly User[] {
  const count = Math.max(6, Math.min(80, Math.round(Math.sqrt(candidates) / 4)));
  return Array.from({ length: count }, (_, index) => userAt(seed, index, base));
}

function userAt(seed: number, index: number, base: number): User {
  const given = pick(GIVEN_NAMES, seed, index, SALT);
  const family = pick(FAMILY_NAMES, seed, index, SALT + 1);
  const createdAt = base - 760 * DAY + integer(seed, index, SALT + 2, 30 * DAY);
  const gone = index === 4 || (index > 4 && fraction(seed, index, SALT + 3) < 0.15);
  const username = `${given[1]}.${family[1]}${index}`;
  return {
    index,
    id: recordId(seed, index, 'user'),
    name: `${given[0]} ${family[0]}`,
    username,
    email: `${username}@customer.example`,
    accessRole:
      index < ROLES.length
        ? (ROLES[index] ?? 'interviewer')
        : pick(['team member', 'interviewer', 'interviewer'], seed, index, SALT + 4),
    jobTitle: fraction(seed, index, SALT + 5) < 0.6 ? null : 'Recruiter',
    createdAt,
    deactivatedAt: gone ? base - integer(seed, index, SALT + 6, 300 * DAY) - 1 : null,
  };
}
