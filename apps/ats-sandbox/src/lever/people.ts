import { fraction, integer, mix, pick } from '../randomness/random.js';
import { COMPANIES, FAMILY_NAMES, GIVEN_NAMES, LOCATIONS, MAIL_DOMAINS, PHONE_TYPES } from './names.js';
import type { Contact } from './records.js';

const SALT = 100;

/** The person at an index, as the account was made. */
export function contactAt(seed: number, index: number): Contact {
  if (isAnonymizedContact(seed, index)) {
    return { index, name: '', headline: '', location: '', emails: [], phones: [], links: [], isAnonymized: true };
  }
  const given = pick(GIVEN_NAMES, seed, index, SALT);
  const family = pick(FAMILY_NAMES, seed, index, SALT + 1);
  const slug = `${given[1]}.${family[1]}`;
  return {
    index,
    name: `${given[0]} ${family[0]}`,
    headline: headline(seed, index),
    location: fraction(seed, index, SALT + 2) < 0.4 ? '' : pick(LOCATIONS, seed, index, SALT + 3),
    emails: emails(seed, index, slug),
    phones: phones(seed, index),
    links: fraction(seed, index, SALT + 4) < 0.6 ? [] : [`https://profiles.example/${slug}-${index.toString(36)}`],
    isAnonymized: false,
  };
}

/** Whether the person's personal data was removed. */
export function isAnonymizedContact(seed: number, index: number): boolean {
  return fraction(seed, index, SALT + 5) < 0.005;
}

/** The person who could have been given an address when the account was made; the number in it is theirs. */
export function contactOfEmail(email: string): number | undefined {
  const number = /\.(\d{1,9})@/.exec(email)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** How addresses are compared: without regard to case, surrounding space or a `+` suffix. */
export function canonicalEmail(email: string): string {
  return email
    .trim()
    .toLowerCase()
    .replace(/\+[^@]*@/, '@');
}

function emails(seed: number, index: number, slug: string): readonly string[] {
  const chance = fraction(seed, index, SALT + 6);
  if (chance < 0.04) return [];
  const first = `${slug}.${index}@${pick(MAIL_DOMAINS, seed, index, SALT + 7)}`;
  return chance < 0.85 ? [first] : [first, `${slug}.work.${index}@office.example`];
}

function phones(seed: number, index: number): Contact['phones'] {
  const chance = fraction(seed, index, SALT + 8);
  const value = (salt: number): string => `+1 555 01${String(mix(seed, index, salt) % 100).padStart(2, '0')}`;
  if (chance < 0.35) return [];
  const first = { type: chance < 0.45 ? null : pick(PHONE_TYPES, seed, index, SALT + 9), value: value(SALT + 10) };
  return chance < 0.92 ? [first] : [first, { type: 'home', value: value(SALT + 11) }];
}

function headline(seed: number, index: number): string {
  const companies = integer(seed, index, SALT + 12, 5);
  return Array.from({ length: companies }, (_, place) => pick(COMPANIES, seed, index, SALT + 13 + place)).join(', ');
}
