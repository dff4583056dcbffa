import { describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../../contract.js';
import { createProviderContext } from '../../testing/index.js';
import type { Responder } from '../../testing/index.js';
import { auth } from './auth.js';
import { greenhouseConfig } from './config.schema.js';
import { classify } from './faults.js';
import { greenhouse } from './index.js';

const now = new Date('2026-11-23T10:00:00Z');
const credentials = { clientId: 'client-1', clientSecret: 'secret' };
const parse = (body: unknown) => auth.parseToken(body, now);

describe('the options', () => {
  it('default to production and add the version where it is missing', () => {
    expect(greenhouseConfig.parse(credentials)).toMatchObject({
      apiUrl: 'https://harvest.greenhouse.io/v3',
      authUrl: 'https://auth.greenhouse.io',
    });
    for (const apiUrl of [
      'http://127.0.0.1:4010',
      'http://127.0.0.1:4010/',
      'http://127.0.0.1:4010/v3',
      'http://127.0.0.1:4010/v3/',
    ]) {
      expect(greenhouseConfig.parse({ ...credentials, apiUrl }).apiUrl).toBe('http://127.0.0.1:4010/v3');
    }
    expect(greenhouseConfig.parse({ ...credentials, apiUrl: 'http://localhost:4010/greenhouse/' }).apiUrl).toBe(
      'http://localhost:4010/greenhouse/v3',
    );
  });

  it.each([
    [{ ...credentials, clientSecret: '' }],
    [{ clientId: 'x' }],
    [{ ...credentials, apiURL: 'x' }],
    [{ ...credentials, apiUrl: 'file:///etc' }],
    [{ ...credentials, extraScopes: ['jobs'] }],
    [{ ...credentials, features: ['everything'] }],
    [{ ...credentials, moveFromStage: 'stage_id' }],
  ])('are refused when they are wrong: %j', (options) => {
    expect(greenhouseConfig.safeParse(options).success).toBe(false);
  });

  it('ask for more or fewer scopes, because one that the app does not hold fails the whole consent', () => {
    const config = greenhouseConfig.parse({
      ...credentials,
      extraScopes: ['harvest:offers:list'],
      withoutScopes: ['harvest:sources:list'],
    });
    expect(auth.scopes(config)).toContain('harvest:offers:list');
    expect(auth.scopes(config)).not.toContain('harvest:sources:list');
  });
});

describe('the scopes of writing and of web hooks', () => {
  const scopesOf = (options: object) => auth.scopes(greenhouseConfig.parse({ ...credentials, ...options }));

  it('are not asked for unless the options say so, because an app may not hold them', () => {
    expect(scopesOf({}).every((scope) => scope.endsWith(':list'))).toBe(true);
    expect(scopesOf({ features: ['stage-changes'] })).toContain('harvest:applications:move');
    expect(scopesOf({ features: ['stage-changes'] })).not.toContain('harvest:candidates:update');
    expect(scopesOf({ features: ['field-changes', 'webhooks'] })).toEqual(
      expect.arrayContaining(['harvest:candidates:update', 'harvest:webhooks:create']),
    );
  });

  it('can be had in part', () => {
    expect(scopesOf({ features: ['stage-changes'], withoutScopes: ['harvest:openings:list'] })).not.toContain(
      'harvest:openings:list',
    );
  });
});

describe('a token', () => {
  it.each([
    [{ expires_at: '2026-11-23T11:00:00+0000' }, '2026-11-23T11:00:00Z'],
    [{ expires_at: '2026-11-23T13:00:00.000+02:00' }, '2026-11-23T11:00:00Z'],
    [{ expires_in: 1800 }, '2026-11-23T10:30:00Z'],
    [{ expires_in: '1800' }, '2026-11-23T10:30:00Z'],
    [{ expires: '2026-11-23T10:45:00Z' }, '2026-11-23T10:45:00Z'],
    [{ expires: String(Date.parse('2026-11-23T10:45:00Z') / 1000) }, '2026-11-23T10:45:00Z'],
    [{ expires_in: 600, expires_at: '2026-11-23T23:00:00Z' }, '2026-11-23T10:10:00Z'],
    [{}, '2026-11-23T10:59:00Z'],
    [{ expires_at: 'soon' }, '2026-11-23T10:59:00Z'],
    [{ expires_at: '2026-11-23T09:00:00Z' }, '2026-11-23T10:59:00Z'],
  ])('with %j ends at %s', (fields, end) => {
    expect(parse({ access_token: 'a', refresh_token: 'r', ...fields }).expiresAt).toEqual(new Date(end));
  });

  it('says its scopes when the answer does', () => {
    expect(parse({ access_token: 'a', scope: 'harvest:jobs:list  harvest:users:list' })).toMatchObject({
      refreshToken: null,
      scopes: ['harvest:jobs:list', 'harvest:users:list'],
    });
    expect(parse({ access_token: 'a' }).scopes).toBeNull();
  });

  it.each([[null], [{}], ['<html>'], [{ access_token: '' }]])('is missing from %j', (body) => {
    expect(() => parse(body)).toThrow(ProviderFault);
  });
});

describe('a refusal', () => {
  it.each([
    [401, { message: 'Unauthorized', errors: ['Token could not be decoded.'] }, 'auth-revoked'],
    [400, { error: 'invalid_grant' }, 'auth-revoked'],
    [401, { error: 'invalid_client' }, 'invalid-request'],
    [400, { message: 'client_id=abc does not contain a valid client ID suffix', errorId: 'err-1' }, 'invalid-request'],
    [403, { message: 'Forbidden' }, 'forbidden-scope'],
    [422, { errors: ['When passing a cursor, do not include other query params.'] }, 'invalid-request'],
    [422, { errors: [{ cursor: 'is invalid' }] }, 'cursor-expired'],
    [422, { errors: [{ message: 'has expired', field: 'cursor' }] }, 'cursor-expired'],
    [422, { errors: ['The cursor could not be decoded'] }, 'cursor-expired'],
    [422, { errors: [{ per_page: '`600` number is greater than: 500' }] }, 'invalid-request'],
  ])('%i %j is %s', (status, body, code) => {
    expect(classify({ status, body })?.code).toBe(code);
  });

  it('names the field that was wrong and never what was in it', () => {
    const message =
      classify({ status: 422, body: { errors: [{ email: 'ines@example.test is odd' }, 'client_id=abc'] } })?.message ??
      '';
    expect(message).toContain('(email)');
    expect(message).not.toMatch(/ines|abc/);
  });

  it.each([[404], [410], [429], [500]])('%i is left to the usual reading', (status) => {
    expect(classify({ status, body: {} })).toBeNull();
  });
});

describe('the pre-flight', () => {
  const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  const requestedScopes = auth.scopes(greenhouseConfig.parse(credentials));
  const run = (respond: Responder, accessToken = token({ sub: 42, silo: '7' }), scopes: readonly string[] = []) =>
    greenhouse.preflight(createProviderContext({ provider: greenhouse, config: credentials, respond, scopes }), {
      accessToken,
      requestedScopes,
    });
  const user =
    (fields: object): Responder =>
    ({ path }) => ({
      body: path === '/users' ? [{ id: 42, name: 'Rae Kim', primary_email: 'rae@example.test', ...fields }] : [],
    });

  it('says who authorised, finds nothing wrong with a Site Admin and takes a shard for no account', async () => {
    expect(await run(user({ site_admin: true }))).toEqual({
      accountId: null,
      accountName: null,
      authorisedBy: 'Rae Kim',
      blockers: [],
      warnings: [],
    });
  });

  it('stops at a person who is not Site Admin', async () => {
    const { blockers } = await run(user({ site_admin: false }));
    expect(blockers).toHaveLength(1);
    expect(blockers[0]).toMatch(/Rae Kim.*Site Admin/);
  });

  it('lets a service account pass by what it may list', async () => {
    expect((await run(user({ site_admin: false, primary_email: '' }))).blockers).toEqual([]);
  });

  it('stops when lists are refused, whoever it was', async () => {
    const { blockers } = await run(() => ({ status: 403 }), 'opaque');
    expect(blockers).toHaveLength(1);
    expect(blockers[0]).toContain('jobs, applications, candidates');
  });

  it('says which feature a missing scope costs, and blames the scope and not the person', async () => {
    const granted = requestedScopes.filter((scope) => !['harvest:jobs:list', 'harvest:offices:list'].includes(scope));
    const profile = await run(
      ({ path }) => (path === '/jobs' ? { status: 403 } : { body: [] }),
      token({ sub: '42' }),
      granted,
    );
    expect(profile.blockers).toEqual([expect.stringContaining('harvest:jobs:list')]);
    expect(profile.warnings).toEqual([expect.stringContaining('offices')]);
    expect(profile.accountId).toBeNull();
  });

  it('lets a connection be made that may not see the stage history, and says what it is without', async () => {
    const granted = requestedScopes.filter((scope) => scope !== 'harvest:application_stages:list');
    const { blockers, warnings } = await run(() => ({ body: [] }), token({ sub: '42' }), granted);
    expect(blockers).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/harvest:application_stages:list.*moves between two syncs/)]);
  });

  it('says in words what cannot be written, stops nothing for it, and is silent about what was not asked for', async () => {
    const wanted = auth.scopes(greenhouseConfig.parse({ ...credentials, features: ['stage-changes', 'webhooks'] }));
    const profile = (asked: readonly string[]) =>
      greenhouse.preflight(
        createProviderContext({
          provider: greenhouse,
          config: credentials,
          respond: () => ({ body: [] }),
          scopes: requestedScopes,
        }),
        { accessToken: 'opaque', requestedScopes: asked },
      );
    const { blockers, warnings } = await profile(wanted);
    expect(blockers).toEqual([]);
    expect(warnings).toHaveLength(wanted.length - requestedScopes.length);
    expect(warnings[0]).toMatch(/harvest:applications:move.*not moved to another stage from Elly.*connect again/);
    expect((await profile(requestedScopes)).warnings).toEqual([]);
  });
});
