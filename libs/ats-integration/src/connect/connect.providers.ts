import type { Provider } from '@nestjs/common';
import { AbandonedConnects } from './abandoned-connects.js';
import { Admission } from './admission.js';
import { Activation } from './activation.js';
import { Authorisation } from './authorisation.js';
import { ConnectFlow } from './connect-flow.js';
import { Disconnect } from './disconnect.js';
import { OAuthStates } from './oauth-state.js';
import { PlanEnforcement } from './plan-enforcement.js';
import { PlanSweep } from './plan-sweep.js';
import { PreFlight } from './pre-flight.js';
import { Renewal } from './renewal.js';
import { SignIn } from './sign-in.js';
import { Slots } from './slots.js';

export const CONNECT_PROVIDERS: readonly Provider[] = [
  ConnectFlow,
  Disconnect,
  AbandonedConnects,
  Slots,
  SignIn,
  Authorisation,
  OAuthStates,
  PreFlight,
  Admission,
  Activation,
  PlanEnforcement,
  PlanSweep,
  Renewal,
];
