/** A stage that an application was or is in, for a person to read. */
export interface StageStayView {
  /** Library id. */
  readonly id: string;
  readonly stageRemoteId: string;
  /** Null when the ATS never listed the stage. */
  readonly stageName: string | null;
  /** Null where the ATS does not know. */
  readonly enteredAt: Date | null;
  /** Null while it is there, or where the ATS does not know. */
  readonly leftAt: Date | null;
  /** Null when nobody is named. */
  readonly movedBy: Mover | null;
}

export interface Mover {
  readonly who: 'elly' | 'ats-user';
  /** "Elly", or the ATS's user when it listed them. */
  readonly name: string | null;
  /** The host's user who asked Elly for it; of the ATS's user, the remote id. */
  readonly userId: string;
}

export interface StayRow extends Omit<StageStayView, 'movedBy'> {
  readonly movedByRemoteId: string | null;
  readonly movedByName: string | null;
}

/** A move that we sent and the ATS showed. */
export interface OwnMove {
  readonly stageRemoteId: string;
  readonly begunAt: Date;
  readonly endedAt: Date;
  /** The ATS's user in whose name it was sent. */
  readonly actorRemoteId: string | null;
  readonly hostUserId: string;
}

/** What the ATS's clock and ours may differ by. */
const CLOCK_SKEW_MS = 2 * 60_000;

/** Who moved it into each stage. A move of ours is behind one stay at most: the one that was entered nearest to it. */
export function nameMovers(stays: readonly StayRow[], ownMoves: readonly OwnMove[]): StageStayView[] {
  const ours = new Map<string, OwnMove>();
  for (const move of ownMoves) {
    const [nearest] = stays
      .filter((stay) => !ours.has(stay.id) && mayBe(stay, move))
      .sort((one, two) => distance(one, move) - distance(two, move));
    if (nearest !== undefined) ours.set(nearest.id, move);
  }
  return stays.map(({ movedByRemoteId, movedByName, ...stay }) => {
    const own = ours.get(stay.id);
    if (own !== undefined) return { ...stay, movedBy: { who: 'elly', name: 'Elly', userId: own.hostUserId } };
    if (movedByRemoteId === null) return { ...stay, movedBy: null };
    return { ...stay, movedBy: { who: 'ats-user', name: movedByName, userId: movedByRemoteId } };
  });
}

function mayBe({ stageRemoteId, enteredAt, movedByRemoteId }: StayRow, move: OwnMove): boolean {
  if (stageRemoteId !== move.stageRemoteId || enteredAt === null) return false;
  // Somebody else is named. Where no name was sent, an ATS may name whoever authorised us.
  if (movedByRemoteId !== null && move.actorRemoteId !== null && movedByRemoteId !== move.actorRemoteId) return false;
  const entered = enteredAt.getTime();
  return entered >= move.begunAt.getTime() - CLOCK_SKEW_MS && entered <= move.endedAt.getTime() + CLOCK_SKEW_MS;
}

function distance({ enteredAt }: StayRow, { begunAt }: OwnMove): number {
  return Math.abs((enteredAt ?? begunAt).getTime() - begunAt.getTime());
}
