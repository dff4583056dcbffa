export const CONNECTION_STATUSES = [
  'authorizing',
  'active',
  'reconnect_required',
  'suspended',
  'disconnected',
] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/** Every legal move; the database checks what must hold in each state. */
export const LEGAL_TRANSITIONS: Readonly<Record<ConnectionStatus, readonly ConnectionStatus[]>> = {
  authorizing: ['active', 'disconnected'],
  active: ['reconnect_required', 'suspended', 'disconnected'],
  reconnect_required: ['active', 'disconnected'],
  suspended: ['active', 'reconnect_required', 'disconnected'],
  disconnected: ['authorizing', 'active'],
};
