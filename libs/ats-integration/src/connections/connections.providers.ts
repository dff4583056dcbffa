import type { Provider } from '@nestjs/common';
import { ProviderSessions } from './provider-sessions.js';
import { SessionTransport } from './session-transport.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenRefresh } from './token-refresh.js';

export const CONNECTION_PROVIDERS: readonly Provider[] = [
  ProviderSessions,
  SessionTransport,
  TokenEndpoint,
  TokenRefresh,
];
