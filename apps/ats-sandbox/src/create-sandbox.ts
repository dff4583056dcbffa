import { greenhouseSimulator } from './greenhouse/greenhouse-simulator.js';
import { leverSimulator } from './lever/lever-simulator.js';
import { Sandbox, type SandboxOptions } from './server/sandbox.js';

export type { Fault, FaultRule } from './faults/fault-plan.js';
export type { OAuthClient } from './oauth/client-registry.js';
export type { AccountRegistry, NewAccount } from './server/account-registry.js';
export type { Sandbox, SandboxAddress, SandboxOptions } from './server/sandbox.js';
export type { SandboxClock } from './server/sandbox-clock.js';
export type {
  AccountCounts,
  AppliedChange,
  ChangeRequest,
  ProviderId,
  RequestCounts,
  SandboxRecordKind,
  SandboxUser,
  SimulatedAccount,
  VisibleCounts,
} from './simulator.js';

/** A sandbox with both vendors; it answers once `listen` has been called. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  return new Sandbox([greenhouseSimulator, leverSimulator], options);
}
