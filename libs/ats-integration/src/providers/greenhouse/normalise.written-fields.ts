import type { CustomField, CustomFields, JsonValue } from '../../contract.js';
import { ProviderFault } from '../../contract.js';

type Written = Readonly<Record<string, JsonValue>>;

/** Which values a type of field takes, by Greenhouse's words for types in values and in the fields themselves. */
const TAKES: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  short_text: isText,
  long_text: isText,
  rich_text: isText,
  single_select: isText,
  url: isText,
  date: (value) => isText(value) && /^\d{4}-\d{2}-\d{2}$/.test(value),
  boolean: (value) => typeof value === 'boolean',
  yes_no: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  user: (value) => typeof value === 'number',
  multi_select: Array.isArray,
  currency: (value) => isObject(value) && 'amount' in value,
  currency_range: (value) => isObject(value) && 'min_amount' in value,
  number_range: (value) => isObject(value) && 'min_value' in value,
};

/**
 * All custom fields of a candidate as they are to be written: the changed ones, and every other one as it is, because a
 * list of custom fields replaces the whole of them. Read as an object by key, written as a list with `name_key`, and
 * amounts and ranges have other names (Harvest v3 docs, Custom fields).
 *
 * @throws ProviderFault `invalid-request` when a change does not fit its field, or when a field that is not changed cannot be
 * written as it is and so would be lost.
 */
export function writeCustomFields(present: CustomFields, changes: Written): readonly JsonValue[] {
  const kept = Object.entries(present).filter(
    // Fields with a dot are our own additions. What is empty needs no writing to stay so.
    ([key, { value }]) => !key.includes('.') && !Object.hasOwn(changes, key) && !isEmpty(value),
  );
  return [
    ...kept.map(([key, field]) => ({ name_key: key, value: keptValue(key, field) })),
    ...Object.entries(changes).map(([key, value]) => ({
      name_key: key,
      value: changedValue(key, Object.hasOwn(present, key) ? present[key] : undefined, value),
    })),
  ];
}

function keptValue(key: string, { name, type, value }: CustomField): JsonValue {
  const written = writtenValue(type, value);
  if (written !== undefined) return written;
  throw refuse(
    `Greenhouse takes the custom fields of a candidate all at once, and the field "${name}" (${key}) holds something that cannot be written back, so it would be lost. Change the fields of this candidate in Greenhouse.`,
  );
}

function changedValue(key: string, field: CustomField | undefined, value: JsonValue): JsonValue {
  if (value === null) return null;
  const { name, type } = field ?? { name: key, type: 'unknown' };
  const written = writtenValue(type, value);
  const takes = Object.hasOwn(TAKES, type) ? TAKES[type] : undefined;
  if (written !== undefined && (takes === undefined || takes(written))) return written;
  throw refuse(
    `The new value does not fit the custom field "${name}" (${key}) of Greenhouse, which is of type ${type}. Enter another one.`,
  );
}

/** The written form of a value as Greenhouse shows it; undefined when there is none. */
function writtenValue(type: string, value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.every(isText) || value.every(isNumber) ? value : undefined;
  if (isObject(value)) return writtenObject(type, value);
  // Numbers come as texts too.
  return type === 'number' && isText(value) ? numberOf(value) : value;
}

function writtenObject(type: string, value: Written): JsonValue | undefined {
  const currency = value['currency_code'] ?? value['unit'];
  const [amount, min, max] = [
    value['amount'],
    value['min_amount'] ?? value['min_value'],
    value['max_amount'] ?? value['max_value'],
  ].map(numberOf);
  if (type === 'user') return numberOf(value['user_id']);
  if (amount !== undefined && isText(currency)) return { amount, currency_code: currency };
  if (min === undefined || max === undefined) return undefined;
  if (isText(currency) && type !== 'number_range') {
    return { min_amount: min, max_amount: max, currency_code: currency };
  }
  return type === 'currency_range' ? undefined : { min_value: min, max_value: max };
}

function numberOf(value: JsonValue | undefined): number | undefined {
  const number = isText(value) && value.trim() !== '' ? Number(value) : value;
  return isNumber(number) && Number.isFinite(number) ? number : undefined;
}

function isEmpty(value: JsonValue): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isObject(value: JsonValue): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const refuse = (sentence: string): ProviderFault => new ProviderFault('invalid-request', sentence);
