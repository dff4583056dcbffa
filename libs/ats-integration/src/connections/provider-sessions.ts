import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { SealedBox } from '../support/sealed-box.js';
import { readCredentials } from './credentials.js';
import { SessionTransport } from './session-transport.js';
import type { ProviderSession } from './session-transport.js';
import { StoredAuthoriser } from './stored-authoriser.js';
import { TokenRefresh } from './token-refresh.js';

export interface SessionTarget {
  readonly id: string;
  readonly provider: string;
  readonly epoch: number;
  readonly remoteAccountId: string | null;
  readonly scopes: readonly string[];
}

/** Opens what a provider works with: HTTP that is authorised as one connection and keeps to its account's budget. */
@Injectable()
export class ProviderSessions {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly refresh: TokenRefresh,
    private readonly transport: SessionTransport,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  open(connection: SessionTarget, signal: AbortSignal, onRequest?: () => void): ProviderSession {
    const { provider, config } = this.registry.get(connection.provider);
    const read = () => readCredentials(this.em.fork(), this.box, connection.id);
    return this.transport.session({
      provider,
      config,
      authoriser: new StoredAuthoriser(connection, provider, read, this.refresh),
      account: connection.remoteAccountId ?? connection.id,
      scopes: connection.scopes,
      signal,
      onRequest,
    });
  }
}
