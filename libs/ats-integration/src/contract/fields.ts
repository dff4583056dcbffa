import type { RecordKind } from './records.js';

/** `read-only`: comes from the ATS and is locked in Elly. `bidirectional`: may be changed on either side. */
export const FIELD_DIRECTIONS = ['read-only', 'bidirectional'] as const;
export type FieldDirection = (typeof FIELD_DIRECTIONS)[number];

export interface FieldSpec {
  /** The field of the common record: `title`, `stageRemoteId`, `emails`. */
  readonly field: string;
  /** What a person reads: "Job title". */
  readonly label: string;
  /** The most that this ATS allows; a connection may narrow it. */
  readonly direction: FieldDirection;
}

export type FieldTable = Readonly<Partial<Record<RecordKind, readonly FieldSpec[]>>>;
