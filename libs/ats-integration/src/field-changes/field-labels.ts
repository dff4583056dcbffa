import { specOf } from '../connections/effective-fields.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { CandidateRecord } from '../contract/records.js';
import { customFieldOf, customKeyOf } from './field-values.js';

const WORDS: Readonly<Record<string, string>> = {
  name: 'Name',
  firstName: 'First name',
  lastName: 'Last name',
  emails: 'E-mail addresses',
  phones: 'Phone numbers',
  headline: 'Headline',
  company: 'Company',
  location: 'Location',
  links: 'Links',
  tags: 'Tags',
};

/** What a person reads: the ATS's own name of the field, where it has one. */
export function labelOf(provider: AtsProvider, record: CandidateRecord | null, field: string): string {
  const key = customKeyOf(field);
  if (key !== null) return (record === null ? null : customFieldOf(record, key)?.name) ?? key;
  const words = Object.hasOwn(WORDS, field) ? WORDS[field] : undefined;
  return specOf(provider, 'candidate', field)?.label ?? words ?? field;
}
