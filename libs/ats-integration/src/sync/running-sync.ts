import type { ProviderSession } from '../connections/session-transport.js';
import type { ClaimedRun } from './claimed-run.js';
import type { RunIndex } from './run-index.js';
import type { SyncRules } from './sync-rules.js';

/** A run with everything that its streams share. */
export interface RunningSync {
  readonly run: ClaimedRun;
  readonly session: ProviderSession;
  readonly rules: SyncRules;
  readonly index: RunIndex;
}
