import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeToken, readForm, startFakeSandbox } from '../testing/sandbox-client.js';

const REDIRECT_URI = 'http://localhost:3000/api/ats/oauth/callback/greenhouse';
const BASIC = `Basic ${Buffer.from('elly-greenhouse-1001:sandbox-greenhouse-secret').toString('base64')}`;
const TOKEN = '/greenhouse-auth/token';

let fake: Awaited<ReturnType<typeof startFakeSandbox>>;
beforeEach(async () => {
  fake = await startFakeSandbox();
});
afterEach(() => fake.sandbox.close());

const parameters = (changes: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  response_type: 'code',
  client_id: 'elly-greenhouse-1001',
  redirect_uri: REDIRECT_URI,
  scope: 'harvest:jobs:list harvest:candidates:list',
  state: 'st&te',
  ...changes,
});
const authorize = (changes: Readonly<Record<string, string>> = {}) =>
  fake.call(`/greenhouse-auth/authorize?${new URLSearchParams(parameters(changes)).toString()}`);
const approve = async (changes: Readonly<Record<string, string>> = {}) => {
  const reply = await fake.form('/greenhouse-auth/authorize', parameters({ decision: 'approve', ...changes }));
  expect(reply.status).toBe(302);
  return new URL(reply.headers.get('location') ?? '').searchParams;
};
const token = (fields: Readonly<Record<string, string>>, authorization = BASIC) =>
  fake.form(TOKEN, fields, { Authorization: authorization });
const exchange = async (changes: Readonly<Record<string, string>> = {}) =>
  token({ grant_type: 'authorization_code', code: (await approve(changes)).get('code') ?? '' });

describe('Greenhouse authorize', () => {
  it('shows a consent page whose one form leads back with code and state', async () => {
    const page = await authorize();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).toContain('<h1>Elly asks for access</h1>');
    expect(page.text).toContain('List jobs');
    expect(page.text).toContain('Ada &lt;Admin&gt;');
    const form = readForm(page.text);
    expect(form.accounts).toEqual(['greenhouse-1']);
    expect(form.users).toEqual(['12', '11']);
    expect(form.decisions).toEqual(['approve', 'deny']);
    const reply = await fake.form(form.action, {
      ...form.fields,
      account: 'greenhouse-1',
      user: '11',
      decision: 'approve',
    });
    const target = new URL(reply.headers.get('location') ?? '');
    expect(reply.status).toBe(302);
    expect(target.origin + target.pathname).toBe(REDIRECT_URI);
    expect(target.searchParams.get('state')).toBe('st&te');
    expect(target.searchParams.get('code')).toMatch(/./);
  });

  it('takes a refusal back to the app', async () => {
    const reply = await fake.form('/greenhouse-auth/authorize', parameters({ decision: 'deny' }));
    const target = new URL(reply.headers.get('location') ?? '');
    expect(target.searchParams.get('error')).toBe('access_denied');
    expect(target.searchParams.get('error_description')).toBe('The user denied the request.');
    expect(target.searchParams.get('state')).toBe('st&te');
    expect(target.searchParams.has('code')).toBe(false);
  });

  it.each([
    ['an unknown app', { client_id: 'nobody-1' }],
    ['a redirect URI that differs by a slash', { redirect_uri: `${REDIRECT_URI}/` }],
    ['a scope that does not exist', { scope: 'harvest:jobs:list harvest:everything:list' }],
    ['no scope', { scope: '' }],
    ['another response type', { response_type: 'token' }],
    ['a plain code challenge', { code_challenge: 'abc', code_challenge_method: 'plain' }],
  ])('refuses %s with a page and never with a redirect', async (_case, changes) => {
    for (const reply of [
      await authorize(changes),
      await fake.form('/greenhouse-auth/authorize', parameters({ decision: 'approve', ...changes })),
    ]) {
      expect(reply.status).toBe(400);
      expect(reply.headers.get('content-type')).toContain('text/html');
      expect(reply.headers.has('location')).toBe(false);
    }
  });

  it('refuses a scope that the app does not hold', async () => {
    fake.sandbox.clients.register({
      provider: 'greenhouse',
      clientId: 'small-7',
      clientSecret: 's',
      redirectUris: [REDIRECT_URI],
      scopes: ['harvest:jobs:list'],
    });
    expect((await authorize({ client_id: 'small-7' })).status).toBe(400);
    expect((await authorize({ client_id: 'small-7', scope: 'harvest:jobs:list' })).status).toBe(200);
  });

  it('refuses a user of another account', async () => {
    const body = parameters({ decision: 'approve', user: '99' });
    expect((await fake.form('/greenhouse-auth/authorize', body)).status).toBe(400);
    expect((await fake.form('/greenhouse-auth/authorize', { ...body, account: 'lever-1' })).status).toBe(400);
  });
});

describe('Greenhouse token', () => {
  it('exchanges a code for a token that acts for the approving user', async () => {
    const before = Date.now();
    const { status, json } = await exchange({ user: '11' });
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', scope: 'harvest:jobs:list harvest:candidates:list' });
    expect(json.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(json.expires_at) - before).toBeGreaterThan(3_590_000);
    expect(decodeToken(json.access_token).claims).toMatchObject({ sub: 11, silo: 'greenhouse-1' });
    const me = await fake.bearer(json.access_token, '/greenhouse/v3/whoami');
    expect(me.json).toEqual({
      accountId: 'greenhouse-1',
      userId: '11',
      scopes: ['harvest:jobs:list', 'harvest:candidates:list'],
      clientId: 'elly-greenhouse-1001',
    });
    expect((await fake.bearer(json.access_token, '/lever/v1/whoami')).status).toBe(401);
  });

  it('approves as the first admin of the first account when the form does not say', async () => {
    const { json } = await exchange();
    expect((await fake.bearer(json.access_token, '/greenhouse/v3/whoami')).json).toMatchObject({ userId: '12' });
  });

  it('takes the parameters from the query string too', async () => {
    const code = (await approve()).get('code') ?? '';
    const reply = await fake.form(`${TOKEN}?grant_type=authorization_code&code=${code}`, {}, { Authorization: BASIC });
    expect(reply.status).toBe(200);
  });

  it('accepts a code once, for a minute, and with its own redirect URI', async () => {
    const fields = async () => ({ grant_type: 'authorization_code', code: (await approve()).get('code') ?? '' });
    const once = await fields();
    expect((await token(once)).status).toBe(200);
    const again = await token(once);
    expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }]);
    const late = await fields();
    fake.sandbox.clock.advance(61);
    expect((await token(late)).json).toEqual({ error: 'invalid_grant' });
    expect((await token({ ...(await fields()), redirect_uri: 'http://localhost/other' })).status).toBe(400);
  });

  it('lets an access token live for an hour', async () => {
    const { json } = await exchange();
    fake.sandbox.clock.advance(3599);
    expect((await fake.bearer(json.access_token, '/greenhouse/v3/whoami')).status).toBe(200);
    fake.sandbox.clock.advance(2);
    expect((await fake.bearer(json.access_token, '/greenhouse/v3/whoami')).status).toBe(401);
  });

  it('rotates refresh tokens, each good once and for a day', async () => {
    const first = (await exchange()).json.refresh_token;
    const second = await token({ grant_type: 'refresh_token', refresh_token: first });
    expect(second.status).toBe(200);
    expect(second.json.refresh_token).not.toBe(first);
    const reuse = await token({ grant_type: 'refresh_token', refresh_token: first });
    expect([reuse.status, reuse.json]).toEqual([400, { error: 'invalid_grant' }]);
    fake.sandbox.clock.advance(24 * 3600 + 1);
    const late = await token({ grant_type: 'refresh_token', refresh_token: second.json.refresh_token });
    expect(late.json).toEqual({ error: 'invalid_grant' });
  });

  it('answers every mistake with the body that Greenhouse gives it', async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    const anonymous = await fake.form(TOKEN, { grant_type: 'authorization_code' });
    expect(anonymous.status).toBe(401);
    expect(anonymous.json).toEqual({ message: 'Unauthorized', errorId: expect.stringMatching(/^err-/) });
    const malformed = await token({}, basic('elly:secret'));
    expect(malformed.status).toBe(400);
    expect(malformed.json).toEqual({
      message: 'client_id=elly does not contain a valid client ID suffix',
      errorId: expect.stringMatching(/^err-/),
    });
    for (const wrong of ['nobody-12:secret', 'elly-greenhouse-1001:wrong']) {
      const reply = await token({}, basic(wrong));
      expect([reply.status, reply.json]).toEqual([401, { error: 'invalid_client' }]);
    }
    expect((await token({})).json).toEqual({ message: 'Must include `grant_type` parameter in /token request' });
    expect((await token({ grant_type: 'x' })).json).toEqual({
      message:
        'grant_type=x is invalid, please use one of: authorization_code, refresh_token, client_credentials, urn:ietf:params:oauth:grant-type:token-exchange',
    });
    expect((await token({ grant_type: 'client_credentials' })).json).toEqual({ error: 'unauthorized_client' });
  });

  it.each(['expires_in', 'expires'])('says when the token ends as %s when the knob says so', async (shape) => {
    fake.sandbox.accounts.get('greenhouse-1')?.setKnobs({ tokenExpiryShape: shape });
    const { json } = await exchange();
    expect(Object.keys(json).filter((name) => name.startsWith('expires'))).toEqual([shape]);
  });

  it("mints tokens for a customer's own credential, for the user it names", async () => {
    fake.sandbox.clients.register({
      provider: 'greenhouse',
      clientId: 'own-3',
      clientSecret: 's',
      redirectUris: [],
      accountId: 'greenhouse-1',
    });
    const authorization = `Basic ${Buffer.from('own-3:s').toString('base64')}`;
    const service = await token({ grant_type: 'client_credentials' }, authorization);
    expect(service.json).not.toHaveProperty('refresh_token');
    const una = await token({ grant_type: 'client_credentials', sub: '11' }, authorization);
    expect((await fake.bearer(una.json.access_token, '/greenhouse/v3/whoami')).json).toMatchObject({ userId: '11' });
    const nobody = await token({ grant_type: 'client_credentials', sub: '99' }, authorization);
    expect(nobody.json).toEqual({ error: 'invalid_grant' });
  });

  it('checks the verifier when the app sent a challenge', async () => {
    const challenge = createHash('sha256').update('verifier').digest('base64url');
    const withPkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    expect((await exchange(withPkce)).status).toBe(400);
    const code = (await approve(withPkce)).get('code') ?? '';
    const reply = await token({ grant_type: 'authorization_code', code, code_verifier: 'verifier' });
    expect(reply.status).toBe(200);
  });
});
