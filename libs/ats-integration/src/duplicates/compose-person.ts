import { conflictPolicyOf } from '../connections/connection-settings.js';
import type { CandidateRecord, JsonValue } from '../contract/records.js';
import { unreadable } from './compared-person.js';
import { MANY_VALUED, PERSON_FIELDS, both, recordWith, valuesOfRecord } from './person-fields.js';
import type { PersonField, PersonValues } from './person-fields.js';
import type { PersonGroup, PersonLink } from './person-group.js';

/**
 * One person out of all that the ATSs say of it. A choice is a choice of the source: the field follows the chosen record
 * through later syncs, and the other record's changes of it stay out. A record that is gone gives way to one that lives.
 * What was chosen of a host's own person stays until the ATS changes that very field; where the connection's conflict
 * policy is `elly-wins`, for as long as the merge stands.
 */
export function composePerson(group: PersonGroup): CandidateRecord {
  const { records, rootId } = group;
  const root = records.get(rootId);
  if (root === undefined) throw new Error(`Candidate ${rootId} was merged and is not there.`);
  const base =
    root.tombstone === null ? root : ([...records.values()].find(({ tombstone }) => tombstone === null) ?? root);
  return recordWith(base.record, compose(group, rootId).values);
}

interface Composed {
  readonly values: PersonValues;
  readonly living: boolean;
}

function compose(group: PersonGroup, id: string): Composed {
  const stored = group.records.get(id);
  if (stored === undefined) throw new Error(`Candidate ${id} was merged and is not there.`);
  let composed: Composed = { values: valuesOfRecord(stored.record), living: stored.tombstone === null };
  for (const link of group.links.filter(({ intoId }) => intoId === id)) {
    composed =
      link.kind === 'ats'
        ? join(composed, compose(group, link.id), link)
        : {
            ...composed,
            values: withOwn(composed.values, link, conflictPolicyOf(stored.connection.settings) === 'elly-wins'),
          };
  }
  return composed;
}

function join(survivor: Composed, merged: Composed, { choices }: PersonLink): Composed {
  const living = survivor.living || merged.living;
  if (survivor.living !== merged.living) return { values: (survivor.living ? survivor : merged).values, living };
  const value = (field: PersonField): JsonValue => {
    const [mine, theirs] = [survivor.values[field], merged.values[field]];
    if (choices[field] === 'both') return both(field, mine, theirs);
    return choices[field] === 'merged' ? theirs : mine;
  };
  return { values: eachField(value), living };
}

function withOwn(values: PersonValues, { own, ownOver, choices }: PersonLink, ellyWins: boolean): PersonValues {
  if (own === null) return values;
  return eachField((field) => {
    const value = values[field];
    if (choices[field] === 'both') return both(field, value, own[field]);
    if (choices[field] === 'survivor') return value;
    return ellyWins || ownOver?.[field] === fieldMark(value) ? own[field] : value;
  });
}

/** Tells whether a field is still what it was, without keeping it. */
export function fieldMark(value: JsonValue): string {
  return unreadable(JSON.stringify(value));
}

export function marksOf(values: PersonValues): PersonValues {
  return eachField((field) => fieldMark(values[field]));
}

function eachField(value: (field: PersonField) => JsonValue): PersonValues {
  return Object.fromEntries(PERSON_FIELDS.map((field) => [field, value(field)])) as PersonValues;
}

export function isManyValued(field: PersonField): boolean {
  return MANY_VALUED.includes(field);
}
