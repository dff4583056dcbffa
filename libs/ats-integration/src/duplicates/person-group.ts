import type { JsonValue } from '../contract/records.js';
import type { StoredCandidate } from './read-candidates.js';
import type { PersonField, PersonValues } from './person-fields.js';

export const MERGE_CHOICES = ['survivor', 'merged', 'both'] as const;
/** Whose value a field has from now on. */
export type MergeChoice = (typeof MERGE_CHOICES)[number];
export type MergeChoices = Readonly<Record<PersonField, MergeChoice>>;

/** Somebody who was merged into somebody. */
export interface PersonLink {
  readonly kind: 'ats' | 'own';
  readonly id: string;
  /** The record that it was merged into, and where the chain ends. */
  readonly intoId: string;
  readonly survivorId: string;
  readonly mergeId: string;
  readonly choices: MergeChoices;
  /** One of the host's own: what it said when it was merged; null when that was erased. */
  readonly own: PersonValues | null;
  /** And what the survivor said then, field by field, as hashes. */
  readonly ownOver: Readonly<Record<string, JsonValue>> | null;
}

/** All records that are one person. */
export interface PersonGroup {
  readonly rootId: string;
  /** In the order of the merges. */
  readonly links: readonly PersonLink[];
  readonly records: ReadonlyMap<string, StoredCandidate>;
}

/** Library ids of the ATS's records of a person. */
export function recordIdsOf({ rootId, links }: Pick<PersonGroup, 'rootId' | 'links'>): string[] {
  return [rootId, ...links.filter(({ kind }) => kind === 'ats').map(({ id }) => id)];
}

/** Somebody and everybody who was merged into it, directly or not. */
export function membersBelow(links: readonly PersonLink[], top: Pick<PersonLink, 'kind' | 'id'>): PersonRefs {
  const members = [{ kind: top.kind, id: top.id }];
  for (let at = 0; at < members.length; at += 1) {
    const member = members[at];
    if (member?.kind !== 'ats') continue;
    members.push(...links.filter(({ intoId }) => intoId === member.id).map(({ kind, id }) => ({ kind, id })));
  }
  return members;
}

export type PersonRefs = { readonly kind: 'ats' | 'own'; readonly id: string }[];

export function isLiving({ records }: PersonGroup): boolean {
  return [...records.values()].some(({ tombstone }) => tombstone === null);
}
