import express from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from '../../faults/fault-plan.js';
import { SandboxClock } from '../../server/sandbox-clock.js';
import type { AccountOptions, GrantedAccess } from '../../simulator.js';
import { LeverAccount } from '../lever-account.js';
import { leverSimulator } from '../lever-simulator.js';

/** The accounts of the specs are as of this time. */
export const BASE = Date.parse('2026-01-01T00:00:00Z');

const SCOPES = Object.keys(leverSimulator.scopes).filter((scope) => scope !== 'confidential:access:admin');
const servers: Server[] = [];

/** Any record of the API, as far as the specs look at it. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly type: string;
  readonly state: string;
  readonly count: number;
  readonly contact: string;
  readonly headline: string;
  readonly location: unknown;
  readonly emails: readonly string[];
  readonly phones: readonly { readonly value: string }[];
  readonly links: readonly string[];
  readonly stage: string;
  readonly confidentiality: string;
  readonly archived: { readonly reason: string; readonly archivedAt: number } | null;
  readonly tags: readonly string[];
  readonly sources: readonly string[];
  readonly origin: string;
  readonly owner: unknown;
  readonly applications: readonly (
    string | { readonly id: string; readonly posting: string; readonly archived: unknown }
  )[];
  readonly stageChanges: readonly {
    readonly toStageId: string;
    readonly toStageIndex: number;
    readonly updatedAt: number;
  }[];
  readonly createdAt: number;
  readonly updatedAt: number | null;
  readonly lastAdvancedAt: number;
  readonly lastInteractionAt: number;
  readonly snoozedUntil: number | null;
  readonly opportunityLocation?: string;
  readonly isAnonymized: boolean;
  readonly accessRole: string;
  readonly email: string;
  readonly deactivatedAt: number | null;
  readonly deletedAt: number;
  readonly deletedBy: string;
  readonly distributionChannels: readonly string[] | null;
  readonly file: { readonly size: number; readonly downloadUrl: string };
}

interface Answer<Data> {
  readonly status: number;
  readonly body: {
    readonly data: Data;
    readonly hasNext?: boolean;
    readonly next?: string;
    readonly code?: string;
    readonly message?: string;
  };
  readonly headers: Headers;
}

interface ApiSandbox {
  readonly account: LeverAccount;
  readonly clock: SandboxClock;
  readonly url: string;
  readonly get: (path: string, token?: string) => Promise<Answer<readonly Row[]>>;
  readonly one: (path: string, token?: string) => Promise<Answer<Row>>;
  readonly send: (method: string, path: string, body: unknown, token?: string) => Promise<Answer<Row>>;
  readonly walk: (path: string, token?: string) => Promise<Row[]>;
}

/** An account behind its API alone, with tokens `all`, `confidential`, `only-stages`, `write-opportunities` and the API key `key`. */
export async function sandbox(options: Partial<AccountOptions> = {}, fault?: Fault): Promise<ApiSandbox> {
  const clock = new SandboxClock();
  const knobs = { baseDate: BASE, rateLimit: 'off', ...options.knobs };
  const account = new LeverAccount('account-1', { name: 'Test', seed: 7, candidates: 300, ...options, knobs }, clock);
  const app = express();
  app.use((_request, response, next) => {
    response.locals['fault'] = fault;
    next();
  });
  const grants = grantsOf(account.id);
  const tokens = {
    bearer: (token: string) => grants[token],
    apiKey: (key: string) => (key === 'key' ? grants['all'] : undefined),
  };
  app.use('/lever/v1', leverSimulator.api(new Map([[account.id, account]]), tokens, clock));
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  servers.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/lever/v1`;

  const ask = async <Data>(method: string, path: string, token: string, body?: unknown): Promise<Answer<Data>> => {
    const headers = {
      authorization: token.includes(' ') ? token : `Bearer ${token}`,
      'content-type': 'application/json',
    };
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: (await response.json()) as Answer<Data>['body'],
      headers: response.headers,
    };
  };
  const walk = async (path: string, token = 'all'): Promise<Row[]> => {
    const rows: Row[] = [];
    let next: string | undefined;
    do {
      const offset = next === undefined ? '' : `${path.includes('?') ? '&' : '?'}offset=${encodeURIComponent(next)}`;
      const { status, body } = await ask<readonly Row[]>('GET', path + offset, token);
      if (status !== 200) throw new Error(`${status} ${body.message}`);
      rows.push(...body.data);
      next = body.next;
    } while (next !== undefined);
    return rows;
  };
  return {
    account,
    clock,
    url,
    get: (path, token = 'all') => ask('GET', path, token),
    one: (path, token = 'all') => ask('GET', path, token),
    send: (method, path, body, token = 'all') => ask(method, path, token, body),
    walk,
  };
}

/** Stops every sandbox that a spec started. */
export async function closeSandboxes(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}

/** The posting of a row that was asked for with `expand=applications`. */
export function postingOf(row: Row): string | undefined {
  const [application] = row.applications;
  return typeof application === 'object' ? application.posting : undefined;
}

function grantsOf(accountId: string): Readonly<Record<string, GrantedAccess>> {
  const access = (scopes: readonly string[]): GrantedAccess => ({ accountId, userId: 'user', scopes, clientId: null });
  return {
    all: access(SCOPES),
    confidential: access([...SCOPES, 'confidential:access:admin']),
    'only-stages': access(['stages:read:admin']),
    'write-opportunities': access(['opportunities:write:admin']),
  };
}
