import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type ProviderId, type Sandbox, type SimulatedAccount } from '../create-sandbox.js';
import type { Fault } from '../faults/fault-plan.js';

interface Vendor {
  readonly provider: ProviderId;
  readonly clientId: string;
  readonly secret: string;
  readonly token: string;
  readonly list: string;
  readonly scopes: readonly string[];
  /** The scope of `list`. */
  readonly needed: string;
}

const GREENHOUSE: Vendor = {
  provider: 'greenhouse',
  clientId: 'elly-greenhouse-1001',
  secret: 'sandbox-greenhouse-secret',
  token: '/greenhouse-auth/token',
  list: '/greenhouse/v3/jobs',
  scopes: ['harvest:jobs:list', 'harvest:candidates:list'],
  needed: 'harvest:jobs:list',
};
const LEVER: Vendor = {
  provider: 'lever',
  clientId: 'elly-lever',
  secret: 'sandbox-lever-secret',
  token: '/lever-auth/oauth/token',
  list: '/lever/v1/postings',
  scopes: ['offline_access', 'postings:read:admin', 'opportunities:read:admin'],
  needed: 'postings:read:admin',
};

interface TokenAnswer {
  readonly status: number;
  readonly error?: string;
  readonly scope?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
}

describe.each([GREENHOUSE, LEVER])('the token endpoint of $provider', (vendor) => {
  let sandbox: Sandbox;
  let url: string;
  let account: SimulatedAccount;

  beforeEach(async () => {
    sandbox = createSandbox({ accounts: [{ provider: vendor.provider, candidates: 5 }] });
    url = (await sandbox.listen()).url;
    account = sandbox.accounts.get(`${vendor.provider}-1`) as SimulatedAccount;
  });
  afterEach(() => sandbox.close());

  const REDIRECT = `http://localhost:3000/api/ats/oauth/callback/${vendor.provider}`;
  const authorize = async (changes: Readonly<Record<string, string>> = {}): Promise<URLSearchParams> => {
    const body = new URLSearchParams({
      response_type: 'code',
      client_id: vendor.clientId,
      redirect_uri: REDIRECT,
      scope: vendor.scopes.join(' '),
      ...(vendor.provider === 'lever' ? { audience: 'https://api.lever.co/v1/' } : {}),
      decision: 'approve',
      ...changes,
    });
    const answer = await fetch(`${url}/${vendor.provider}-auth/authorize`, {
      method: 'POST',
      body,
      redirect: 'manual',
    });
    return new URL(answer.headers.get('location') ?? '').searchParams;
  };
  const token = async (fields: Readonly<Record<string, string>>, clientId = vendor.clientId): Promise<TokenAnswer> => {
    const credentials = Buffer.from(`${clientId}:${vendor.secret}`).toString('base64');
    const inBody: Record<string, string> =
      vendor.provider === 'lever' ? { client_id: clientId, client_secret: vendor.secret } : {};
    const answer = await fetch(url + vendor.token, {
      method: 'POST',
      headers: vendor.provider === 'lever' ? {} : { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ ...fields, ...inBody }),
    });
    const body = (await answer.json().catch(() => ({}))) as Omit<TokenAnswer, 'status'>;
    return { status: answer.status, ...body };
  };
  const exchange = async (changes?: Readonly<Record<string, string>>, clientId?: string) =>
    token(
      { grant_type: 'authorization_code', redirect_uri: REDIRECT, code: (await authorize(changes)).get('code') ?? '' },
      clientId,
    );
  const refresh = (refreshToken = '', clientId?: string) =>
    token({ grant_type: 'refresh_token', refresh_token: refreshToken }, clientId);
  const list = async (accessToken = ''): Promise<number> =>
    (await fetch(url + vendor.list, { headers: { authorization: `Bearer ${accessToken}` } })).status;
  const revoke = (body: object) =>
    fetch(`${url}/_sandbox/accounts/${account.id}/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const fail = (fault: Fault, times = 1): void =>
    account.faults.add([{ match: { path: '/oauth/token' }, fault, times }]);

  it('counts what it was asked for each account, and what it granted', async () => {
    const { refresh_token } = await exchange();
    await refresh(refresh_token);
    await refresh(refresh_token);
    const expected = {
      authorization_code: { made: 1, granted: 1 },
      refresh_token: { made: 2, granted: 1 },
      client_credentials: { made: 0, granted: 0 },
    };
    expect(sandbox.tokens[vendor.provider].requests.of(account.id)).toEqual(expected);
    const overview = (await (await fetch(`${url}/_sandbox`)).json()) as { accounts: readonly object[] };
    expect(overview.accounts).toMatchObject([{ id: account.id, tokenRequests: expected }]);
  });

  it('is slow when a fault says so', async () => {
    fail({ kind: 'latency', ms: 300 });
    const begun = Date.now();
    expect((await exchange()).status).toBe(200);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(295);
  });

  it('answers with a 503 and burns nothing', async () => {
    const { refresh_token } = await exchange();
    fail({ kind: 'status', status: 503 });
    expect((await refresh(refresh_token)).status).toBe(503);
    expect((await refresh(refresh_token)).status).toBe(200);
    expect(sandbox.tokens[vendor.provider].requests.of(account.id).refresh_token).toEqual({ made: 2, granted: 1 });
  });

  it('rotates and loses its answer: the refresh token is used, and nobody has the new one', async () => {
    const { refresh_token } = await exchange();
    fail({ kind: 'answer-lost' });
    await expect(refresh(refresh_token)).rejects.toThrow();
    expect(await refresh(refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect(sandbox.tokens[vendor.provider].requests.of(account.id).refresh_token).toEqual({ made: 2, granted: 1 });
  });

  it('is forgiving of a lost answer as long as a used refresh token lives on', async () => {
    account.setKnobs({ refreshGraceSeconds: 30 });
    const { refresh_token } = await exchange();
    fail({ kind: 'answer-lost' });
    await expect(refresh(refresh_token)).rejects.toThrow();
    expect((await refresh(refresh_token)).status).toBe(200);
    sandbox.clock.advance(31);
    expect(await refresh(refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });

  it('is not struck by rules that are meant for the API', async () => {
    account.faults.add([{ match: {}, fault: { kind: 'status', status: 503 } }]);
    const { status, access_token } = await exchange();
    expect([status, await list(access_token)]).toEqual([200, 503]);
  });

  it('grants no scope that is withheld, and gives it back later', async () => {
    account.setKnobs({ withheldScopes: [vendor.needed] });
    const { scope, access_token, refresh_token } = await exchange();
    expect(scope?.split(' ')).toEqual(vendor.scopes.filter((one) => one !== vendor.needed));
    expect(await list(access_token)).toBe(403);
    account.setKnobs({ withheldScopes: [] });
    const renewed = await refresh(refresh_token);
    expect(renewed.scope?.split(' ')).toEqual(vendor.scopes);
    expect(await list(renewed.access_token)).toBe(200);
  });

  it('takes a scope back from tokens that are out when the vendor says so', async () => {
    const { access_token } = await exchange();
    account.setKnobs({ withheldScopes: [vendor.needed] });
    // Greenhouse documents that it binds at once; Lever documents nothing.
    expect(await list(access_token)).toBe(vendor.provider === 'greenhouse' ? 403 : 200);
  });

  it('lets a member approve when the account is set so', async () => {
    account.setKnobs({ approver: 'member' });
    const answer = await authorize();
    expect(answer.get('error')).toBe(vendor.provider === 'lever' ? 'access_denied' : null);
    if (vendor.provider === 'greenhouse') expect(await list((await exchange()).access_token)).toBe(403);
  });

  it('knows no grant of an app that was removed, and those of the others still', async () => {
    const other = vendor.provider === 'greenhouse' ? 'other-77' : 'other';
    sandbox.clients.register({
      provider: vendor.provider,
      clientId: other,
      clientSecret: vendor.secret,
      redirectUris: [REDIRECT],
    });
    const [ours, theirs] = [await exchange(), await exchange({ client_id: other }, other)];
    await revoke({ clientId: vendor.clientId });
    expect([await list(ours.access_token), await list(theirs.access_token)]).toEqual([401, 200]);
    expect(await refresh(ours.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(theirs.refresh_token, other)).status).toBe(200);
  });

  it('knows no grant that a deactivated user approved', async () => {
    const user = account.users().find(({ admin }) => admin)?.id ?? '';
    const grant = await exchange({ user });
    await revoke({ user: 'somebody-else' });
    expect(await list(grant.access_token)).toBe(200);
    await revoke({ user });
    expect(await list(grant.access_token)).toBe(401);
    expect(await refresh(grant.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });
});
