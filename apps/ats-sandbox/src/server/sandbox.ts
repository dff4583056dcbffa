import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClientRegistry, DEFAULT_CLIENTS, type OAuthClient } from '../oauth/client-registry.js';
import { TokenStore } from '../oauth/token-store.js';
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
}

/** Where a sandbox listens. */
export interface SandboxAddress {
  readonly url: string;
  readonly port: number;
}

/** Both vendors on one port, for development and tests. Sandboxes share nothing with one another. */
export class Sandbox {
  readonly clock: SandboxClock;
  readonly accounts: AccountRegistry;
  readonly clients: ClientRegistry;
  readonly tokens: Readonly<Record<ProviderId, TokenStore>>;
  readonly #server: Server;
  readonly #initialAccounts: readonly NewAccount[];

  constructor(simulators: readonly Simulator[], options: SandboxOptions = {}) {
    this.clock = new SandboxClock();
    const knobs = options.baseDate === undefined ? {} : { baseDate: options.baseDate.toISOString() };
    this.accounts = new AccountRegistry(simulators, this.clock, options.seed ?? 1, knobs);
    this.clients = new ClientRegistry([...DEFAULT_CLIENTS, ...(options.registerClients ?? [])]);
    this.tokens = { greenhouse: new TokenStore(this.clock), lever: new TokenStore(this.clock) };
    this.#initialAccounts = options.accounts ?? [];
    const { clock, accounts, clients, tokens } = this;
    const reset = (): void => this.reset();
    this.#server = createServer(sandboxApp({ simulators, clock, accounts, clients, tokens, reset }));
    this.#makeInitialAccounts();
  }

  /** Port 0 takes a free one. */
  async listen(port = 0, host = '127.0.0.1'): Promise<SandboxAddress> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address() as AddressInfo;
    const name = host.includes(':') ? `[${host}]` : host;
    return { url: `http://${name}:${address.port}`, port: address.port };
  }

  /** Ends open connections too, stalled ones among them. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
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

  #makeInitialAccounts(): void {
    for (const account of this.#initialAccounts) this.accounts.create(account);
  }
}
