import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AtsProvider } from '../contract/ats-provider.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { ConnectFlow } from './connect-flow.js';

const CALLBACK = { callbackPath: 'api/ats/oauth/callback' };
const person = { workspaceId: 'ways-1', userId: 'ann', browser: 'browser-of-ann' };
const scripted = new ScriptedAts().provider;

async function running(
  overrides: Partial<AtsProvider>,
): Promise<{ ats: RunningAts; server: LocalServer; flow: ConnectFlow }> {
  const server = await LocalServer.start();
  const ats = await RunningAts.start({ provider: new ScriptedAts(undefined, overrides).provider, url: server.url });
  ats.plan = { plan: 'starter', connections: 1 };
  return { ats, server, flow: ats.get(ConnectFlow) };
}

describe('an ATS that names itself in its answer (RFC 9207)', () => {
  if (scripted.auth.kind !== 'oauth2') throw new Error('The scripted ATS signs in.');
  const auth = { ...scripted.auth, issuer: () => 'https://sign-in.scripted.example' };
  let on: Awaited<ReturnType<typeof running>>;
  beforeAll(async () => {
    on = await running({ auth });
    on.server.answer = (response) => json(response, 200, { access_token: 'a', refresh_token: 'r', expires_in: 3600 });
  });
  afterAll(async () => {
    await on.ats.stop();
    await on.server.stop();
  });
  const state = async (): Promise<string> => {
    const { authorizeUrl } = await on.flow.begin(person, SCRIPTED_ID, CALLBACK);
    return new URL(authorizeUrl ?? '').searchParams.get('state') ?? '';
  };

  it.each([
    ['another server', 'https://evil.example'],
    ['a server that keeps its name to itself', undefined],
  ])('is not believed when %s answers (ASVS 10.2.2)', async (_, iss) => {
    const answer = { state: await state(), code: 'c', iss };
    await expect(on.flow.finish(person, SCRIPTED_ID, answer)).rejects.toMatchObject({ code: 'wrong-issuer' });
    expect(on.server.heard).toEqual([]);
    expect(on.ats.ledger.count('reserved')).toBe(0);
  });

  it('is believed when it is the one that was asked', async () => {
    const answer = { state: await state(), code: 'c', iss: 'https://sign-in.scripted.example' };
    await expect(on.flow.finish(person, SCRIPTED_ID, answer)).resolves.toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('an ATS of which no issuer is declared', () => {
  let on: Awaited<ReturnType<typeof running>>;
  beforeAll(async () => {
    on = await running({});
    on.server.answer = (response) => json(response, 200, { access_token: 'a', refresh_token: 'r', expires_in: 3600 });
  });
  afterAll(async () => {
    await on.ats.stop();
    await on.server.stop();
  });
  beforeEach(() => {
    on.server.heard.length = 0;
  });
  const finish = async (answer: { readonly code?: string; readonly error?: string; readonly iss?: string }) => {
    const { authorizeUrl } = await on.flow.begin(person, SCRIPTED_ID, CALLBACK);
    const state = new URL(authorizeUrl ?? '').searchParams.get('state') ?? '';
    return on.flow.finish(person, SCRIPTED_ID, { state, ...answer });
  };

  it.each(['https://evil.example', 'http://127.0.0.1:1', 'https://127.0.0.1', '', 'null'])(
    'is not believed when "%s" answers in its name (an unasked issuer was ignored, ASVS 10.2.2)',
    async (iss) => {
      await expect(finish({ code: 'c', iss })).rejects.toMatchObject({ code: 'wrong-issuer' });
      expect(on.server.heard).toEqual([]);
      expect(on.ats.ledger.count('reserved')).toBe(0);
    },
  );

  it.each(['', 'access_denied', 'server_error'])(
    'connects nothing when it sends a code and the error "%s" at once (the code was exchanged)',
    async (error) => {
      const code = error === 'access_denied' ? 'access-denied' : 'authorisation-failed';
      await expect(finish({ code: 'c', error })).rejects.toMatchObject({ code });
      expect(on.server.heard).toEqual([]);
    },
  );

  it('is believed when it names the server that was asked', async () => {
    const id = await finish({ code: 'c', iss: `${on.server.url}/` });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('an ATS that is connected by API key', () => {
  const manifest: AtsProvider['manifest'] = {
    ...scripted.manifest,
    auth: {
      kind: 'api-key',
      fields: [
        { name: 'key', label: 'API key', secret: true, help: 'Settings → API.' },
        { name: 'site', label: 'Site', secret: false, help: 'The part before .scripted.example.' },
      ],
    },
  };
  const auth: AtsProvider['auth'] = {
    kind: 'api-key',
    authorisation: (fields) => ({ name: 'x-api-key', value: `${fields.site ?? ''}:${fields.key ?? ''}` }),
  };
  let on: Awaited<ReturnType<typeof running>>;
  beforeAll(async () => {
    on = await running({
      manifest,
      auth,
      preflight: async ({ http }) => {
        await http.request({ path: '/me' });
        return { accountId: null, accountName: 'Acme', authorisedBy: 'the key', blockers: [], warnings: [] };
      },
    });
  });
  afterAll(async () => {
    await on.ats.stop();
    await on.server.stop();
  });
  beforeEach(() => {
    on.server.heard.length = 0;
    on.server.answer = (response, { headers }) =>
      json(response, headers['x-api-key'] === 'acme:canary-key' ? 200 : 401, {});
  });
  const fields = { key: 'canary-key', site: 'acme' };

  it('says which fields of the form are missing and which it does not know', async () => {
    const begin = on.flow.begin(person, SCRIPTED_ID, { ...CALLBACK, fields: { site: ' ', keey: 'canary-key' } });
    await expect(begin).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'To connect Scripted, fill in: API key, Site. Scripted does not ask for "keey".',
    });
    expect(on.ats.ledger.keys.size).toBe(0);
  });

  it('gives place and credit back when the key is refused', async () => {
    const begin = on.flow.begin(person, SCRIPTED_ID, { ...CALLBACK, fields: { ...fields, key: 'wrong' } });
    await expect(begin).rejects.toMatchObject({ code: 'auth-revoked', message: expect.not.stringContaining('wrong') });
    expect([on.ats.ledger.count('reserved'), on.ats.ledger.count('committed')]).toEqual([0, 0]);
  });

  it('is active at once when the key opens it, and takes a new key later', async () => {
    const { connectionId, authorizeUrl } = await on.flow.begin(person, SCRIPTED_ID, { ...CALLBACK, fields });
    expect(authorizeUrl).toBeNull();
    const stored = () =>
      on.ats.database.rows<{ status: string; sealed_credentials: string }>(
        `select status, sealed_credentials from ats.connections where id = $1`,
        [connectionId],
      );
    const [first] = await stored();
    expect(first?.status).toBe('active');
    expect(first?.sealed_credentials).not.toContain('canary');
    expect(on.ats.ledger.count('committed')).toBe(1);
    await expect(on.flow.beginAgain(person, connectionId, { ...CALLBACK, fields })).resolves.toEqual({
      connectionId,
      authorizeUrl: null,
    });
    expect((await stored())[0]?.sealed_credentials).not.toBe(first?.sealed_credentials);
    expect(on.ats.ledger.keys.size - on.ats.ledger.count('released')).toBe(1);
  });
});
