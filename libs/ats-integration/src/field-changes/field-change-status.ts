export const FIELD_CHANGE_STATUSES = ['pending', 'sending', 'confirmed', 'refused', 'superseded'] as const;
export type FieldChangeStatus = (typeof FIELD_CHANGE_STATUSES)[number];

/**
 * Every legal move; a trigger in the database refuses all others. `sending`: a worker has it, or had it and it waits for
 * its next look at the ATS. `pending` ends without having been sent when its fields were edited again, its connection
 * ended or the person was erased. What is settled stays so: editing again is a new change.
 */
export const LEGAL_FIELD_CHANGE_MOVES: Readonly<Record<FieldChangeStatus, readonly FieldChangeStatus[]>> = {
  pending: ['sending', 'refused', 'superseded'],
  sending: ['confirmed', 'refused', 'superseded'],
  confirmed: [],
  refused: [],
  superseded: [],
};

/** Statuses in which a change still stands: a page of the ATS does not undo its fields in the host meanwhile. */
export const OPEN_FIELD_CHANGES = ['pending', 'sending'] as const satisfies readonly FieldChangeStatus[];

/** What became of one field. `superseded`: edited again here, or changed in the ATS, which counted more. */
export const FIELD_OUTCOMES = ['confirmed', 'refused', 'superseded'] as const;
export type FieldOutcome = (typeof FIELD_OUTCOMES)[number];

/** Of a change, from what became of its fields: the worst of them. */
export function statusFrom(outcomes: readonly FieldOutcome[]): FieldOutcome {
  if (outcomes.includes('refused')) return 'refused';
  return outcomes.includes('superseded') ? 'superseded' : 'confirmed';
}
