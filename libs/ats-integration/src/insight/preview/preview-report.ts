import type { RecordKind } from '../../contract/records.js';

/** `exact`: counted, or said by the ATS. `estimate`: from what was read. `at-least`: there are more, nobody knows how many. */
export const PRECISIONS = ['exact', 'estimate', 'at-least'] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface PreviewCount {
  readonly value: number;
  readonly precision: Precision;
}

export interface UnconfirmedStage {
  /** As the stage mapping has it: one for all stages of that name where every job has its own. */
  readonly key: string;
  readonly name: string;
  /** Stages of the ATS that it stands for. */
  readonly stages: number;
  /** Where its applications would be placed; null when the host has no stages. */
  readonly suggestion: {
    readonly hostStageId: string;
    readonly hostStageName: string;
    /** 0 to 1. */
    readonly confidence: number;
    readonly reason: string;
  } | null;
}

/** What an initial import would do. Nothing of it has happened. */
export interface ImportPreviewReport {
  readonly connectionId: string;
  readonly takenAt: Date;
  /** Requests that this preview took. */
  readonly requests: number;
  readonly jobs: {
    readonly total: PreviewCount;
    /** By the connection's rules: whose people are imported. */
    readonly open: PreviewCount;
    /** In the ATS's words, the most frequent first; of the jobs that were read. */
    readonly byStatus: readonly { readonly status: string; readonly count: number; readonly open: boolean }[];
  };
  readonly stages: { readonly total: PreviewCount; readonly unconfirmed: readonly UnconfirmedStage[] };
  /** Who would be imported. */
  readonly people: { readonly candidates: PreviewCount; readonly applications: PreviewCount };
  /** People who are in Elly already, not through this connection, by e-mail address. */
  readonly duplicates: {
    /** People whose addresses were looked at. */
    readonly checked: number;
    readonly found: PreviewCount;
    /** The host's ids of the first of them, or the library's where the host does not say. */
    readonly candidateIds: readonly string[];
  };
  /** Rows that were read and would not come in. */
  readonly setAside: readonly { readonly kind: RecordKind; readonly reason: string; readonly count: number }[];
  /** What whoever authorised may not see, and scopes that were not granted. */
  readonly missingPermissions: readonly string[];
  /** What the import costs, under the ATS's rate limit. */
  readonly cost: {
    readonly requests: PreviewCount;
    /** Behind the records, where résumés are asked for one by one. */
    readonly resumeRequests: PreviewCount;
    readonly seconds: PreviewCount;
  };
  /** What is here of this connection already. */
  readonly imported: { readonly jobs: number; readonly candidates: number; readonly applications: number };
}
