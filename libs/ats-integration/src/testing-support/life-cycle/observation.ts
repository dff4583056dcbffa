import type { ConnectionStatus } from '../../connections/connection-status.js';

export interface SeenConnection {
  readonly id: string;
  readonly workspace: string;
  readonly provider: string;
  readonly status: ConnectionStatus;
  readonly account: string | null;
  readonly epoch: number;
  readonly dead: boolean;
  readonly hasData: boolean;
  /** Events about the connection itself, counted by their type. */
  readonly events: Readonly<Record<string, number>>;
  /** Codes of the issues that are open. */
  readonly issues: readonly string[];
  readonly activeRuns: number;
  /** Holds a place, or would: a sign-in under way. */
  readonly holdsPlace: boolean;
  readonly sealed: boolean;
  /** The grant that its credentials are of; null when it has none, or none that open. */
  readonly grant: string | null;
  /** Whether the server would still take its refresh token, were the grant alive. */
  readonly current: boolean;
}

export interface Observation {
  readonly connections: readonly SeenConnection[];
  readonly credits: { readonly left: number; readonly reserved: readonly string[]; readonly committed: number };
  /** Ids of sign-ins that were given up and whose credits the next sweep releases. */
  readonly marked: readonly string[];
  /** Whether each grant is alive at the server. */
  readonly grants: Readonly<Record<string, boolean>>;
  /** Ids of the library's records by connection and remote id. */
  readonly records: Readonly<Record<string, string>>;
  readonly moves: readonly SeenMove[];
}

/** A change of a connection's row, as a trigger saw it. */
export interface SeenMove {
  readonly id: string;
  readonly before: ConnectionStatus;
  readonly after: ConnectionStatus;
  readonly epochBefore: number;
  readonly epochAfter: number;
}
