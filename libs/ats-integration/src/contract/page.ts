import type { JsonValue, ProviderRecord, RecordKind } from './records.js';
import type { GoneRecord } from './tombstone.js';

/** A row that could not become a record. It is kept with its reason; the rest of the page goes on. */
export interface RejectedRecord {
  readonly kind: RecordKind;
  /** Null when the row does not even say who it is. */
  readonly remoteId: string | null;
  /** What is wrong, by field and expectation, never by value: `emails[0]: expected string, received number`. */
  readonly reason: string;
}

/** A row that parses but that this connection is not to have. */
export interface WithheldRecord {
  readonly kind: RecordKind;
  readonly remoteId: string | null;
  /** `private`: the ATS shows a stub instead of the person. `template`: not a real job. */
  readonly reason: 'private' | 'template' | 'superseded';
}

/** Where a stream continues: any JSON, chosen by the provider, opaque to everything else. */
export type Cursor = JsonValue;

/**
 * One page of a stream. `next` is the cursor that yields everything after this page; null says that the stream has ended.
 * The engine commits records and cursor together, so a page that was yielded twice is harmless and one that was skipped is not.
 */
export interface ProviderPage {
  readonly records: readonly ProviderRecord[];
  readonly rejected: readonly RejectedRecord[];
  readonly withheld: readonly WithheldRecord[];
  /** What the ATS lists as deleted or merged, for a stream that is its feed of deletions. */
  readonly gone?: readonly GoneRecord[];
  readonly next: Cursor | null;
  /** Rows that the ATS says the whole stream holds, when it says so. */
  readonly total?: number;
}
