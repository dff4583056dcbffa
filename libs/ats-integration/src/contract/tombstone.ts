import type { RecordKind } from './records.js';

/**
 * Why a record is no longer to be had. `deleted`: the ATS deleted it. `merged`: it lives on as another one. `anonymised`: the person was erased.
 * `permission-lost`: it is there, and this authorisation may no longer see it. `out-of-scope`: it was moved out of what is synced.
 */
export const TOMBSTONES = ['deleted', 'merged', 'anonymised', 'permission-lost', 'out-of-scope'] as const;
export type Tombstone = (typeof TOMBSTONES)[number];

/** What the ATS says is gone. */
export interface GoneRecord {
  readonly kind: RecordKind;
  readonly remoteId: string;
  readonly tombstone: Tombstone;
  /** `merged`: the record it lives on as. */
  readonly intoRemoteId: string | null;
  /** When, as the ATS says it. */
  readonly at: Date | null;
}
