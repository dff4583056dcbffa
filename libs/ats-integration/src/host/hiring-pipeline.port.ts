import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApplicationRecord, CandidateRecord, JobRecord } from '../contract/records.js';
import type { Tombstone } from '../contract/tombstone.js';

/** What a host's stage is for; places applications whose ATS stage nobody mapped yet. */
export const HOST_STAGE_KINDS = ['lead', 'applied', 'screen', 'interview', 'offer', 'hired', 'rejected'] as const;
export type HostStageKind = (typeof HOST_STAGE_KINDS)[number];

export interface HostStage {
  readonly id: string;
  readonly name: string;
  readonly kind: HostStageKind;
  /** Order in the host's pipeline; smaller is earlier. */
  readonly position: number;
}

/**
 * Where an application stands in the host's pipeline and why.
 * `mapped`: an admin confirmed it. `suggested`: our suggestion, not yet confirmed. `nearest`: no stage matched, so the
 * nearest sensible one was taken and the application is marked. `status`: hired and rejected go by their status.
 */
export interface Placement {
  readonly stageId: string;
  readonly how: 'mapped' | 'suggested' | 'nearest' | 'status';
}

export interface ChangeOf<Record> {
  /** The library's id of the record: stable over updates, re-syncs and reconnects. Key the host's row by it. */
  readonly id: string;
  /** True the first time that this record is given. */
  readonly created: boolean;
  readonly record: Record;
}

export type JobChange = ChangeOf<JobRecord>;
export interface CandidateChange extends ChangeOf<CandidateRecord> {
  /**
   * Fields that somebody edited in the host did not come about in the ATS, and this puts the candidate right again: show
   * the sentence to who edited them. Absent or null for every other change.
   */
  readonly correction?: { readonly message: string; readonly fields: readonly string[] } | null;
}
export interface ApplicationChange extends ChangeOf<ApplicationRecord> {
  /** Library ids. Both were given in this batch or an earlier one. */
  readonly candidateId: string;
  readonly jobId: string | null;
  readonly placement: Placement | null;
  /**
   * A move that somebody made in the host did not happen in the ATS, and this puts the application right again: show the
   * sentence to who moved it. Null for every other change.
   */
  readonly correction: { readonly message: string } | null;
}

export interface ResumeChange {
  readonly candidateId: string;
  readonly filename: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** What the `FileStore` returned. */
  readonly reference: string;
}

/**
 * A record that the ATS no longer has, or no longer shows. What the host does with its row is the host's: keep it marked, as the library does.
 * `anonymised` alone is an order: erase what is personal. `merged`: the person lives on as `intoId`; their applications follow.
 */
export interface GoneChange {
  readonly kind: 'job' | 'candidate' | 'application' | 'resume';
  /** Library id, as the record was given. */
  readonly id: string;
  readonly tombstone: Tombstone;
  /** Library id of the record it lives on as; null unless it was merged into one that is here. */
  readonly intoId: string | null;
  /** Of an anonymised résumé whose file was handed over: what the `FileStore` returned for it. The file is destroyed. */
  readonly reference?: string;
}

/** One committed page, at most a few hundred changes. Apply in the order of the fields. */
export interface PipelineBatch {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly provider: { readonly id: string; readonly name: string };
  readonly jobs: readonly JobChange[];
  readonly candidates: readonly CandidateChange[];
  readonly applications: readonly ApplicationChange[];
  readonly resumes: readonly ResumeChange[];
  readonly gone: readonly GoneChange[];
}

/** A person: one of an ATS by the library's candidate id, or one of the host's own by the host's id. */
export interface PersonRef {
  readonly kind: 'ats' | 'own';
  readonly id: string;
}

/** As much of one of the host's own people as finding and merging duplicates needs. */
export interface HostPerson {
  /** The host's id: a text that never changes. */
  readonly id: string;
  readonly name: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly headline: string | null;
  readonly company: string | null;
  readonly location: string | null;
}

/** Either a page in the order of ids, from behind `after`, or exactly these people. */
export type PeopleQuery =
  { readonly after: string | null; readonly limit: number } | { readonly ids: readonly string[] };

/** Two people become one, or two again. */
export interface PersonMerge {
  readonly mergeId: string;
  readonly workspaceId: string;
  /** Library candidate id: whom changes name from now on. */
  readonly survivorId: string;
  readonly merged: PersonRef;
  /** The merged one and everybody merged into it before. */
  readonly members: readonly PersonRef[];
}

export interface PersonUnmerge extends PersonMerge {
  /** Files, as the `FileStore` named them, that came with these members: they are not the survivor's. */
  readonly resumeReferences: readonly string[];
}

/**
 * The host's own jobs, candidates and pipeline. `apply` runs inside the transaction of the page: write through the
 * given EntityManager (or its `getTransactionContext()`), never through another connection, and the rows land together
 * with ours or not at all. It is on the hot path: set-based statements, no call over the network.
 */
export interface HiringPipeline {
  stages(workspaceId: string): Promise<readonly HostStage[]>;
  apply(batch: PipelineBatch, em: EntityManager): Promise<void>;
  /**
   * The workspace's candidates who have one of these e-mail addresses (lower-case, trimmed), each with the address by
   * which it was found; without those whom this connection brought. For the preview of an import: absent, the library
   * looks among what the workspace's other connections brought.
   */
  findByEmail?(
    workspaceId: string,
    emails: readonly string[],
    except: { readonly notOfConnection: string },
  ): Promise<readonly { readonly email: string; readonly candidateId: string }[]>;
  /**
   * The host's own people, those that came from no ATS: for finding duplicates among them and those that were imported.
   * Give it with `merge` and `unmerge`; without it only imported candidates are compared.
   */
  people?(workspaceId: string, query: PeopleQuery, em: EntityManager): Promise<readonly HostPerson[]>;
  /**
   * Hides the merged person and hands on to the survivor what is the host's own: notes, applications made by hand. What
   * came from an ATS (values, applications, résumés) is given to `apply` right after, in the same transaction.
   */
  merge?(merge: PersonMerge, em: EntityManager): Promise<void>;
  /** Shows the merged person again and gives it back what had been handed on; `apply` follows here, too. */
  unmerge?(merge: PersonUnmerge, em: EntityManager): Promise<void>;
}
export const HiringPipeline = Symbol('HiringPipeline');
