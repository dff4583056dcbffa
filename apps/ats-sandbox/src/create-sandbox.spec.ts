import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type ProviderId, type Sandbox } from './create-sandbox.js';
import { readForm } from './testing/sandbox-client.js';

let sandbox: Sandbox;
let url: string;
beforeEach(async () => {
  sandbox = createSandbox({
    seed: 3,
    baseDate: new Date('2026-06-01T00:00:00Z'),
    accounts: [
      { provider: 'greenhouse', candidates: 30 },
      { provider: 'lever', candidates: 30 },
    ],
  });
  ({ url } = await sandbox.listen());
});
afterEach(() => sandbox.close());

/** Goes the way of a browser: page, form, redirect. */
async function approve(provider: ProviderId, scope: string): Promise<string> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: provider === 'greenhouse' ? 'elly-greenhouse-1001' : 'elly-lever',
    redirect_uri: `http://localhost:3000/api/ats/oauth/callback/${provider}`,
    audience: `${url}/lever/v1/`,
    scope,
    state: 's',
  });
  const page = await fetch(`${url}/${provider}-auth/authorize?${query.toString()}`);
  expect(page.status).toBe(200);
  const form = readForm(await page.text());
  const reply = await fetch(new URL(form.action, url), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      ...form.fields,
      account: form.accounts[0] ?? '',
      user: form.users[0] ?? '',
      decision: 'approve',
    }),
  });
  return new URL(reply.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

async function accessToken(path: string, init: RequestInit): Promise<string> {
  const answer = (await (await fetch(url + path, { method: 'POST', ...init })).json()) as {
    readonly access_token: string;
  };
  return answer.access_token;
}

const getJson = async (path: string, token: string): Promise<unknown> => {
  const reply = await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } });
  expect(reply.status).toBe(200);
  return reply.json();
};

describe('a sandbox of both vendors', () => {
  it("lets an app into a Greenhouse account and lists the account's candidates", async () => {
    const code = await approve('greenhouse', 'harvest:candidates:list');
    const token = await accessToken('/greenhouse-auth/token', {
      headers: {
        Authorization: `Basic ${Buffer.from('elly-greenhouse-1001:sandbox-greenhouse-secret').toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'authorization_code', code }),
    });
    const rows = (await getJson('/greenhouse/v3/candidates?per_page=500', token)) as readonly object[];
    // Private candidates are stubs without an id.
    expect(rows.filter((row) => 'id' in row)).toHaveLength(
      sandbox.accounts.get('greenhouse-1')?.visible().candidates ?? -1,
    );
    sandbox.accounts
      .get('greenhouse-1')
      ?.faults.add([{ match: { path: '/candidates' }, fault: { kind: 'nulls', rows: 1 } }]);
    expect(await getJson('/greenhouse/v3/candidates', token)).toEqual([null]);
  });

  it('lets an app into a Lever account and lists its opportunities', async () => {
    const code = await approve('lever', 'opportunities:read:admin offline_access');
    const token = await accessToken('/lever-auth/oauth/token', {
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        client_id: 'elly-lever',
        client_secret: 'sandbox-lever-secret',
        redirect_uri: 'http://localhost:3000/api/ats/oauth/callback/lever',
      }),
    });
    const page = (await getJson('/lever/v1/opportunities', token)) as { readonly data: readonly unknown[] };
    expect(page.data.length).toBeGreaterThan(0);
  });

  it('makes the same accounts from the same seed', async () => {
    const other = createSandbox({
      seed: 3,
      baseDate: new Date('2026-06-01T00:00:00Z'),
      accounts: [{ provider: 'lever', candidates: 30 }],
    });
    expect(other.accounts.get('lever-1')?.records('candidates', 0, 30)).toEqual(
      sandbox.accounts.get('lever-1')?.records('candidates', 0, 30),
    );
  });

  it('shows every account through the admin routes', async () => {
    for (const id of ['greenhouse-1', 'lever-1']) {
      const reply = await fetch(`${url}/_sandbox/accounts/${id}`);
      expect([reply.status, await reply.json()]).toEqual([200, expect.objectContaining({ id, faults: [] })]);
    }
  });
});
