import type { CandidateRecord, JsonValue } from '../contract/records.js';
import type { HostPerson } from '../host/hiring-pipeline.port.js';

/** What a person may choose of when two people are merged. */
export const PERSON_FIELDS = [
  'name',
  'emails',
  'phones',
  'headline',
  'company',
  'location',
  'links',
  'tags',
  'customFields',
] as const;
export type PersonField = (typeof PERSON_FIELDS)[number];

export const FIELD_LABELS: Readonly<Record<PersonField, string>> = {
  name: 'Name',
  emails: 'E-mail addresses',
  phones: 'Phone numbers',
  headline: 'Headline',
  company: 'Employer',
  location: 'Location',
  links: 'Links',
  tags: 'Tags',
  customFields: 'Custom fields',
};

/** The value of each field, in the shape in which it is compared and shown. */
export type PersonValues = Readonly<Record<PersonField, JsonValue>>;

/** Of which several values may stand beside each other. */
export const MANY_VALUED: readonly PersonField[] = ['emails', 'phones', 'links', 'tags', 'customFields'];

export function valuesOfRecord(record: CandidateRecord): PersonValues {
  const { firstName, lastName } = record;
  return {
    name: { name: record.name, firstName, lastName },
    emails: record.emails as unknown as JsonValue,
    phones: record.phones as unknown as JsonValue,
    headline: record.headline,
    company: record.company,
    location: record.location,
    links: record.links,
    tags: record.tags,
    customFields: record.customFields as unknown as JsonValue,
  };
}

export function valuesOfOwn(person: HostPerson): PersonValues {
  const points = (values: readonly string[]): JsonValue => values.map((value) => ({ value, type: null }));
  return {
    name: { name: person.name, firstName: null, lastName: null },
    emails: points(person.emails),
    phones: points(person.phones),
    headline: person.headline,
    company: person.company,
    location: person.location,
    links: [],
    tags: [],
    customFields: {},
  };
}

/** `base` with these values in its fields. */
export function recordWith(base: CandidateRecord, values: PersonValues): CandidateRecord {
  const { name, ...rest } = values;
  return { ...base, ...(rest as unknown as Partial<CandidateRecord>), ...(name as Partial<CandidateRecord>) };
}

export function isEmpty(value: JsonValue): boolean {
  if (value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object') return false;
  const entries = Object.values(value);
  return entries.every((entry) => entry === null || entry === '');
}

/** The first one's values before the other's; what both have stands once, as the first one has it. */
export function both(field: PersonField, first: JsonValue, second: JsonValue): JsonValue {
  if (field === 'customFields') return { ...(second as object), ...(first as object) };
  const values = [...(first as readonly JsonValue[]), ...(second as readonly JsonValue[])];
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = keyOf(value);
    return seen.has(key) ? false : seen.add(key);
  });
}

function keyOf(value: JsonValue): string {
  const text = typeof value === 'object' && value !== null ? (value as { readonly value?: JsonValue }).value : value;
  return typeof text === 'string' ? text.trim().toLowerCase() : JSON.stringify(value);
}
