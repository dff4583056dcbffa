import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { GreenhouseAccount } from '../greenhouse-account.js';
import { greenhouseSimulator } from '../greenhouse-simulator.js';
import { SandboxClock } from '../../server/sandbox-clock.js';
import type { AccountOptions, GrantedAccess, SimulatedAccount } from '../../simulator.js';

export type Body = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly rows: readonly Body[];
  readonly body: Body;
}

/** The simulator behind a real port, with a few tokens, for specs. */
export class TestApi {
  readonly clock: SandboxClock;
  readonly account: GreenhouseAccount;
  readonly origin: string;
  /** What the middleware before the simulator says of the next requests. */
  fault: { kind: string } | undefined;
  readonly #server: Server;

  private constructor(clock: SandboxClock, account: GreenhouseAccount, server: Server, origin: string) {
    this.clock = clock;
    this.account = account;
    this.#server = server;
    this.origin = origin;
  }

  static async start(options: Partial<AccountOptions>): Promise<TestApi> {
    const clock = new SandboxClock();
    const account = greenhouseSimulator.createAccount(
      'acme',
      { name: 'Acme', seed: 7, candidates: 200, ...options },
      clock,
    );
    if (!(account instanceof GreenhouseAccount)) throw new Error('Not a Greenhouse account.');
    const accounts: ReadonlyMap<string, SimulatedAccount> = new Map([['acme', account]]);
    const users = account.users();
    const grant = (admin: boolean, scopes: readonly string[]): GrantedAccess => ({
      accountId: 'acme',
      userId: users.find((user) => user.admin === admin)?.id ?? '',
      scopes,
      clientId: 'client-1',
    });
    const all = Object.keys(greenhouseSimulator.scopes);
    const tokens: Readonly<Record<string, GrantedAccess>> = {
      admin: grant(true, all),
      person: grant(false, all),
      narrow: grant(true, ['harvest:jobs:list']),
    };
    const app = express();
    const holder: { api?: TestApi } = {};
    app.use((_request, response, next) => {
      if (holder.api?.fault !== undefined) response.locals['fault'] = holder.api.fault;
      next();
    });
    const bearers = { bearer: (token: string) => tokens[token], apiKey: () => undefined };
    app.use('/greenhouse/v3', greenhouseSimulator.api(accounts, bearers, clock));
    if (greenhouseSimulator.files !== undefined)
      app.use('/files/greenhouse', greenhouseSimulator.files(accounts, clock));
    const server = await new Promise<Server>((resolve) => {
      const started = app.listen(0, '127.0.0.1', () => resolve(started));
    });
    const { port } = server.address() as AddressInfo;
    const api = new TestApi(clock, account, server, `http://127.0.0.1:${port}`);
    holder.api = api;
    return api;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async get(path: string, token: string | undefined = 'admin'): Promise<Reply> {
    return this.send('GET', path, undefined, token);
  }

  async send(method: string, path: string, body: unknown, token = 'admin'): Promise<Reply> {
    const url = path.startsWith('http') ? path : `${this.origin}/greenhouse/v3${path}`;
    const response = await fetch(url, {
      method,
      headers: { ...(token === '' ? {} : { Authorization: `Bearer ${token}` }), 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as Body | readonly Body[];
    const rows = Array.isArray(parsed) ? (parsed as readonly Body[]) : [];
    return { status: response.status, headers: response.headers, rows, body: parsed as Body };
  }

  /** The rows of all pages. */
  async walk(path: string): Promise<readonly Body[]> {
    const rows: Body[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const reply: Reply = await this.get(next);
      if (reply.status !== 200) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
      rows.push(...reply.rows);
      next = /^<([^>]+)>; rel="next"$/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    return rows;
  }
}
