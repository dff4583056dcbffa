import type { ConnectionStatus } from '../../connections/connection-status.js';
import type { RecordKind } from '../../contract/records.js';

/** Why a record is here or not; the first that holds. */
export const EXPLANATION_REASONS = [
  'here',
  'waits-for-candidate',
  'merged',
  'deleted',
  'anonymised',
  'permission-lost',
  'out-of-scope',
  'quarantined',
  'job-not-open',
  'job-not-visible',
  'private',
  'not-visible',
  'filtered',
  'suspended',
  'reconnect-required',
  'disconnected',
  'first-sync-not-completed',
  'not-yet-synced',
  'not-in-ats',
  'never-seen',
] as const;
export type ExplanationReason = (typeof EXPLANATION_REASONS)[number];

/** What the ATS answered when it was asked for the record by its id. `cannot-be-asked`: it has no list of this kind by id. */
export const ATS_ANSWERS = [
  'there',
  'not-there',
  'withheld',
  'unreadable',
  'not-asked',
  'cannot-be-asked',
  'no-answer',
] as const;
export type AtsAnswer = (typeof ATS_ANSWERS)[number];

export interface NamedRecord {
  readonly kind: RecordKind;
  readonly remoteId: string;
  /** The library's id. */
  readonly id: string;
}

export interface Explanation {
  readonly reason: ExplanationReason;
  /** What is so, in a sentence. */
  readonly message: string;
  /** Null when there is nothing to do. */
  readonly whatToDo: string | null;
  /** Null when it was looked for by e-mail and nobody was found. */
  readonly kind: RecordKind | null;
  readonly remoteId: string | null;
  /** The record, with the applications of a candidate, as far as they are here. */
  readonly records: readonly NamedRecord[];
  /** Of a merged candidate: who it lives on as. `id` is null when that one is not here. */
  readonly survivor: { readonly remoteId: string; readonly id: string | null } | null;
  readonly atsAnswer: AtsAnswer;
  readonly connection: { readonly status: ConnectionStatus; readonly lastSyncedAt: Date | null };
  /** Others with this e-mail address. */
  readonly alsoFound: readonly NamedRecord[];
}

/** What is asked after. By e-mail it is a candidate. */
export type ExplainQuestion =
  | { readonly email: string }
  /** Without a kind: a candidate of this id, or else an application. */
  | { readonly remoteId: string; readonly kind?: RecordKind | undefined };
