/**
 * The common records: what every provider's `normalise.ts` produces and everything behind it relies on.
 * After this line there is no vendor shape, no `any`, and an unknown value of an enumeration is `'unknown'`.
 */
export const RECORD_KINDS = ['user', 'job', 'stage', 'candidate', 'application', 'resume', 'stage-stay'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** JSON as Postgres keeps it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

interface RecordBase {
  /** The id in the ATS, as text: ids above 2^53 and word-shaped ids are both real. */
  readonly remoteId: string;
  /** When the ATS says it last changed; null when it does not say. An older version never overwrites a newer one. */
  readonly updatedAt: Date | null;
}

/** A person who works in the ATS; kept for names (recruiter, owner). */
export interface UserRecord extends RecordBase {
  readonly kind: 'user';
  readonly name: string;
  readonly email: string | null;
  readonly active: boolean;
}

export const JOB_STATUSES = ['open', 'closed', 'draft', 'on-hold', 'unknown'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export interface JobRecord extends RecordBase {
  readonly kind: 'job';
  readonly title: string;
  /** HTML as the ATS keeps it, or null. Show it only through a sanitiser. */
  readonly descriptionHtml: string | null;
  readonly status: JobStatus;
  /** The vendor's own word, shown to a person and used for the rule of open jobs. */
  readonly remoteStatus: string;
  readonly department: string | null;
  readonly location: string | null;
  readonly confidential: boolean;
  readonly openedAt: Date | null;
  readonly closedAt: Date | null;
  readonly url: string | null;
  readonly customFields: CustomFields;
}

export interface StageRecord extends RecordBase {
  readonly kind: 'stage';
  readonly name: string;
  /** The job that the stage belongs to, or null where the ATS has one pipeline for the account. */
  readonly jobRemoteId: string | null;
  /** Order in its pipeline; smaller is earlier. Need not be an integer or without gaps. */
  readonly position: number;
  /** False when the stage is kept only so that history resolves. */
  readonly active: boolean;
}

export interface ContactPoint {
  readonly value: string;
  /** `home`, `work`, `mobile`, …: the vendor's word, or null. */
  readonly type: string | null;
}

/** One custom field, keyed in the record by the vendor's immutable key. */
export interface CustomField {
  readonly name: string;
  readonly type: string;
  readonly value: JsonValue;
}
export type CustomFields = Readonly<Record<string, CustomField>>;

export interface CandidateRecord extends RecordBase {
  readonly kind: 'candidate';
  /** Full name as shown; empty when the ATS anonymised the person. */
  readonly name: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly emails: readonly ContactPoint[];
  readonly phones: readonly ContactPoint[];
  readonly headline: string | null;
  readonly company: string | null;
  readonly location: string | null;
  readonly links: readonly string[];
  readonly tags: readonly string[];
  /** The ATS erased this person: nothing personal may be kept here either. */
  readonly anonymised: boolean;
  readonly url: string | null;
  readonly customFields: CustomFields;
}

export const APPLICATION_STATUSES = ['active', 'rejected', 'hired', 'converted', 'unknown'] as const;
export type ApplicationStatus = (typeof APPLICATION_STATUSES)[number];

export interface ApplicationRecord extends RecordBase {
  readonly kind: 'application';
  readonly candidateRemoteId: string;
  /** Null for a prospect or lead: a person who has not applied to a job. */
  readonly jobRemoteId: string | null;
  /** The stage of the job's or account's pipeline, null when it has none (rejected, hired, prospect). */
  readonly stageRemoteId: string | null;
  /** The stage's name as the application carries it; helps when the stage itself is not known yet. */
  readonly stageName: string | null;
  readonly status: ApplicationStatus;
  /** Reason of a rejection in the ATS's words, when it says one. */
  readonly statusReason: string | null;
  readonly appliedAt: Date | null;
  /** When it came to its present stage or status. */
  readonly stageChangedAt: Date | null;
  readonly source: string | null;
  /** The ATS's user who owns the application, as a remote id of kind `user`. */
  readonly ownerRemoteId: string | null;
  readonly customFields: CustomFields;
}

/** A résumé file, by reference: the bytes travel apart, straight into the `FileStore`. */
export interface ResumeRecord extends RecordBase {
  readonly kind: 'resume';
  readonly candidateRemoteId: string;
  readonly applicationRemoteId: string | null;
  readonly filename: string;
  /** Where the provider finds the bytes: opaque to the engine, may expire, never logged. */
  readonly locator: JsonValue;
  readonly uploadedAt: Date | null;
}

/** A stage that an application was or is in: the history from which a move is seen that nobody announced. */
export interface StageStayRecord extends RecordBase {
  readonly kind: 'stage-stay';
  readonly applicationRemoteId: string;
  readonly stageRemoteId: string;
  /** Null where the ATS does not know. */
  readonly enteredAt: Date | null;
  /** Null while it is there, or where the ATS does not know. */
  readonly leftAt: Date | null;
  /** The ATS's user who moved it into the stage, as a remote id of kind `user`; null when nobody is named. */
  readonly movedByRemoteId: string | null;
}

export type ProviderRecord =
  UserRecord | JobRecord | StageRecord | CandidateRecord | ApplicationRecord | ResumeRecord | StageStayRecord;
export type RecordOf<K extends RecordKind> = Extract<ProviderRecord, { kind: K }>;
