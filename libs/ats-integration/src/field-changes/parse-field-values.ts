import { z } from 'zod';
import type { CandidateRecord, ContactPoint, CustomField, JsonValue } from '../contract/records.js';
import { AtsError } from '../support/ats-error.js';
import { customFieldOf, customKeyOf, valueOf } from './field-values.js';

const LONGEST_TEXT = 20_000;
const MOST_OF_A_LIST = 100;

/** Postgres keeps no NUL and no half of a surrogate pair. */
const storable = z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), 'holds what no text may');
const text = storable.trim().max(LONGEST_TEXT);
const line = text.max(1000);
const optionalLine = line.nullable().transform((value) => (value === '' ? null : value));
const list = z
  .array(line.min(1))
  .max(MOST_OF_A_LIST)
  .transform((all) => [...new Set(all)]);
const points = (value: z.ZodType<string>) =>
  z
    .array(z.strictObject({ value, type: line.min(1).nullable().default(null) }))
    .max(MOST_OF_A_LIST)
    .transform((all) => all.filter((point, at) => all.findIndex((other) => other.value === point.value) === at));

/** The fields of a candidate that a person can edit, by their names in the common record. */
const FIELDS: Readonly<Record<string, z.ZodType<JsonValue>>> = {
  name: line.min(1),
  firstName: optionalLine,
  lastName: optionalLine,
  phones: points(line.min(1).max(100)),
  headline: optionalLine,
  company: optionalLine,
  location: optionalLine,
  links: list,
  tags: list,
};

const number = z.number();
const day = z.iso.date();
const flag = z.boolean();
const options = z.array(text.min(1)).max(MOST_OF_A_LIST);

/** What the ATSs' words for a custom field's type take. A type that is not here takes what is of the present value's shape. */
const CUSTOM_TYPES: Readonly<Record<string, z.ZodType<JsonValue>>> = {
  text,
  short_text: line,
  long_text: text,
  rich_text: text,
  single_select: line,
  dropdown: line,
  url: z.url().max(2000),
  date: day,
  number,
  boolean: flag,
  yes_no: flag,
  multi_select: options,
};

/** Whether there is such a field at all; custom ones are known by their ATS alone. */
export function isCandidateField(field: string): boolean {
  return field === 'emails' || Object.hasOwn(FIELDS, field) || customKeyOf(field) !== null;
}

/**
 * The values as they are kept and sent. Contacts of which no type is said keep the one that the ATS has of them.
 * @throws AtsError `invalid-request` that names the fields whose value has not the form that they have
 */
export function parseFieldValues(
  record: CandidateRecord,
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, JsonValue>> {
  const wrong: string[] = [];
  const parsed = Object.entries(changes).map(([field, given]) => {
    const result = schemaOf(record, field).safeParse(given);
    if (!result.success) wrong.push(`"${field}": ${result.error.issues[0]?.message ?? 'it is not understood'}`);
    return [field, result.success ? withTypes(record, field, result.data) : null] as const;
  });
  if (wrong.length === 0) return Object.fromEntries(parsed);
  throw new AtsError('invalid-request', `These values have not the form of their field. ${wrong.join('; ')}.`);
}

function schemaOf(record: CandidateRecord, field: string): z.ZodType<JsonValue> {
  const key = customKeyOf(field);
  if (field === 'emails') return emailsOf(record);
  if (key === null) return (Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined) ?? z.never();
  return customSchemaOf(customFieldOf(record, key)).nullable();
}

/** What the ATS has of the person already stays as it is, however odd. */
function emailsOf({ emails }: CandidateRecord): z.ZodType<JsonValue> {
  const present = new Set(emails.map(({ value }) => value));
  const address = line
    .max(320)
    .refine((value) => present.has(value) || z.email().safeParse(value).success, 'it is not an e-mail address');
  return points(address);
}

function customSchemaOf(custom: CustomField | null): z.ZodType<JsonValue> {
  const known = custom !== null && Object.hasOwn(CUSTOM_TYPES, custom.type) ? CUSTOM_TYPES[custom.type] : undefined;
  if (known !== undefined) return known;
  const value = custom?.value ?? null;
  return anyJson.refine(
    (given) => value === null || shapeOf(given) === shapeOf(value),
    'the field holds another kind of value',
  );
}

const anyJson: z.ZodType<JsonValue> = z.json().refine((value) => {
  const written = JSON.stringify(value);
  return written.length <= LONGEST_TEXT && isStorable(value);
}, 'it is too long, or holds what no text may');

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return storable.safeParse(value).success;
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, each]) => isStorable(name) && isStorable(each));
}

function shapeOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'list';
  return value === null ? 'nothing' : typeof value;
}

function withTypes(record: CandidateRecord, field: string, value: JsonValue): JsonValue {
  if (field !== 'emails' && field !== 'phones') return value;
  const present = valueOf(record, field) as unknown as readonly ContactPoint[];
  return (value as unknown as readonly ContactPoint[]).map((point) => ({
    value: point.value,
    type: point.type ?? present.find((one) => one.value === point.value)?.type ?? null,
  }));
}
