import type { ProviderContext } from './context.js';
import type { ApplicationStatus, JsonValue } from './records.js';

/** What a move makes of an application; each is one write of the ATS. */
export const MOVE_KINDS = ['stage', 'reject', 'unreject', 'hire'] as const;
export type MoveKind = (typeof MOVE_KINDS)[number];

export type Move =
  | { readonly kind: 'stage'; readonly stageRemoteId: string }
  /** `reasonRemoteId`: one of `reasons()`, or null where the ATS does not ask for one. */
  | { readonly kind: 'reject'; readonly reasonRemoteId: string | null; readonly note: string | null }
  | { readonly kind: 'unreject' }
  /** `reasonRemoteId`: where the ATS hires with a reason; `startsOn`: an ISO day. */
  | { readonly kind: 'hire'; readonly reasonRemoteId: string | null; readonly startsOn: string | null };

/** The application a write is about, as it was imported. */
export interface ApplicationRef {
  readonly remoteId: string;
  readonly candidateRemoteId: string;
  readonly jobRemoteId: string | null;
}

/** Where an application stands in the ATS at this moment, read fresh before and after a write. */
export interface ApplicationState {
  readonly status: ApplicationStatus;
  /** The same id as `ApplicationRecord.stageRemoteId` and `StageRecord.remoteId`. */
  readonly stageRemoteId: string | null;
  readonly stageName: string | null;
  readonly jobRemoteId: string | null;
  /** The reason of a rejection or hire as a remote id, when the ATS says it. */
  readonly reasonRemoteId: string | null;
  readonly updatedAt: Date | null;
  /** What `send` needs to guard its write against a change in between; opaque to everything else. */
  readonly guard: JsonValue;
}

export interface MoveReason {
  readonly remoteId: string;
  readonly name: string;
  readonly of: 'reject' | 'hire';
}

/**
 * Moves an application. The engine alone decides when: it reads, sends at most one write, and reads back. Every
 * method throws `ProviderFault`; one of `unavailable` or `unexpected-shape` from `send` leaves the outcome unknown, any other says
 * that nothing was written.
 */
export interface StageChangeCapability<Config> {
  /** Moves that this ATS has, read from its documents. */
  readonly moves: readonly MoveKind[];
  /** Scopes of the authorisation that each move needs; a connection that lacks one refuses the move with a sentence. */
  readonly scopes: Readonly<Partial<Record<MoveKind, readonly string[]>>>;
  /** `parameter`: writes name the user in whose name they are made. `token`: always the user who authorised. */
  readonly actsAs: 'parameter' | 'token';
  /** Null: the application is gone, or no longer visible. */
  read(context: ProviderContext<Config>, application: ApplicationRef): Promise<ApplicationState | null>;
  /** Exactly one write. `from` is what `read` said just before; `actorRemoteId` only where `actsAs` is `parameter`. */
  send(
    context: ProviderContext<Config>,
    application: ApplicationRef,
    from: ApplicationState,
    move: Move,
    actorRemoteId: string | null,
  ): Promise<void>;
  /** Reasons to choose from when rejecting or hiring. */
  reasons(context: ProviderContext<Config>): Promise<readonly MoveReason[]>;
}
