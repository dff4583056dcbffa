export const CHANGE_STATUSES = ['pending', 'sending', 'confirmed', 'refused', 'parked', 'superseded'] as const;
export type ChangeStatus = (typeof CHANGE_STATUSES)[number];

/**
 * Every legal move; a trigger in the database refuses all others. `sending`: a worker has it, or had it and it waits for
 * its next look at the ATS. `parked`: no stage of the ATS is confirmed for it yet. What is settled stays so: trying again
 * is a new change.
 */
export const LEGAL_CHANGE_MOVES: Readonly<Record<ChangeStatus, readonly ChangeStatus[]>> = {
  pending: ['sending', 'refused', 'superseded'],
  sending: ['parked', 'confirmed', 'refused', 'superseded'],
  parked: ['pending', 'refused', 'superseded'],
  confirmed: [],
  refused: [],
  superseded: [],
};

/** Statuses in which a change still stands: a page of the ATS does not move its application in the host meanwhile. */
export const OPEN_STATUSES = ['pending', 'sending', 'parked'] as const satisfies readonly ChangeStatus[];
