import type { Provider } from '@nestjs/common';
import { AbandonedConnects } from './abandoned-connects.js';
import { Activation } from './activation.js';
import { Authorisation } from './authorisation.js';
import { ConnectFlow } from './connect-flow.js';
import { OAuthStates } from './oauth-state.js';
import { PlanEnforcement } from './plan-enforcement.js';
import { PlanSweep } from './plan-sweep.js';
import { Slots } from './slots.js';

export const CONNECT_PROVIDERS: readonly Provider[] = [
  ConnectFlow,
  AbandonedConnects,
  Slots,
  Authorisation,
  OAuthStates,
  Activation,
  PlanEnforcement,
  PlanSweep,
];
