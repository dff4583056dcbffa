import type { Provider } from '@nestjs/common';
import { ConnectionCare } from './connection-care.js';
import { ConnectionPreferences } from './connection-preferences.js';
import { KeepAlive } from './keep-alive.js';
import { KeyRotation } from './key-rotation.js';
import { ProviderSessions } from './provider-sessions.js';
import { Revocations } from './revocations.js';
import { SessionTransport } from './session-transport.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenRefresh } from './token-refresh.js';

export const CONNECTION_PROVIDERS: readonly Provider[] = [
  ProviderSessions,
  SessionTransport,
  TokenEndpoint,
  TokenRefresh,
  KeepAlive,
  Revocations,
  ConnectionCare,
  KeyRotation,
  ConnectionPreferences,
];
