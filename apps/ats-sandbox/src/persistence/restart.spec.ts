import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type ProviderId, type Sandbox } from '../create-sandbox.js';
import { RECORD_KINDS } from '../simulator.js';
import { HookReceiver } from '../testing/hook-receiver.js';

const PROVIDERS: readonly ProviderId[] = ['greenhouse', 'lever'];
const SCOPES = {
  greenhouse: 'harvest:candidates:list harvest:jobs:list',
  lever: 'offline_access opportunities:read:admin postings:read:admin',
} as const;
const LIST = { greenhouse: '/greenhouse/v3/candidates', lever: '/lever/v1/opportunities' } as const;
const CLIENT = { greenhouse: 'app-7', lever: 'app' } as const;
const HOUR = 3600;

describe('a sandbox that keeps its state in a folder', () => {
  let folder: string;
  let sandbox: Sandbox;
  let url: string;

  const start = async (): Promise<void> => {
    sandbox = createSandbox({
      dataFolder: folder,
      accounts: PROVIDERS.map((provider) => ({ provider, candidates: 40, seed: 9 })),
    });
    ({ url } = await sandbox.listen());
  };
  const restart = async (): Promise<void> => {
    await sandbox.close();
    await start();
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
    await start();
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  const admin = (method: string, path: string, body: unknown = {}) =>
    fetch(`${url}/_sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    });
  const token = async (provider: ProviderId, fields: Readonly<Record<string, string>>) => {
    const client = { client_id: CLIENT[provider], client_secret: 's' };
    const answer = await fetch(url + (provider === 'lever' ? '/lever-auth/oauth/token' : '/greenhouse-auth/token'), {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.client_id}:s`)}` },
      body: new URLSearchParams({ ...fields, ...client }),
    });
    return (await answer.json()) as { access_token: string; refresh_token: string; error?: string };
  };
  const code = async (provider: ProviderId, scope: string = SCOPES[provider]): Promise<string> => {
    const redirectUri = 'http://localhost:8080/cb';
    const client = { provider, clientId: CLIENT[provider], clientSecret: 's', redirectUris: [redirectUri] };
    expect((await admin('POST', '/clients', client)).status).toBe(201);
    const answer = await fetch(`${url}/${provider}-auth/authorize`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({
        response_type: 'code',
        client_id: CLIENT[provider],
        redirect_uri: redirectUri,
        scope,
        audience: 'https://api.lever.co/v1/',
        decision: 'approve',
      }),
    });
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  };
  const exchange = (provider: ProviderId, text: string) =>
    token(provider, { grant_type: 'authorization_code', code: text, redirect_uri: 'http://localhost:8080/cb' });
  const refresh = (provider: ProviderId, text: string) =>
    token(provider, { grant_type: 'refresh_token', refresh_token: text });
  const list = async (provider: ProviderId, accessToken: string): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(url + LIST[provider], { headers: { authorization: `Bearer ${accessToken}` } });
    return { status: answer.status, body: await answer.json() };
  };
  const everything = (): unknown =>
    sandbox.accounts.list().map((account) => ({
      id: account.id,
      knobs: account.knobs(),
      counts: account.counts(),
      records: RECORD_KINDS.map((kind) => account.records(kind, 0, 10_000)),
    }));

  describe.each(PROVIDERS)('at %s', (provider) => {
    it('takes the tokens and codes that it issued before, and no used one', async () => {
      const first = await exchange(provider, await code(provider));
      const second = await refresh(provider, first.refresh_token);
      const waiting = await code(provider);
      const before = await list(provider, second.access_token);
      await restart();
      expect(await list(provider, second.access_token)).toEqual(before);
      expect((await refresh(provider, first.refresh_token)).error).toBe('invalid_grant');
      const third = await refresh(provider, second.refresh_token);
      expect((await list(provider, third.access_token)).status).toBe(200);
      expect((await exchange(provider, waiting)).error).toBeUndefined();
    });

    it('still knows nothing of a grant that was ended', async () => {
      const grant = await exchange(provider, await code(provider));
      await admin('POST', `/accounts/${provider}-1/revoke`);
      await restart();
      expect((await list(provider, grant.access_token)).status).toBe(401);
      expect((await refresh(provider, grant.refresh_token)).error).toBe('invalid_grant');
    });
  });

  it('has the same people, with all that happened to them, hours later too', async () => {
    for (const provider of PROVIDERS) {
      await admin('POST', `/accounts/${provider}-1/changes`, { moves: 5, edits: 5, newCandidates: 3, hires: 1 });
      await admin('POST', '/clock', { advanceSeconds: HOUR });
      await admin('POST', `/accounts/${provider}-1/changes`, { seed: 4, rejections: 3, newJobs: 1 });
      await admin('PUT', `/accounts/${provider}-1/knobs`, { lateVisibilityMs: 5 });
    }
    const before = everything();
    await restart();
    expect(everything()).toEqual(before);
    const time = sandbox.clock.now().getTime() - Date.now();
    expect(time).toBeGreaterThanOrEqual(2 * HOUR * 1000 - 50);
  });

  it('has nobody back who was deleted, merged or anonymised, nor what was deleted of the jobs', async () => {
    for (const provider of PROVIDERS) {
      const asked = { deletedApplications: 2, deletedCandidates: 2, merges: 1, anonymized: 1, unrejections: 1 };
      const { made } = (await (await admin('POST', `/accounts/${provider}-1/changes`, asked)).json()) as {
        readonly made: Readonly<Record<string, number>>;
      };
      expect(made).toMatchObject({ deletedCandidates: 2, merges: 1, anonymized: 1 });
      const job = sandbox.accounts.get(`${provider}-1`)?.records('jobs', 0, 1)[0]?.['id'];
      const operations = [{ op: 'delete-job', job }];
      expect((await admin('POST', `/accounts/${provider}-1/changes`, { operations })).status).toBe(200);
    }
    const { access_token } = await exchange('lever', await code('lever'));
    const deleted = async (): Promise<readonly { readonly data: readonly unknown[] }[]> => {
      const headers = { authorization: `Bearer ${access_token}` };
      const paths = ['opportunities', 'postings'];
      const answers = paths.map((path) => fetch(`${url}/lever/v1/${path}/deleted`, { headers }));
      const bodies = (await Promise.all(answers)).map((answer) => answer.json());
      return Promise.all(bodies) as Promise<readonly { readonly data: readonly unknown[] }[]>;
    };
    const [feeds, records] = [await deleted(), everything()];
    // Two applications, those of two people, and a posting.
    expect(feeds.map(({ data }) => data.length)).toEqual([expect.any(Number), 1]);
    expect(feeds[0]?.data.length).toBeGreaterThanOrEqual(4);
    await restart();
    expect([await deleted(), everything()]).toEqual([feeds, records]);
  });

  it('delivers to the same webhooks, under new names, and tells nobody anew of what happened before', async () => {
    const receiver = await HookReceiver.start();
    const hooks = () => sandbox.accounts.list().map(({ webhooks }) => webhooks.list());
    const happen = async (): Promise<readonly string[]> => {
      await admin('POST', '/accounts/greenhouse-1/changes', { edits: 1 });
      await admin('POST', '/accounts/lever-1/changes', { edits: 1 });
      for (let wait = 0; wait < 400 && receiver.received.length < 2; wait += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
      const received = receiver.take();
      expect(received).toHaveLength(2);
      return received.map(({ headers, json }) => String(headers['greenhouse-event-id'] ?? json.id)).sort();
    };
    const byHand = (provider: ProviderId, event: string) =>
      admin('POST', `/accounts/${provider}-1/webhooks`, { event, url: receiver.url, secret: 'mine' });
    await byHand('greenhouse', 'update_candidate');
    await byHand('greenhouse', 'hire_candidate');
    await admin('DELETE', '/accounts/greenhouse-1/webhooks/2');
    await byHand('lever', 'contactUpdated');
    await admin('PUT', '/accounts/lever-1/webhook-events', { events: ['candidateHired'], on: true });
    receiver.take();
    const [first, listed] = [await happen(), hooks()];
    await restart();
    expect(hooks()).toEqual(listed);
    const second = await happen();
    expect(second.filter((name) => first.includes(name))).toEqual([]);
    // An id is never given twice, and an event that was turned on stays on.
    expect(await (await byHand('greenhouse', 'hire_candidate')).json()).toMatchObject({ id: '3' });
    const lever = sandbox.accounts.get('lever-1');
    const byApp = { event: 'candidateHired', url: receiver.url };
    const { access_token } = await exchange('lever', await code('lever', 'webhooks:write:admin'));
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
    await fetch(`${url}/lever/v1/webhooks`, { method: 'POST', headers, body: JSON.stringify(byApp) });
    expect(lever?.webhooks.list()).toMatchObject([{ madeBy: 'hand' }, { madeBy: 'api', active: true }]);
    const made = hooks();
    // It was written down before the answer left.
    const [, other] = createSandbox({ dataFolder: folder }).accounts.list();
    expect(other?.webhooks.list()).toEqual(made[1]);
    await restart();
    expect(hooks()).toEqual(made);
    await receiver.stop();
  });

  it('gives no id of a deleted account to another one', async () => {
    await admin('POST', '/accounts', { provider: 'lever', candidates: 3 });
    await admin('DELETE', '/accounts/lever-2');
    await restart();
    expect(sandbox.accounts.create({ provider: 'lever', candidates: 3 }).id).toBe('lever-3');
  });

  it('has written a token down before the client has it', async () => {
    const { access_token } = await exchange('lever', await code('lever'));
    const other = createSandbox({ dataFolder: folder });
    expect(other.tokens.lever.bearer(access_token)).toMatchObject({ accountId: 'lever-1', clientId: 'app' });
  });

  it('knows that a refresh token was used though the answer was lost', async () => {
    const { refresh_token } = await exchange('lever', await code('lever'));
    const lost = { match: { path: '/oauth/token' }, fault: { kind: 'answer-lost' }, times: 1 };
    await admin('POST', '/accounts/lever-1/faults', [lost]);
    await expect(refresh('lever', refresh_token)).rejects.toThrow();
    const other = createSandbox({ dataFolder: folder });
    expect(other.tokens.lever.redeemRefreshToken(refresh_token, 'app', () => 0)).toBeUndefined();
  });

  it('writes nothing down any more once it is closed, though what was delayed is done only then', async () => {
    const late = { match: { method: 'POST' }, fault: { kind: 'applied-late', ms: 100 }, times: 1 };
    const { access_token } = await exchange('lever', await code('lever'));
    await admin('POST', '/accounts/lever-1/faults', [late]);
    const headers = { authorization: `Bearer ${access_token}` };
    await expect(fetch(`${url}/lever/v1/webhooks`, { method: 'POST', headers })).rejects.toThrow();
    await sandbox.close();
    await rm(folder, { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(existsSync(folder)).toBe(false);
    await start();
  });

  it('begins anew when it is reset, and keeps that as well', async () => {
    const { access_token } = await exchange('lever', await code('lever'));
    await admin('POST', '/reset');
    await restart();
    expect((await list('lever', access_token)).status).toBe(401);
    expect(sandbox.accounts.list().map(({ id }) => id)).toEqual(['greenhouse-1', 'lever-1']);
  });

  it('leaves one file, and refuses one that it does not understand', async () => {
    expect(await readdir(folder)).toEqual(['sandbox.json']);
    const foreign = await mkdtemp(join(folder, 'foreign-'));
    await writeFile(join(foreign, 'sandbox.json'), '{"version":9}');
    expect(() => createSandbox({ dataFolder: foreign })).toThrow(/does not understand .*sandbox\.json.*Delete it/);
  });
});
