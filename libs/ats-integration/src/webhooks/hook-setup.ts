import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ProviderSessions } from '../connections/provider-sessions.js';
import { ProviderFault } from '../contract/fault.js';
import type { FaultCode } from '../contract/fault.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { SealedBox } from '../support/sealed-box.js';
import { HookAddress } from './hook-address.js';
import { registerHooks } from './register-hooks.js';
import { EXCHANGE, MISSING_SCOPES, addHooks, markSetUp, moveHooks, postponeSetUp, takeHooks } from './hooks.js';
import type { DueHook } from './hooks.js';

const MOST_AT_ONCE = 20;
const DEADLINE_MS = 120_000;
/** The ATS will say the same the next time: an admin has to enter the hook. */
const REFUSALS: readonly FaultCode[] = ['forbidden-scope', 'not-found', 'invalid-request'];

/** Gives every connection its hook: registered at the ATS where that can be done, otherwise with the steps for an admin. */
@Injectable()
export class HookSetup {
  readonly #logger = new Logger('AtsWebhooks');

  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly sessions: ProviderSessions,
    private readonly address: HookAddress,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  /**
   * Nothing in a process without our routes: it does not know where they are. Begun again, it does what is left. After a
   * change of the public address, the host's prefix or our mount, hooks are registered at the new address.
   */
  async sweep(): Promise<void> {
    if (!this.address.reachable) return;
    const scopes: Record<string, readonly string[]> = {};
    for (const { provider } of this.registry.all())
      if (provider.webhooks !== undefined) scopes[provider.manifest.id] = provider.webhooks.registration?.scopes ?? [];
    const roots = Object.keys(scopes).map((provider) => [provider, this.address.root(provider)]);
    const moved = await moveHooks(this.em.fork(), Object.fromEntries(roots) as Record<string, string>);
    if (moved > 0) this.#logger.log(`${moved} webhooks are set up anew, because our address changed.`);
    await addHooks(this.em.fork(), (provider, id) => this.address.of(provider, id), scopes, MOST_AT_ONCE);
    for (const hook of await takeHooks(this.em.fork(), scopes, MOST_AT_ONCE)) await this.#setUp(hook);
  }

  async #setUp(hook: DueHook): Promise<void> {
    const { webhooks } = this.registry.get(hook.provider).provider;
    const registration = webhooks?.registration ?? null;
    const em = this.em.fork();
    if (webhooks === undefined || registration === null) return markSetUp(em, hook, 'manual', null);
    if (!registration.scopes.every((scope) => hook.scopes.includes(scope)))
      return markSetUp(em, hook, 'manual', MISSING_SCOPES);
    const connection = { ...hook, id: hook.connectionId };
    const { context } = this.sessions.open(connection, AbortSignal.timeout(DEADLINE_MS));
    try {
      await registerHooks(this.em, this.box, { hook, webhooks, registration, context, anew: hook.note === EXCHANGE });
      await markSetUp(this.em.fork(), hook, 'api', null);
    } catch (error) {
      const about = `The webhooks of connection ${hook.connectionId}`;
      if (error instanceof ProviderFault && REFUSALS.includes(error.code)) {
        this.#logger.warn(`${about} are to be entered by hand: ${error.message}`);
        return markSetUp(this.em.fork(), hook, 'manual', error.message);
      }
      this.#logger.warn(
        `${about} could not be registered yet: ${error instanceof ProviderFault ? error.message : nameOf(error)}`,
      );
      await postponeSetUp(this.em.fork(), hook);
    }
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
