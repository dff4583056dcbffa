import type { FieldChanges } from '../contract/field-change.js';
import type { ApplicationStatus, JsonValue } from '../contract/records.js';
import type { ApplicationRef, Move, MoveReason } from '../contract/stage-change.js';
import type { HookToRegister, RegisteredHook } from '../contract/webhooks.js';
import type { Exchange, ScriptedAts } from './exchange.js';

/** The one write that a piece of work must come to, to the letter, and its answer. */
export interface ExpectedWrite extends Exchange {
  readonly method: string;
  /** The body that must be sent. Absent: none. */
  readonly json?: JsonValue;
}

/** A write from end to end. What `before` and `after` do not answer, the scenario's account does. */
export interface WriteCase {
  /** The ATS until the write arrives. */
  readonly before: ScriptedAts;
  readonly write: ExpectedWrite;
  /** The ATS from then on. */
  readonly after: ScriptedAts;
}

/** Where an application stands, as far as it is compared. */
export interface Standing {
  readonly status: ApplicationStatus;
  readonly stageRemoteId: string | null;
}

export interface MoveCase extends WriteCase {
  readonly application: ApplicationRef;
  readonly move: Move;
  /** @default null */
  readonly actorRemoteId?: string;
  readonly from: Standing;
  readonly becomes: Standing;
}

export interface StageChangeScenario {
  /** One or more for each move that the provider declares. */
  readonly moves: readonly MoveCase[];
  /** An application that the ATS does not have, and how it says so. */
  readonly absent: { readonly application: ApplicationRef; readonly account: ScriptedAts };
  /** All that can be chosen from, asked of the scenario's account. */
  readonly reasons: readonly MoveReason[];
}

export interface FieldCase extends WriteCase {
  readonly candidateRemoteId: string;
  readonly changes: FieldChanges;
  /** Fields that the ATS makes out of the changed ones (a full name). @default none */
  readonly follows?: readonly string[];
}

export interface FieldChangeScenario {
  /** Together they change every field of a candidate that the manifest calls bidirectional. */
  readonly changes: readonly FieldCase[];
  /** A candidate whom the ATS does not have, and how it says so. */
  readonly absent: { readonly candidateRemoteId: string; readonly account: ScriptedAts };
}

/** A delivery as text, so that it can be kept as JSON. */
export interface ScriptedDelivery {
  /** Names in lower case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** The bytes that arrive, as UTF-8. */
  readonly body: string;
}

export interface DeliveryCase extends ScriptedDelivery {
  /**
   * Pieces of the body and of the headers' values that the signature protects, the signature itself among them: not one
   * byte of them may change. Absent: every byte of the body, and the signature in the headers.
   */
  readonly signed?: readonly string[];
  /** What it says; a moment is ISO text here. */
  readonly news: JsonValue;
}

export interface WebhookScenario {
  /** What all deliveries are signed with. */
  readonly secret: string;
  /** Genuine ones: each wanted event, a test, and an event that nobody has heard of. */
  readonly deliveries: readonly DeliveryCase[];
  readonly unsigned: readonly ScriptedDelivery[];
  /** Needed where hooks are registered through the API. */
  readonly registration?: {
    readonly hook: HookToRegister;
    readonly write: ExpectedWrite;
    readonly registered: RegisteredHook;
    /** The ATS with that hook and one of another address. */
    readonly registeredIn: ScriptedAts;
    readonly listed: readonly { readonly remoteId: string; readonly event: string }[];
    readonly removal: ExpectedWrite;
  };
}
