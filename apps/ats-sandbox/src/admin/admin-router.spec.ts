import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startFakeSandbox } from '../testing/sandbox-client.js';

let fake: Awaited<ReturnType<typeof startFakeSandbox>>;
beforeEach(async () => {
  fake = await startFakeSandbox();
});
afterEach(() => fake.sandbox.close());

describe('the admin routes', () => {
  it('say what there is and where', async () => {
    const { status, json, headers } = await fake.call('/_sandbox');
    expect(status).toBe(200);
    expect(json.urls.lever.audience).toBe(`${fake.url}/lever/v1/`);
    expect(json.accounts).toMatchObject([{ id: 'greenhouse-1' }, { id: 'lever-1' }]);
    expect(headers.has('x-powered-by')).toBe(false);
  });

  it('make, show and delete accounts', async () => {
    const wanted = {
      provider: 'lever',
      name: 'Beta',
      seed: 9,
      candidates: 50,
      knobs: { limit: 3, refreshGraceSeconds: 5 },
    };
    const made = await fake.send('POST', '/_sandbox/accounts', wanted);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ id: 'lever-2', provider: 'lever', name: 'Beta', seed: 9 });
    const shown = await fake.call('/_sandbox/accounts/lever-2');
    expect(Object.keys(shown.json).sort()).toEqual(
      [
        'id',
        'provider',
        'name',
        'seed',
        'users',
        'counts',
        'visible',
        'requests',
        'tokenRequests',
        'knobs',
        'faults',
      ].sort(),
    );
    expect(shown.json.knobs).toEqual({ limit: 3, refreshGraceSeconds: 5 });
    expect((await fake.call('/_sandbox/accounts')).json).toHaveLength(3);
    expect((await fake.send('DELETE', '/_sandbox/accounts/lever-2')).status).toBe(204);
    expect((await fake.call('/_sandbox/accounts/lever-2')).status).toBe(404);
  });

  it('name accounts and derive their seeds when the request does not', async () => {
    const { json } = await fake.send('POST', '/_sandbox/accounts', { provider: 'greenhouse' });
    expect(json).toMatchObject({ id: 'greenhouse-2', name: 'Acme Greenhouse 2', seed: 2 });
  });

  it('page through records and make changes', async () => {
    const records = await fake.call('/_sandbox/accounts/lever-1/records/jobs?offset=5&limit=2');
    expect(records.json).toEqual([
      { kind: 'jobs', id: 5 },
      { kind: 'jobs', id: 6 },
    ]);
    const changed = await fake.send('POST', '/_sandbox/accounts/lever-1/changes', { moves: 3 });
    expect(changed.json).toEqual({ made: { moves: 3 }, operations: [] });
  });

  it('set knobs', async () => {
    const knobs = { limit: 9, tokenExpiryShape: 'expires' };
    expect((await fake.send('PUT', '/_sandbox/accounts/greenhouse-1/knobs', knobs)).json).toEqual(knobs);
  });

  it('add, list and clear faults', async () => {
    const faults = '/_sandbox/accounts/lever-1/faults';
    const rule = { match: { path: '/opportunities', nth: 2 }, fault: { kind: 'status', status: 503 }, times: 1 };
    expect((await fake.send('POST', faults, [rule])).status).toBe(201);
    expect((await fake.call(faults)).json).toEqual([rule]);
    expect((await fake.send('DELETE', faults)).status).toBe(204);
    expect((await fake.call(faults)).json).toEqual([]);
  });

  it('issue and withdraw API keys', async () => {
    const { json } = await fake.send('POST', '/_sandbox/accounts/lever-1/api-keys');
    const headers = { Authorization: `Basic ${Buffer.from(`${json.key}:`).toString('base64')}` };
    const me = await fake.call('/lever/v1/whoami', { headers });
    expect(me.json).toMatchObject({ accountId: 'lever-1', userId: '12', clientId: null });
    await fake.send('DELETE', '/_sandbox/accounts/lever-1/api-keys');
    expect((await fake.call('/lever/v1/whoami', { headers })).status).toBe(401);
  });

  it('register apps', async () => {
    const app = { provider: 'greenhouse', clientId: 'app-5', clientSecret: 's', redirectUris: ['http://localhost/cb'] };
    expect((await fake.send('POST', '/_sandbox/clients', app)).status).toBe(201);
    expect(fake.sandbox.clients.find('greenhouse', 'app-5')).toEqual(app);
    expect((await fake.send('POST', '/_sandbox/clients', { ...app, clientId: 'app' })).json.error).toContain('number');
  });

  it('advance the clock, and take it back when they reset', async () => {
    const { json } = await fake.send('POST', '/_sandbox/clock', { advanceSeconds: 3600 });
    expect(Date.parse(json.now) - Date.now()).toBeGreaterThan(3_500_000);
    await fake.send('POST', '/_sandbox/accounts', { provider: 'lever' });
    const reset = await fake.send('POST', '/_sandbox/reset');
    expect(reset.json.accounts).toHaveLength(2);
    expect(Math.abs(fake.sandbox.clock.now().getTime() - Date.now())).toBeLessThan(1000);
  });

  it.each([
    ['a missing account', 'GET', '/accounts/nobody', undefined, 404],
    ['a missing route', 'GET', '/nothing', undefined, 404],
    ['an unknown vendor', 'POST', '/accounts', { provider: 'taleo' }, 400],
    ['a misspelt field', 'POST', '/accounts', { provider: 'lever', candidate: 3 }, 400],
    ['an unknown knob', 'PUT', '/accounts/lever-1/knobs', { speed: 1 }, 400],
    ['an unknown kind of record', 'GET', '/accounts/lever-1/records/offers', undefined, 400],
    ['too large a page', 'GET', '/accounts/lever-1/records/jobs?limit=1000000', undefined, 400],
    ['an impossible change', 'POST', '/accounts/lever-1/changes', { hires: 13 }, 400],
    ['an unknown fault', 'POST', '/accounts/lever-1/faults', [{ match: {}, fault: { kind: 'gremlin' } }], 400],
    [
      'a broken path pattern',
      'POST',
      '/accounts/lever-1/faults',
      [{ match: { path: '/(/' }, fault: { kind: 'stall' } }],
      400,
    ],
    ['a clock that goes backwards', 'POST', '/clock', { advanceSeconds: -1 }, 400],
    ['a body of more than 1 MB', 'POST', '/accounts', { provider: 'lever', name: 'x'.repeat(1_100_000) }, 413],
  ])('refuse %s with a sentence', async (_case, method, path, body, status) => {
    const reply = await fake.send(method, `/_sandbox${path}`, body);
    expect(reply.status).toBe(status);
    expect(reply.json).toEqual({ error: expect.stringMatching(/^.{5,}\.$/) });
  });
});
