import type { JsonValue } from '../contract/records.js';
import type { FoundPerson } from './find-person.js';
import { FIELD_LABELS, MANY_VALUED, PERSON_FIELDS, isEmpty } from './person-fields.js';
import type { PersonField } from './person-fields.js';

export const SIDES = ['left', 'right', 'both'] as const;
export type Side = (typeof SIDES)[number];

export interface PreviewField {
  readonly field: PersonField;
  readonly label: string;
  readonly left: JsonValue;
  readonly right: JsonValue;
  /** `both`: only where several values may stand beside each other. */
  readonly sides: readonly Side[];
  readonly choice: Side;
  /** Why this choice is the default. */
  readonly reason: string;
}

/** Each field of two people with the choice that is made when nobody makes one. */
export function defaultChoices(left: FoundPerson, right: FoundPerson): PreviewField[] {
  return PERSON_FIELDS.map((field) => {
    const [mine, theirs] = [left.values[field], right.values[field]];
    const many = MANY_VALUED.includes(field);
    const sides: Side[] = many ? ['left', 'right', 'both'] : ['left', 'right'];
    return { field, label: FIELD_LABELS[field], left: mine, right: theirs, sides, ...choose(many, left, right, field) };
  });
}

function choose(
  many: boolean,
  left: FoundPerson,
  right: FoundPerson,
  field: PersonField,
): Pick<PreviewField, 'choice' | 'reason'> {
  const [mine, theirs] = [left.values[field], right.values[field]];
  if (JSON.stringify(mine) === JSON.stringify(theirs)) return { choice: 'left', reason: 'Both say the same.' };
  if (isEmpty(theirs)) return { choice: 'left', reason: 'Only this side says something.' };
  if (isEmpty(mine)) return { choice: 'right', reason: 'Only this side says something.' };
  if (many) return { choice: 'both', reason: 'Several can stand beside each other, so nothing is lost.' };
  if (right.ref.kind === 'own') return { choice: 'left', reason: 'The ATS keeps this side up to date.' };
  const newer = (right.updatedAt?.getTime() ?? 0) > (left.updatedAt?.getTime() ?? 0);
  if (newer) return { choice: 'right', reason: 'This side was changed later in its ATS.' };
  return { choice: 'left', reason: 'This side was changed last in its ATS, or it is not known which was.' };
}
