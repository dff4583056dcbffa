import type { ApplicationStatus } from '../contract/records.js';
import type {
  ApplicationRef,
  ApplicationState,
  Move,
  MoveKind,
  MoveReason,
  StageChangeCapability,
} from '../contract/stage-change.js';

export interface Place {
  readonly status: ApplicationStatus;
  readonly stageRemoteId: string | null;
  readonly jobRemoteId: string | null;
  readonly updatedAt: Date | null;
}

export interface SentMove {
  readonly remoteId: string;
  readonly move: Move;
  readonly actor: string | null;
}

/** The side of a scripted ATS that moves applications: where each stands, every request and every effect written down. */
export class ScriptedMoves {
  readonly places = new Map<string, Place>();
  /** Requests that arrived. */
  readonly sent: SentMove[] = [];
  /** What they did. */
  readonly effects: SentMove[] = [];
  reads = 0;
  moves: readonly MoveKind[] = ['stage', 'reject', 'unreject', 'hire'];
  reasonList: readonly MoveReason[] = [];
  scopes: StageChangeCapability<unknown>['scopes'] = {};
  actsAs: StageChangeCapability<unknown>['actsAs'] = 'token';
  /** Called for each request: `apply` does what it asks for; what is thrown is the answer. */
  onSend: (apply: () => void, sent: SentMove) => Promise<void> | void = (apply) => apply();
  /** Called before each read; what it throws is what the ATS did. */
  beforeRead: (remoteId: string) => Promise<void> | void = () => undefined;
  readonly capability: StageChangeCapability<unknown>;

  constructor() {
    const moves = (): ScriptedMoves => this;
    this.capability = {
      get moves() {
        return moves().moves;
      },
      get scopes() {
        return moves().scopes;
      },
      get actsAs() {
        return moves().actsAs;
      },
      read: (_, application) => this.#read(application),
      send: (_, application, _from, move, actor) => this.#send(application, move, actor),
      reasons: () => Promise.resolve(this.reasonList),
    };
  }

  put(remoteId: string, place: Partial<Place>): void {
    const before = this.places.get(remoteId) ?? NOWHERE;
    this.places.set(remoteId, { ...before, updatedAt: new Date(), ...place });
  }

  effectsOn(remoteId: string): Move[] {
    return this.effects.filter((effect) => effect.remoteId === remoteId).map(({ move }) => move);
  }

  async #read({ remoteId }: ApplicationRef): Promise<ApplicationState | null> {
    this.reads += 1;
    await this.beforeRead(remoteId);
    const place = this.places.get(remoteId);
    if (place === undefined) return null;
    const stageName = place.stageRemoteId === null ? null : `Stage ${place.stageRemoteId}`;
    return { ...place, stageName, reasonRemoteId: null, guard: null };
  }

  async #send({ remoteId }: ApplicationRef, move: Move, actor: string | null): Promise<void> {
    const sent = { remoteId, move, actor };
    this.sent.push(sent);
    await this.onSend(() => {
      this.effects.push(sent);
      this.put(remoteId, after(move, this.places.get(remoteId) ?? NOWHERE));
    }, sent);
  }
}

const NOWHERE: Place = { status: 'active', stageRemoteId: null, jobRemoteId: 'j1', updatedAt: null };

function after(move: Move, place: Place): Partial<Place> {
  switch (move.kind) {
    case 'stage':
      return { status: 'active', stageRemoteId: move.stageRemoteId };
    case 'reject':
      return { status: 'rejected' };
    case 'hire':
      return { status: 'hired' };
    case 'unreject':
      return { status: 'active', stageRemoteId: place.stageRemoteId };
    default:
      return move satisfies never;
  }
}
