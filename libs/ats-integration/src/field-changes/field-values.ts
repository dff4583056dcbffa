import { createHash } from 'node:crypto';
import type { CandidateRecord, ContactPoint, CustomField, JsonValue } from '../contract/records.js';

const CUSTOM = 'customFields.';

/** The key of a custom field, or null for a field of the common record. */
export function customKeyOf(field: string): string | null {
  return field.startsWith(CUSTOM) && field.length > CUSTOM.length ? field.slice(CUSTOM.length) : null;
}

export function customFieldOf(record: CandidateRecord, key: string): CustomField | null {
  return Object.hasOwn(record.customFields, key) ? (record.customFields[key] ?? null) : null;
}

/** A field of the record by its name; what is not there is null. */
export function valueOf(record: CandidateRecord, field: string): JsonValue {
  const key = customKeyOf(field);
  if (key !== null) return customFieldOf(record, key)?.value ?? null;
  return (Object.hasOwn(record, field) ? (record as unknown as Record<string, JsonValue>)[field] : null) ?? null;
}

/** The record with these values. Where the ATS puts the name together from its parts, so does this. */
export function withValues(record: CandidateRecord, values: Readonly<Record<string, JsonValue>>): CandidateRecord {
  const fields: Record<string, JsonValue> = {};
  const customFields = { ...record.customFields };
  for (const [field, value] of Object.entries(values)) {
    const key = customKeyOf(field);
    if (key === null) fields[field] = value;
    else customFields[key] = { ...(customFieldOf(record, key) ?? { name: key, type: 'unknown' }), value };
  }
  const changed: CandidateRecord = { ...record, ...fields, customFields };
  const isPutTogether = !('name' in fields) && ('firstName' in fields || 'lastName' in fields);
  if (!isPutTogether) return changed;
  return { ...changed, name: [changed.firstName, changed.lastName].filter((part) => part !== null).join(' ') };
}

/** The record with these fields of another reading of the same person. */
export function withFieldsOf(
  record: CandidateRecord,
  shown: CandidateRecord,
  fields: readonly string[],
): CandidateRecord {
  const common = fields.filter((field) => customKeyOf(field) === null);
  const customFields = { ...record.customFields };
  for (const key of fields.flatMap((field) => customKeyOf(field) ?? [])) {
    const custom = customFieldOf(shown, key);
    if (custom === null) delete customFields[key];
    else customFields[key] = custom;
  }
  const values = Object.fromEntries(common.map((field) => [field, valueOf(shown, field)]));
  const isPutTogether = common.includes('firstName') || common.includes('lastName');
  return { ...record, ...(isPutTogether ? { name: shown.name } : {}), ...values, customFields };
}

/** Two values of a field are the same when these are. */
export function exactKeyOf(value: JsonValue): string {
  return hashOf(canonical(isNothing(value) ? null : value));
}

/**
 * Two values mean the same when these are: an ATS keeps what it was given in its own form. E-mail addresses lose their
 * capitals, numbers their spaces, lists their order, contacts their types, amounts come back as texts.
 */
export function kindredKeyOf(field: string, value: JsonValue): string {
  if (isNothing(value)) return hashOf('null');
  if (field === 'emails') return pointsKey(value, (text) => text.toLowerCase());
  if (field === 'phones') return pointsKey(value, (text) => text.replaceAll(/[^\d+a-z]/gi, ''));
  return hashOf(canonical(plain(value)));
}

function pointsKey(value: JsonValue, plainText: (text: string) => string): string {
  const texts = Array.isArray(value)
    ? (value as unknown as ContactPoint[]).map((point) => plainText(point.value.trim()))
    : [];
  return hashOf(canonical([...new Set(texts)].sort()));
}

function plain(value: JsonValue): JsonValue {
  if (typeof value === 'string') {
    const text = value.trim().replaceAll(/\s+/g, ' ');
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  }
  if (isList(value)) return value.map(plain).sort((one, other) => (canonical(one) < canonical(other) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function isNothing(value: JsonValue): boolean {
  return value === null || value === '' || (isList(value) && value.length === 0);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** JSON whose members stand in order: Postgres and the ATS each have their own. */
function canonical(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

/** What is compared need not be known. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
