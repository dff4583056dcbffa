import type { RecordKind } from '../contract/records.js';
import type { Tombstone } from '../contract/tombstone.js';

interface StageChangeStopped<Type extends string> {
  readonly type: Type;
  readonly changeId: string;
  readonly applicationId: string;
  readonly code: string;
  readonly reason: string;
}

interface FieldChangeStep<Type extends string> {
  readonly type: Type;
  readonly changeId: string;
  readonly candidateId: string;
  /** Names of the edited fields, never their values. */
  readonly fields: readonly string[];
}

interface PeopleJoined<Type extends string> {
  readonly type: Type;
  readonly mergeId: string;
  readonly survivorId: string;
  /** `own`: one of the host's own people, by the host's id; otherwise a library candidate id. */
  readonly mergedKind: 'ats' | 'own';
  readonly mergedId: string;
}

/** What happened, by ids: no personal data, no secret. Read the rows to know more. */
export type DomainEventBody =
  | { readonly type: 'connection.activated' }
  | { readonly type: 'connection.reconnect-required'; readonly reason: string }
  /** Signed in again after the authorisation was lost; the same connection goes on. */
  | { readonly type: 'connection.reconnected' }
  /** The authorisation will end at this moment unless somebody signs in again. */
  | { readonly type: 'connection.expiry-predicted'; readonly expiresAt: string }
  /** The plan covers fewer connections now. */
  | { readonly type: 'connection.suspended'; readonly reason: string }
  | { readonly type: 'connection.resumed' }
  | { readonly type: 'connection.disconnected' }
  | { readonly type: 'sync-run.started'; readonly runId: string; readonly runKind: string }
  | { readonly type: 'sync-run.completed'; readonly runId: string; readonly runKind: string }
  | { readonly type: 'sync-run.failed'; readonly runId: string; readonly runKind: string; readonly fault: string }
  | {
      readonly type: 'records.changed';
      readonly runId: string;
      readonly kind: RecordKind;
      /** Library ids of records. */
      readonly created: readonly string[];
      readonly updated: readonly string[];
      /** Those among them that show what the host itself had written to the ATS (a stage, a status, a field): its own change coming back. */
      readonly own: readonly string[];
    }
  | { readonly type: 'stage-change.requested'; readonly changeId: string; readonly applicationId: string }
  | { readonly type: 'stage-change.confirmed'; readonly changeId: string; readonly applicationId: string }
  /** The application was put back to where the ATS has it; `reason` is for the person who moved it. */
  | StageChangeStopped<'stage-change.refused'>
  /** It goes out when a stage of the ATS is confirmed for it. */
  | StageChangeStopped<'stage-change.parked'>
  | FieldChangeStep<'field-change.requested'>
  | FieldChangeStep<'field-change.confirmed'>
  /** At least one field was put back to what the ATS has; `reason` is for the person who edited it. */
  | (FieldChangeStep<'field-change.refused'> & { readonly code: string; readonly reason: string })
  /** Somebody had changed at least one field in the ATS, and that counted more. */
  | (FieldChangeStep<'field-change.superseded'> & { readonly code: string; readonly reason: string })
  /** Records that the ATS no longer has, or no longer shows. They stay here, marked. */
  | {
      readonly type: 'records.gone';
      readonly kind: RecordKind;
      readonly tombstone: Tombstone;
      /** Library ids. */
      readonly ids: readonly string[];
    }
  /** So much vanished in one listing, or was told of within an hour, that it is not marked: an admin decides. */
  | { readonly type: 'deletions.held'; readonly runId: string; readonly kind: RecordKind; readonly count: number }
  /** Two people are one; `survivorId`: the library's candidate id that names both. */
  | PeopleJoined<'candidates.merged'>
  /** They are two again. */
  | PeopleJoined<'candidates.unmerged'>
  | { readonly type: 'issue.raised'; readonly code: string; readonly issueId: string };

export type DomainEventType = DomainEventBody['type'];

export interface DomainEvent {
  /** Grows with every event: use it to recognise a repeated delivery. */
  readonly id: string;
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly provider: string;
  readonly occurredAt: Date;
  readonly body: DomainEventBody;
}
