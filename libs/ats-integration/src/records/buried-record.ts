import type { RecordKind } from '../contract/records.js';
import type { Tombstone } from '../contract/tombstone.js';

/** A record of ours that is no longer to be had in the ATS, by library ids. */
export interface BuriedRecord {
  readonly kind: RecordKind;
  readonly id: string;
  readonly tombstone: Tombstone;
  /** `merged`: the record it lives on as, when that one is here. */
  readonly intoId: string | null;
  /** Of an anonymised résumé: the file that is destroyed. */
  readonly reference?: string;
}
