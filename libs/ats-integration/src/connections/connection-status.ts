export const CONNECTION_STATUSES = [
  'authorizing',
  'active',
  'reconnect_required',
  'suspended',
  'disconnected',
] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/** Every legal move; a trigger in the database refuses all others. `disconnected → active`: the same account is connected again. */
export const LEGAL_TRANSITIONS: Readonly<Record<ConnectionStatus, readonly ConnectionStatus[]>> = {
  authorizing: ['active', 'disconnected'],
  active: ['reconnect_required', 'suspended', 'disconnected'],
  reconnect_required: ['active', 'suspended', 'disconnected'],
  suspended: ['active', 'reconnect_required', 'disconnected'],
  disconnected: ['active'],
};
