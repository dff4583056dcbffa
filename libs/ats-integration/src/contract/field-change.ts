import type { ProviderContext } from './context.js';
import type { CandidateRecord, JsonValue } from './records.js';

/** Changed fields of a candidate by the name of the common record's field; a custom field is `customFields.<key>`. */
export type FieldChanges = Readonly<Record<string, JsonValue>>;

export interface CandidateState {
  /** The record as the ATS has it at this moment. */
  readonly record: CandidateRecord;
  /** What `write` needs besides (lists that are replaced as a whole, for one); opaque to everything else, never stored. */
  readonly guard: JsonValue;
}

/**
 * Writes fields of a candidate back. The engine reads, lets the conflict policy decide, sends one write and reads back.
 * Faults mean the same as in `StageChangeCapability`.
 */
export interface FieldChangeCapability<Config> {
  /** Scopes of the authorisation that it needs. */
  readonly scopes: readonly string[];
  /** Null: the candidate is gone, or no longer visible. */
  read(context: ProviderContext<Config>, candidateRemoteId: string): Promise<CandidateState | null>;
  /**
   * Exactly one write. What the ATS replaces as a whole is merged with `current` first, so that nothing which the changes do not
   * name is lost.
   */
  write(
    context: ProviderContext<Config>,
    candidateRemoteId: string,
    current: CandidateState,
    changes: FieldChanges,
  ): Promise<void>;
}
