import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClientRegistry, DEFAULT_CLIENTS, type OAuthClient } from '../oauth/client-registry.js';
import { TokenStore } from '../oauth/token-store.js';
import { StateFile } from '../persistence/state-file.js';
import type { ProviderId, Simulator } from '../simulator.js';
import { AccountRegistry, type NewAccount } from './account-registry.js';
import { sandboxApp } from './sandbox-app.js';
import { SandboxClock } from './sandbox-clock.js';

/** How to make a sandbox; everything has a default. */
export interface SandboxOptions {
  /** What all accounts are derived from that bring no seed of their own. */
  readonly seed?: number;
  /** Apps beyond the default ones. */
  readonly registerClients?: readonly OAuthClient[];
  /** Up to when the accounts have a history; absent: when they are made. The clock shows real time in any case. */
  readonly baseDate?: Date;
  /** The accounts it starts with, and goes back to when it is reset. */
  readonly accounts?: readonly NewAccount[];
  /**
   * A folder in which it keeps accounts, what the admin routes did to them, apps, grants and tokens. When something is
   * there already, it goes on from that instead of from `accounts`. Absent: all ends with the process.
   */
  readonly dataFolder?: string | undefined;
}

/** Where a sandbox listens. */
export interface SandboxAddress {
  readonly url: string;
  readonly port: number;
}

const DELIVERY_INTERVAL_MS = 50;

/** Both vendors on one port, for development and tests. Sandboxes share nothing with one another. */
export class Sandbox {
  readonly clock: SandboxClock;
  readonly accounts: AccountRegistry;
  readonly clients: ClientRegistry;
  readonly tokens: Readonly<Record<ProviderId, TokenStore>>;
  readonly #server: Server;
  readonly #initialAccounts: readonly NewAccount[];
  readonly #file: StateFile | undefined;
  #delivering: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(simulators: readonly Simulator[], options: SandboxOptions = {}) {
    this.clock = new SandboxClock();
    const knobs = options.baseDate === undefined ? {} : { baseDate: options.baseDate.toISOString() };
    this.accounts = new AccountRegistry(simulators, this.clock, options.seed ?? 1, knobs);
    this.clients = new ClientRegistry([...DEFAULT_CLIENTS, ...(options.registerClients ?? [])]);
    this.tokens = { greenhouse: new TokenStore(this.clock), lever: new TokenStore(this.clock) };
    this.#initialAccounts = options.accounts ?? [];
    this.#file = options.dataFolder === undefined ? undefined : new StateFile(options.dataFolder);
    const { clock, accounts, clients, tokens } = this;
    const [reset, keep] = [(): void => this.reset(), (): void => this.#keep()];
    this.#server = createServer(sandboxApp({ simulators, clock, accounts, clients, tokens, reset, keep }));
    if (!this.#restore()) this.#makeInitialAccounts();
  }

  /** Port 0 takes a free one. */
  async listen(port = 0, host = '127.0.0.1'): Promise<SandboxAddress> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    this.#delivering = setInterval(() => this.#deliver(), DELIVERY_INTERVAL_MS).unref();
    this.#keep();
    const address = this.#server.address() as AddressInfo;
    const name = host.includes(':') ? `[${host}]` : host;
    return { url: `http://${name}:${address.port}`, port: address.port };
  }

  /** Ends open connections too, stalled ones among them. */
  async close(): Promise<void> {
    clearInterval(this.#delivering);
    await this.accounts.close();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    this.#keep();
    this.#closed = true;
  }

  /** Forgets all accounts, tokens, registered apps and advanced time, and starts over. */
  reset(): void {
    this.accounts.clear();
    this.clients.reset();
    this.tokens.greenhouse.clear();
    this.tokens.lever.clear();
    this.clock.reset();
    this.#makeInitialAccounts();
  }

  /** Webhooks that are due; an attempt that fails is in the list of deliveries, so nothing is thrown here. */
  #deliver(): void {
    for (const { webhooks } of this.accounts.list()) void webhooks.outbox.tick();
  }

  /** Not after it was closed: what was delayed on purpose may end only then, and the folder may be gone. */
  #keep(): void {
    if (this.#closed) return;
    this.#file?.write({
      version: 1,
      clockAheadMs: this.clock.aheadMs,
      clients: [...this.clients.list()],
      ...this.accounts.kept(),
      tokens: { greenhouse: this.tokens.greenhouse.kept(), lever: this.tokens.lever.kept() },
    });
  }

  /** False when there was nothing to go on from. */
  #restore(): boolean {
    const kept = this.#file?.read();
    if (kept === undefined) return false;
    this.clock.advance(kept.clockAheadMs / 1000);
    for (const client of kept.clients) this.clients.register(client);
    this.accounts.restore(kept);
    this.tokens.greenhouse.restore(kept.tokens.greenhouse);
    this.tokens.lever.restore(kept.tokens.lever);
    return true;
  }

  #makeInitialAccounts(): void {
    for (const account of this.#initialAccounts) this.accounts.create(account);
  }
}
