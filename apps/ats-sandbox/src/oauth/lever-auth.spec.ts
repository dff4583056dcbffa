import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeToken, readForm, startFakeSandbox } from '../testing/sandbox-client.js';

const REDIRECT_URI = 'http://127.0.0.1:3000/api/ats/oauth/callback/lever';
const APP = { client_id: 'elly-lever', client_secret: 'sandbox-lever-secret' };
const DAY = 24 * 3600;

let fake: Awaited<ReturnType<typeof startFakeSandbox>>;
beforeEach(async () => {
  fake = await startFakeSandbox();
});
afterEach(() => fake.sandbox.close());

const parameters = (changes: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  response_type: 'code',
  client_id: 'elly-lever',
  redirect_uri: REDIRECT_URI,
  audience: 'https://api.lever.co/v1/',
  scope: 'postings:read:admin offline_access',
  state: 's',
  ...changes,
});
const authorize = (changes: Readonly<Record<string, string>> = {}) =>
  fake.call(`/lever-auth/authorize?${new URLSearchParams(parameters(changes)).toString()}`);
const approve = async (changes: Readonly<Record<string, string>> = {}) => {
  const reply = await fake.form('/lever-auth/authorize', parameters({ decision: 'approve', ...changes }));
  expect(reply.status).toBe(302);
  return new URL(reply.headers.get('location') ?? '').searchParams;
};
const token = (fields: Readonly<Record<string, string>>) => fake.form('/lever-auth/oauth/token', { ...APP, ...fields });
const exchange = async (changes: Readonly<Record<string, string>> = {}) =>
  token({
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT_URI,
    code: (await approve(changes)).get('code') ?? '',
  });
const refresh = (refreshToken: string) => token({ grant_type: 'refresh_token', refresh_token: refreshToken });

describe('Lever authorize', () => {
  it('says that only Super Admins can approve, and holds others to it', async () => {
    const page = await authorize();
    expect(page.status).toBe(200);
    expect(page.text).toContain('Only a Super Admin can approve');
    expect(readForm(page.text).fields).toEqual(parameters());
    const refused = await approve({ user: '11' });
    expect(refused.get('error')).toBe('access_denied');
    expect(refused.get('error_description')).toContain('Super Admin');
    expect((await approve({ user: '12' })).has('code')).toBe(true);
  });

  it.each([['https://api.lever.co/v1'], ['https://example.com/lever/v1/'], ['']])(
    'grants nothing but offline_access for the audience "%s"',
    async (audience) => {
      const page = await authorize({ audience });
      expect(page.text).not.toContain('postings:read:admin</code>');
      expect((await exchange({ audience })).json.scope).toBe('offline_access');
    },
  );

  it("accepts the sandbox's own API as the audience, under each of its names", async () => {
    const own = `${fake.url}/lever/v1/`;
    expect((await exchange({ audience: own })).json.scope).toBe('postings:read:admin offline_access');
    const named = own.replace('127.0.0.1', 'localhost');
    expect((await exchange({ audience: named })).json.scope).toBe('postings:read:admin offline_access');
    expect((await exchange({ audience: own.slice(0, -1) })).json.scope).toBe('offline_access');
  });

  it('refuses unknown apps and redirect URIs with a page', async () => {
    for (const reply of [
      await authorize({ client_id: 'elly-greenhouse-1001' }),
      await authorize({ redirect_uri: 'https://evil.example/' }),
    ]) {
      expect([reply.status, reply.headers.has('location')]).toEqual([400, false]);
    }
  });
});

describe('Lever token', () => {
  it('exchanges a code for a JWT with the claims that Lever documents', async () => {
    const { status, json } = await exchange();
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'postings:read:admin offline_access' });
    const { header, claims } = decodeToken(json.access_token);
    expect(header).toMatchObject({ alg: 'HS512', v: '2.0' });
    expect(claims).toMatchObject({
      'https://oauth.lever.co/userId': '12',
      'https://oauth.lever.co/accountId': 'lever-1',
      'https://oauth.lever.co/clientId': 'elly-lever',
      iss: 'https://auth.lever.co/',
      aud: 'https://api.lever.co/v1/',
      azp: 'elly-lever',
      scope: 'postings:read:admin offline_access',
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(3600);
    expect((await fake.bearer(json.access_token, '/lever/v1/whoami')).status).toBe(200);
    fake.sandbox.clock.advance(3601);
    expect((await fake.bearer(json.access_token, '/lever/v1/whoami')).status).toBe(401);
  });

  it('reads JSON bodies too', async () => {
    const code = (await approve()).get('code');
    const body = { ...APP, grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
    expect((await fake.send('POST', '/lever-auth/oauth/token', body)).status).toBe(200);
    const broken = await fake.call('/lever-auth/oauth/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{',
    });
    expect([broken.status, broken.json.error]).toEqual([400, 'invalid_request']);
  });

  it('gives a refresh token only with offline_access', async () => {
    expect((await exchange({ scope: 'postings:read:admin' })).json).not.toHaveProperty('refresh_token');
  });

  it('lets the old refresh token die at once', async () => {
    const first = (await exchange()).json.refresh_token;
    const second = await refresh(first);
    expect(second.status).toBe(200);
    const reuse = await refresh(first);
    expect([reuse.status, reuse.json]).toEqual([
      403,
      { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
    ]);
    expect((await refresh(second.json.refresh_token)).status).toBe(200);
  });

  it('lets it live on for the grace that the knob gives', async () => {
    fake.sandbox.accounts.get('lever-1')?.setKnobs({ refreshGraceSeconds: 30 });
    const first = (await exchange()).json.refresh_token;
    await refresh(first);
    fake.sandbox.clock.advance(20);
    expect((await refresh(first)).status).toBe(200);
    fake.sandbox.clock.advance(11);
    expect((await refresh(first)).status).toBe(403);
  });

  it('ends a grant after 90 idle days, and after a year in any case', async () => {
    const idle = (await exchange()).json.refresh_token;
    fake.sandbox.clock.advance(90 * DAY + 1);
    expect((await refresh(idle)).status).toBe(403);
    let current = (await exchange()).json.refresh_token;
    for (let quarter = 0; quarter < 4; quarter += 1) {
      fake.sandbox.clock.advance(89 * DAY);
      current = (await refresh(current)).json.refresh_token;
    }
    fake.sandbox.clock.advance(10 * DAY);
    expect((await refresh(current)).status).toBe(403);
  });

  it('answers mistakes with an error and a description', async () => {
    expect((await token({ client_secret: 'wrong' })).status).toBe(401);
    const badCode = await token({ grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT_URI });
    expect([badCode.status, badCode.json.error]).toEqual([403, 'invalid_grant']);
    const noGrant = await token({});
    expect([noGrant.status, noGrant.json.error]).toEqual([400, 'invalid_request']);
    expect((await token({ grant_type: 'password' })).json.error).toBe('unsupported_grant_type');
    const code = (await approve()).get('code') ?? '';
    const elsewhere = await token({ grant_type: 'authorization_code', code, redirect_uri: 'http://x/' });
    expect([elsewhere.status, elsewhere.json.error]).toEqual([403, 'invalid_grant']);
    expect((await token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI })).status).toBe(403);
  });

  it('checks the verifier when the app sent a challenge', async () => {
    const challenge = createHash('sha256').update('verifier').digest('base64url');
    const withPkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    expect((await exchange(withPkce)).status).toBe(403);
    const code = (await approve(withPkce)).get('code') ?? '';
    const fields = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
    expect((await token({ ...fields, code_verifier: 'verifier' })).status).toBe(200);
  });

  it('dies with the revocation of the app', async () => {
    const { json } = await exchange();
    expect((await fake.send('POST', '/_sandbox/accounts/lever-1/revoke')).json).toEqual({ revoked: 2 });
    expect((await fake.bearer(json.access_token, '/lever/v1/whoami')).status).toBe(401);
    expect((await refresh(json.refresh_token)).json.error).toBe('invalid_grant');
  });
});
