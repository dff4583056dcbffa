import type { ClientRegistry } from '../oauth/client-registry.js';
import type { TokenStore } from '../oauth/token-store.js';
import type { ProviderId, Simulator } from '../simulator.js';
import type { AccountRegistry } from './account-registry.js';
import type { SandboxClock } from './sandbox-clock.js';

/** What the routes of one sandbox share. */
export interface SandboxParts {
  readonly simulators: readonly Simulator[];
  readonly clock: SandboxClock;
  readonly accounts: AccountRegistry;
  readonly clients: ClientRegistry;
  readonly tokens: Readonly<Record<ProviderId, TokenStore>>;
  /** Writes down what is to survive the process, when it was asked to. */
  readonly keep: () => void;
  /** Takes everything back to the start. */
  readonly reset: () => void;
}
