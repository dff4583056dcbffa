import { Injectable } from '@nestjs/common';
import type { AccountProfile, TokenSet } from '../contract/auth.js';
import { SessionTransport } from '../connections/session-transport.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import type { ConfiguredProvider } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Activation } from './activation.js';
import { Authorisation } from './authorisation.js';
import type { Callback, Person } from './authorisation.js';
import { Slots } from './slots.js';

export interface ConnectRedirect {
  readonly connectionId: string;
  /** Send the browser there. */
  readonly authorizeUrl: string;
}

/** Connect, from the click to the active connection: slot and credit → sign-in at the ATS → exchange → pre-flight → active. */
@Injectable()
export class ConnectFlow {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly slots: Slots,
    private readonly authorisation: Authorisation,
    private readonly activation: Activation,
    private readonly transport: SessionTransport,
  ) {}

  /** @throws AtsError `unknown-provider`, `plan-limit-reached`, `no-credit` */
  async begin(person: Person, providerId: string, callbackPath: string): Promise<ConnectRedirect> {
    const configured = this.registry.get(providerId);
    const slot = await this.slots.take(person.workspaceId, person.userId, configured.provider.manifest);
    try {
      const authorizeUrl = await this.authorisation.authorizeUrl(configured, person, slot.connectionId, callbackPath);
      return { connectionId: slot.connectionId, authorizeUrl };
    } catch (error) {
      await this.slots.release(slot.connectionId, slot.epoch);
      throw error;
    }
  }

  /** Returns the connection, now active. On every failure slot and credit are free again. */
  async finish(person: Person, providerId: string, callback: Callback): Promise<string> {
    const configured = this.registry.get(providerId);
    const redeemed = await this.authorisation.redeem(callback.state, person, providerId);
    const epoch = 1;
    try {
      const tokens = await this.authorisation.exchange(configured, redeemed, callback);
      const profile = await this.#preflight(configured, redeemed.connectionId, tokens);
      if (profile.blockers.length > 0) throw new AtsError('preflight-failed', profile.blockers.join(' '));
      await this.activation.activate({
        connectionId: redeemed.connectionId,
        workspaceId: person.workspaceId,
        provider: providerId,
        epoch,
        credentials: {
          kind: 'oauth2',
          accessToken: tokens.accessToken,
          refreshToken: tokens.refreshToken,
          expiresAt: tokens.expiresAt.getTime(),
        },
        scopes: tokens.scopes ?? requestedScopes(configured),
        profile,
        refreshExpiresAt: refreshExpiry(configured, tokens),
      });
      return redeemed.connectionId;
    } catch (error) {
      await this.slots.release(redeemed.connectionId, epoch);
      throw error;
    }
  }

  async #preflight(configured: ConfiguredProvider, connectionId: string, tokens: TokenSet): Promise<AccountProfile> {
    const { provider, config } = configured;
    const header = { name: 'authorization', value: `Bearer ${tokens.accessToken}` };
    const session = this.transport.session({
      provider,
      config,
      authoriser: { header: () => Promise.resolve(header), renew: () => Promise.resolve(false) },
      account: connectionId,
      scopes: tokens.scopes ?? requestedScopes(configured),
      signal: AbortSignal.timeout(60_000),
    });
    return provider.preflight(session.context, {
      accessToken: tokens.accessToken,
      requestedScopes: requestedScopes(configured),
    });
  }
}

function requestedScopes({ provider, config }: ConfiguredProvider): readonly string[] {
  return provider.auth.kind === 'oauth2' ? provider.auth.scopes(config) : [];
}

function refreshExpiry({ provider }: ConfiguredProvider, tokens: TokenSet): Date | null {
  const { auth } = provider.manifest;
  if (auth.kind !== 'oauth2' || tokens.refreshToken === null) return null;
  return new Date(Date.now() + auth.refreshTokenIdleSeconds * 1000);
}
