import { fraction, integer, pick } from '../../randomness/random.js';
import { idOf } from './ids.js';
import type { CustomFieldValues } from './rows.js';

export interface CustomFieldPlan {
  readonly fieldType: 'job' | 'candidate' | 'application' | 'rejection_question' | 'user_attribute';
  readonly nameKey: string;
  readonly name: string;
  readonly valueType: string;
  readonly options?: readonly string[];
}

/** Every type of value occurs at least once. */
export const CUSTOM_FIELDS: readonly CustomFieldPlan[] = [
  {
    fieldType: 'job',
    nameKey: 'employment_type',
    name: 'Employment Type',
    valueType: 'single_select',
    options: ['Full-time', 'Part-time', 'Contract'],
  },
  { fieldType: 'job', nameKey: 'salary_range', name: 'Salary Range', valueType: 'currency_range' },
  { fieldType: 'job', nameKey: 'travel_days', name: 'Travel Days', valueType: 'number_range' },
  { fieldType: 'job', nameKey: 'hiring_lead', name: 'Hiring Lead', valueType: 'user' },
  { fieldType: 'candidate', nameKey: 'pronouns', name: 'Pronouns', valueType: 'short_text' },
  { fieldType: 'candidate', nameKey: 'summary', name: 'Summary', valueType: 'long_text' },
  { fieldType: 'candidate', nameKey: 'open_to_relocation', name: 'Open to relocation?', valueType: 'yes_no' },
  {
    fieldType: 'candidate',
    nameKey: 'languages',
    name: 'Languages',
    valueType: 'multi_select',
    options: ['English', 'Français', 'Deutsch', '日本語'],
  },
  { fieldType: 'candidate', nameKey: 'desired_salary', name: 'Desired Salary', valueType: 'currency' },
  { fieldType: 'candidate', nameKey: 'years_of_experience', name: 'Years of Experience', valueType: 'number' },
  { fieldType: 'candidate', nameKey: 'available_from', name: 'Available from', valueType: 'date' },
  { fieldType: 'candidate', nameKey: 'portfolio', name: 'Portfolio', valueType: 'url' },
  {
    fieldType: 'application',
    nameKey: 'seniority',
    name: 'Seniority',
    valueType: 'single_select',
    options: ['B1', 'B2', 'B3'],
  },
  { fieldType: 'application', nameKey: 'visa', name: 'Visa', valueType: 'yes_no' },
  { fieldType: 'rejection_question', nameKey: 'keep_warm', name: 'Keep warm?', valueType: 'yes_no' },
  { fieldType: 'user_attribute', nameKey: 'badge', name: 'Badge', valueType: 'short_text' },
];

/** Names of types in values that differ from those in the fields themselves. */
export const TYPE_IN_VALUES: Readonly<Record<string, string>> = { yes_no: 'boolean' };

/** The values of one record, keyed by the field's immutable key; about a quarter are not filled in. */
export function customFieldValues(
  fieldType: CustomFieldPlan['fieldType'],
  seed: number,
  index: number,
): CustomFieldValues {
  const values: Record<string, { name: string; type: string; value: unknown }> = {};
  CUSTOM_FIELDS.forEach((field, position) => {
    if (field.fieldType !== fieldType) return;
    const type = TYPE_IN_VALUES[field.valueType] ?? field.valueType;
    values[field.nameKey] = { name: field.name, type, value: valueOf(field, seed, index, 400 + position * 3) };
  });
  return values;
}

function valueOf(field: CustomFieldPlan, seed: number, index: number, salt: number): unknown {
  const multiple = field.valueType === 'multi_select';
  if (fraction(seed, index, salt) < 0.25) return multiple ? [] : null;
  const amount = (integer(seed, index, salt + 1, 80) + 20) * 1000;
  switch (field.valueType) {
    case 'single_select':
      return pick(field.options ?? [], seed, index, salt + 1);
    case 'multi_select':
      return (field.options ?? []).filter((_, option) => fraction(seed, index, salt + 1 + option) < 0.4);
    case 'yes_no':
      return fraction(seed, index, salt + 1) < 0.5;
    case 'currency':
      return { amount: `${amount}.0`, unit: 'EUR' };
    case 'currency_range':
      return { min_value: `${amount}.0`, max_value: `${amount + 15_000}.0`, unit: 'EUR' };
    case 'number':
      return integer(seed, index, salt + 1, 30);
    case 'number_range':
      return { min_value: 0, max_value: integer(seed, index, salt + 1, 60) };
    case 'date':
      return `2027-${String(integer(seed, index, salt + 1, 12) + 1).padStart(2, '0')}-01`;
    case 'url':
      return `https://portfolio.example/p/${index}`;
    case 'user':
      return { user_id: idOf('users', 1), name: 'Rae Kim', email: 'rae.kim@example.test', employee_id: 'E2' };
    case 'long_text':
      return 'Ten years in teams of all sizes; <b>likes</b> tidy code & clear words.';
    default:
      return pick(['they/them', 'she/her', 'he/him'], seed, index, salt + 1);
  }
}
