import { AtsError } from '../support/ats-error.js';
import { defaultChoices } from './default-choices.js';
import type { Side } from './default-choices.js';
import type { FoundPerson } from './find-person.js';
import type { PersonField } from './person-fields.js';
import type { MergeChoice, MergeChoices } from './person-group.js';

/** Who stays, and whose value each field has. @throws AtsError `invalid-request` */
export function mergeChoices(
  left: FoundPerson,
  right: FoundPerson,
  {
    survivor: wanted,
    choices = {},
  }: {
    readonly survivor?: 'left' | 'right' | undefined;
    readonly choices?: Readonly<Partial<Record<PersonField, Side | undefined>>> | undefined;
  },
): { survivor: FoundPerson; merged: FoundPerson; choices: MergeChoices } {
  if (left.ref.kind === right.ref.kind && left.ref.id === right.ref.id) {
    throw new AtsError('invalid-request', 'Name two people to merge: both are the same one.');
  }
  const stays = wanted ?? (left.ref.kind === 'ats' ? 'left' : 'right');
  const [survivor, merged] = stays === 'left' ? [left, right] : [right, left];
  if (survivor.ref.kind === 'own') {
    throw new AtsError(
      'invalid-request',
      'The candidate of the ATS has to be the one that stays: it is what later syncs bring changes for. Its values may come from the other one.',
    );
  }
  const chosen = defaultChoices(left, right).map(({ field, sides, choice }): [PersonField, MergeChoice] => {
    const side = choices[field] ?? choice;
    if (!sides.includes(side)) {
      throw new AtsError('invalid-request', `The field "${field}" has one value: choose left or right.`);
    }
    if (side === 'both') return [field, 'both'];
    return [field, side === stays ? 'survivor' : 'merged'];
  });
  return { survivor, merged, choices: Object.fromEntries(chosen) as MergeChoices };
}
