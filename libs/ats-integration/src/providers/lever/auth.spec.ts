import { describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../../contract.js';
import type { Responder } from '../../testing/index.js';
import { createProviderContext } from '../../testing/index.js';
import { auth } from './auth.js';
import { leverConfig } from './config.schema.js';
import { classify } from './faults.js';
import { lever } from './index.js';

const now = new Date('2026-11-23T10:00:00Z');
const credentials = { clientId: 'client', clientSecret: 'secret' };
const contextOver = (respond: Responder, scopes: readonly string[] = [], config: object = credentials) =>
  createProviderContext({ provider: lever, config, respond, scopes });

describe('the options', () => {
  it('default to production, where the audience ends with a slash', () => {
    const config = leverConfig.parse(credentials);
    expect(config).toMatchObject({ apiUrl: 'https://api.lever.co/v1', authUrl: 'https://auth.lever.co' });
    expect(auth.authorizeParameters?.(config)).toEqual({ audience: 'https://api.lever.co/v1/' });
  });

  it('follow the region, and an address that is given wins over it', () => {
    expect(leverConfig.parse({ ...credentials, region: 'eu' }).apiUrl).toBe('https://api.eu.lever.co/v1');
    expect(leverConfig.parse({ ...credentials, region: 'sandbox' }).audience).toBe('https://api.sandbox.lever.co/v1/');
    for (const apiUrl of ['http://127.0.0.1:4010', 'http://127.0.0.1:4010//', 'http://127.0.0.1:4010/v1/']) {
      expect(leverConfig.parse({ ...credentials, region: 'eu', apiUrl }).apiUrl).toBe('http://127.0.0.1:4010/v1');
    }
  });

  it('ask for consent every time and for confidential data only when told to', () => {
    const config = leverConfig.parse({ ...credentials, prompt: 'consent', confidential: true });
    expect(auth.authorizeParameters?.(config)).toMatchObject({ prompt: 'consent' });
    expect(auth.scopes(config)).toContain('confidential:access:admin');
    expect(auth.scopes(leverConfig.parse(credentials))).not.toContain('confidential:access:admin');
  });

  it('ask for the write scope of a feature in place of the read scope, and for none of a feature that is off', () => {
    const all = auth.scopes(leverConfig.parse(credentials));
    expect(all).toEqual(
      expect.arrayContaining(['opportunities:write:admin', 'contact:write:admin', 'webhooks:write:admin']),
    );
    expect(all).not.toContain('opportunities:read:admin');
    const reading = auth.scopes(leverConfig.parse({ ...credentials, features: [] }));
    expect(reading).toContain('opportunities:read:admin');
    expect(reading.filter((scope) => scope.includes(':write:'))).toEqual([]);
  });

  it.each([
    [{ ...credentials, features: ['everything'] }],
    [{ clientId: 'x' }],
    [{ ...credentials, region: 'moon' }],
    [{ ...credentials, apiKey: 'x' }],
    [{ ...credentials, apiUrl: 'lever' }],
  ])('are refused when they are wrong: %j', (options) => {
    expect(leverConfig.safeParse(options).success).toBe(false);
  });
});

describe('a token', () => {
  it('lives as long as Lever says, or about an hour', () => {
    expect(
      auth.parseToken(
        { access_token: 'a', refresh_token: 'r', expires_in: 1800, scope: 'offline_access stages:read:admin' },
        now,
      ),
    ).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: new Date('2026-11-23T10:30:00Z'),
      scopes: ['offline_access', 'stages:read:admin'],
    });
    expect(auth.parseToken({ access_token: 'a' }, now)).toMatchObject({
      refreshToken: null,
      scopes: null,
      expiresAt: new Date('2026-11-23T10:59:00Z'),
    });
  });

  it('is missing from what is no token', () => {
    for (const body of [null, {}, 'text', { access_token: '' }])
      expect(() => auth.parseToken(body, now)).toThrow(ProviderFault);
  });
});

describe('a refusal', () => {
  it.each([
    [400, { code: 'BadRequestError', message: 'Invalid offset token' }, 'cursor-expired'],
    [401, { code: 'UnauthorizedError' }, 'auth-revoked'],
    [403, { message: 'Unable to find a signing key that matches' }, 'auth-revoked'],
    [403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }, 'auth-revoked'],
    [401, { error: 'invalid_client' }, 'invalid-request'],
    [401, { error: 'access_denied', error_description: 'Unauthorized' }, 'invalid-request'],
    [403, undefined, 'forbidden-scope'],
    [422, {}, 'invalid-request'],
    [503, {}, 'unavailable'],
  ])('%i %j is %s', (status, body, code) => {
    expect(classify({ status, body })?.code).toBe(code);
  });

  it.each([[400], [404], [410], [429], [500]])('%i is left to the usual reading', (status) => {
    expect(classify({ status, body: { message: 'stages 123 was not found' } })).toBeNull();
  });

  it('says of a file that Lever could not process it', () => {
    expect(classify({ status: 422, body: {} })?.message).toContain('could not process');
  });
});

describe('résumés', () => {
  const application = { remoteId: 'opp/1', candidateRemoteId: 'contact-1' };
  const file = (name: string, uploadedAt: number) => ({
    name,
    ext: 'pdf',
    uploadedAt,
    downloadUrl: 'https://hire.lever.co/secret',
  });

  it('are the newest that has a file, asked for without paging', async () => {
    const data = [
      { id: 'old', createdAt: 1, file: file('old.pdf', 1000) },
      { id: 'new', createdAt: 2, file: file('new.pdf', 3000) },
      { id: 'bare', createdAt: 9000, file: null },
    ];
    const context = contextOver(() => ({ body: { data, hasNext: false } }));
    expect(await lever.resumes?.ofApplication?.(context, application)).toMatchObject({
      remoteId: 'new',
      candidateRemoteId: 'contact-1',
      applicationRemoteId: 'opp/1',
    });
    expect(context.sent.map((request) => request.url.pathname + request.url.search)).toEqual([
      '/v1/opportunities/opp%2F1/resumes',
    ]);
  });

  it('are none when Lever says 404 or lists none', async () => {
    expect(
      await lever.resumes?.ofApplication?.(
        contextOver(() => ({ status: 404, body: { code: 'ResourceNotFound' } })),
        application,
      ),
    ).toBeNull();
    expect(
      await lever.resumes?.ofApplication?.(
        contextOver(() => ({ body: { data: [] } })),
        application,
      ),
    ).toBeNull();
  });

  it('come from the API with its credentials, never from the web host', async () => {
    const context = contextOver(() => ({ status: 500 }));
    const locator = { opportunity: 'opp/1', resume: 'new' };
    expect(await lever.resumes?.locate(context, { remoteId: 'new', locator, expired: true })).toEqual({
      url: 'https://api.lever.co/v1/opportunities/opp%2F1/resumes/new/download',
      authorised: true,
    });
    expect(context.sent).toEqual([]);
    await expect(
      lever.resumes?.locate(context, { remoteId: 'new', locator: { url: 'x' }, expired: false }),
    ).rejects.toThrow(ProviderFault);
  });
});

describe('the pre-flight', () => {
  const claims = { 'https://oauth.lever.co/accountId': 'acct', 'https://oauth.lever.co/userId': 'u-1' };
  const token = `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  const all = auth.scopes(leverConfig.parse(credentials));
  const fine: Responder = ({ path }) => ({
    body: path === '/users/u-1' ? { data: { id: 'u-1', name: 'Rae Kim' } } : { data: [] },
  });
  const run = (respond: Responder, scopes: readonly string[], accessToken = token, config: object = credentials) =>
    lever.preflight(contextOver(respond, scopes, config), { accessToken, requestedScopes: all });

  it('says who authorised which account, and that confidential rows stay out of sight', async () => {
    expect(await run(fine, all)).toEqual({
      accountId: 'acct',
      accountName: null,
      authorisedBy: 'Rae Kim',
      blockers: [],
      warnings: [expect.stringContaining('Confidential')],
    });
    expect((await run(fine, [...all, 'confidential:access:admin'])).warnings).toEqual([]);
  });

  it('takes a write scope for the read scope that it includes', async () => {
    const granted = all.map((scope) => scope.replace('postings:read', 'postings:write'));
    expect((await run(fine, granted)).blockers).toEqual([]);
  });

  it('says which feature a missing scope costs', async () => {
    const profile = await run(
      fine,
      all.filter((scope) => !/^(postings|applications)/.test(scope)),
    );
    expect(profile.blockers).toEqual([expect.stringContaining('postings:read:admin')]);
    expect(profile.warnings[0]).toContain('applications:read:admin');
  });

  it('lets a connection that may only read begin, and says of each missing write scope what it costs', async () => {
    const reading = all.map((scope) => scope.replace('opportunities:write', 'opportunities:read'));
    const granted = [...reading.filter((scope) => !scope.includes(':write:')), 'confidential:access:admin'];
    const profile = await run(fine, granted);
    expect(profile.blockers).toEqual([]);
    expect(profile.warnings).toEqual([
      expect.stringMatching(/opportunities:write:admin, so moves made in Elly are refused/),
      expect.stringMatching(/contact:write:admin, so .*only be changed in Lever/),
      expect.stringMatching(/webhooks:write:admin, so .*add them in Lever/),
    ]);
    expect((await run(fine, granted, token, { ...credentials, features: [] })).warnings).toEqual([]);
  });

  it('finds a refusal that no scope shows, and does without claims', async () => {
    const profile = await run(
      ({ path }) => (path === '/opportunities' ? { status: 403 } : { body: { data: [] } }),
      [],
      'opaque',
    );
    expect(profile).toMatchObject({ accountId: null, authorisedBy: null });
    expect(profile.blockers).toEqual([expect.stringContaining('opportunities:read:admin')]);
  });
});
