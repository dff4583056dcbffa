import type { RecordKind } from '../../contract/records.js';
import type { RunKind } from '../../sync/sync-run-status.js';

/**
 * How a value came to be. `sync-run`: a page of that run; `webhook`: a run that this delivery asked for. `stage-change`
 * and `field-change`: somebody's change in Elly, or what the ATS showed when that change was read back. `merge`: its
 * candidate was merged into another one. `not-recorded`: it was here before provenance was kept.
 */
export const VALUE_EVENTS = ['sync-run', 'webhook', 'stage-change', 'field-change', 'merge', 'not-recorded'] as const;
export type ValueEventKind = (typeof VALUE_EVENTS)[number];

export interface ValueEvent {
  readonly kind: ValueEventKind;
  /** Of the run, the change or the delivery in the inbox; null for the other kinds. */
  readonly id: string | null;
  /** Of a run, also of the one that a delivery asked for. */
  readonly runKind: RunKind | null;
  /** Who changed it in Elly. */
  readonly actorUserId: string | null;
  /** The record came into being with it. */
  readonly first: boolean;
}

export interface ValueProvenance {
  /** Under its column's name, as `fields` of a record has it. */
  readonly field: string;
  readonly value: unknown;
  readonly source: 'ats' | 'elly';
  /** The name of the ATS, or "Elly". */
  readonly sourceName: string;
  /** When the ATS says that the record changed to this state; null when it does not say, and for a change in Elly that no page of the ATS's has shown yet. */
  readonly atsUpdatedAt: Date | null;
  readonly learntAt: Date;
  readonly event: ValueEvent;
}

/** Why a record is as it is, value by value. */
export interface RecordProvenance {
  readonly kind: RecordKind;
  readonly remoteId: string;
  /** The library's id. */
  readonly id: string;
  readonly values: readonly ValueProvenance[];
}
