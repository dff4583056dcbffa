import type { ConnectionSettings } from '../connections/connection-settings.js';
import { AtsError } from '../support/ats-error.js';
import type { RunKind } from './sync-run-status.js';

/** A run that this process holds. Every write for it is conditional on `fence` and on the connection's `epoch`. */
export interface ClaimedRun {
  readonly id: string;
  readonly kind: RunKind;
  readonly fence: number;
  readonly attempts: number;
  readonly windowUntil: Date;
  /** How long the claim holds without a sign of life. */
  readonly leaseSeconds: number;
  readonly connection: {
    readonly id: string;
    readonly workspaceId: string;
    readonly provider: string;
    readonly epoch: number;
    readonly remoteAccountId: string | null;
    readonly scopes: readonly string[];
    readonly settings: ConnectionSettings;
  };
  /** Requests to the ATS so far, over all attempts. */
  requests: number;
  /** Pages committed in this attempt: an attempt that got further is not one of those that count against the run. */
  pages: number;
}

/** The run is no longer ours: another worker took it over, it was aborted, or the connection went. Nothing was written. */
export class RunLost extends AtsError {
  constructor() {
    super('run-lost', 'This run was stopped or taken over; nothing more is written for it.');
  }
}
