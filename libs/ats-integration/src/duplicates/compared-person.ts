import { createHash } from 'node:crypto';
import { companyKey, emailKey, nameKey, phoneKey } from './contact-keys.js';
import type { EmailKey, PhoneKey } from './contact-keys.js';

/** What is compared of a person: of one who was merged, what all their records say. */
export interface PersonFacts {
  readonly names: readonly string[];
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly companies: readonly string[];
}

export interface ComparedPerson {
  readonly names: ReadonlySet<string>;
  readonly emails: readonly EmailKey[];
  readonly phones: readonly PhoneKey[];
  readonly companies: ReadonlySet<string>;
}

export function comparable(facts: PersonFacts): ComparedPerson {
  return {
    names: new Set(facts.names.map(nameKey).filter((key) => key !== '')),
    emails: facts.emails.map(emailKey).filter((key) => key !== null),
    phones: facts.phones.map(phoneKey).filter((key) => key !== null),
    companies: new Set(facts.companies.map(companyKey).filter((key) => key !== '')),
  };
}

export function joined(people: readonly PersonFacts[]): PersonFacts {
  return {
    names: people.flatMap(({ names }) => names),
    emails: people.flatMap(({ emails }) => emails),
    phones: people.flatMap(({ phones }) => phones),
    companies: people.flatMap(({ companies }) => companies),
  };
}

/** Keys that two people must have in common to be compared at all. They are kept, so none of them can be read. */
export function blockingKeys({ names, emails, phones, companies }: ComparedPerson): string[] {
  const keys = [
    ...emails.filter(({ shared }) => !shared).map(({ mailbox }) => `email ${mailbox}`),
    ...phones.map(({ national }) => `phone ${national}`),
    ...[...names].flatMap((name) => [...companies].map((company) => `name ${name} at ${company}`)),
  ];
  return [...new Set(keys)].map(unreadable);
}

export function unreadable(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
