import { z } from 'zod';
import { CUSTOM_FIELDS, TYPE_IN_VALUES } from '../data/custom-fields.js';
import { idOf } from '../data/ids.js';
import type { CustomFieldValues } from '../data/rows.js';
import { unprocessable } from './harvest-error.js';

const value = z.union([
  z.string(),
  z.boolean(),
  z.number(),
  z.array(z.string()),
  z.array(z.number()),
  z.null(),
  z.strictObject({ amount: z.number(), currency_code: z.string().max(3) }),
  z.strictObject({ min_amount: z.number(), max_amount: z.number(), currency_code: z.string().max(3) }),
  z.strictObject({ min_value: z.number(), max_value: z.number() }),
]);

/** Each names its field by its key or by its id, never by both. */
export const customFieldsSchema = z.array(
  z.union([
    z.strictObject({ name_key: z.string().max(255), value }),
    z.strictObject({ custom_field_id: z.int(), value }),
  ]),
);

/** Written as a list, read as an object by key. */
export function readCustomFields(fieldType: string, written: z.infer<typeof customFieldsSchema>): CustomFieldValues {
  const entries = written.map((item) => {
    const position = CUSTOM_FIELDS.findIndex((field, key) => {
      if (field.fieldType !== fieldType) return false;
      return 'name_key' in item ? field.nameKey === item.name_key : idOf('custom_fields', key) === item.custom_field_id;
    });
    const field = CUSTOM_FIELDS[position];
    if (field === undefined) throw unprocessable({ custom_fields: 'names a field that does not exist' });
    const type = TYPE_IN_VALUES[field.valueType] ?? field.valueType;
    return [field.nameKey, { name: field.name, type, value: item.value }] as const;
  });
  return Object.fromEntries(entries);
}
