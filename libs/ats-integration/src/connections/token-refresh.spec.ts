import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalServer, json } from '../testing-support/local-server.js';
import type { Answer } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { systemClock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';
import { sealCredentials } from './credentials.js';
import { ProviderSessions } from './provider-sessions.js';
import type { ProviderSession } from './session-transport.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenRefresh } from './token-refresh.js';

interface Row {
  readonly status: string;
  readonly status_reason: string | null;
  readonly credentials_version: number;
  readonly grant_dead_at: string | null;
  readonly refresh_attempt_at: string | null;
  readonly refresh_failures: number;
  readonly next_run_at: string | null;
  readonly refreshed: boolean;
  readonly idle_hours: number;
}

/** A sign-in server that rotates: a refresh token works once, and using an old one kills the grant. */
describe('TokenRefresh', () => {
  let server: LocalServer;
  let ats: RunningAts;
  let connection: string;
  let refreshToken: string;
  let dead: boolean;
  let rotating: Answer;

  const refresh = (id = connection) => ats.get(TokenRefresh).refresh(id, 1);
  const refused: Answer = (response) => json(response, 400, { error: 'invalid_grant' });
  const tokenRequests = () => server.heard.filter(({ url }) => url === '/token').length;

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: new ScriptedAts().provider, url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    server.heard.length = 0;
    refreshToken = 'refresh-1';
    dead = false;
    rotating = (response, { body }) => {
      if (dead || new URLSearchParams(body).get('refresh_token') !== refreshToken) {
        dead = true;
        return json(response, 400, { error: 'invalid_grant' });
      }
      refreshToken = `refresh-${server.heard.length + 1}`;
      json(response, 200, {
        access_token: `access-${server.heard.length + 1}`,
        refresh_token: refreshToken,
        expires_in: 3600,
      });
    };
    server.answer = rotating;
    connection = await ats.connect({
      credentials: { kind: 'oauth2', accessToken: 'access-1', refreshToken: 'refresh-1', expiresAt: 0 },
    });
  });

  /** As in another process: nothing in memory is shared. */
  const another = (): TokenRefresh =>
    new TokenRefresh(
      ats.database.em(),
      ats.get(ProviderRegistry),
      ats.get(TokenEndpoint),
      ats.get(SealedBox),
      systemClock,
    );

  async function row(id = connection): Promise<Row> {
    const [found] = await ats.database.rows<Row>(
      `select status, status_reason, credentials_version, grant_dead_at, refresh_attempt_at, refresh_failures, next_run_at,
         refreshed_at > now() - interval '1 minute' as refreshed,
         round(extract(epoch from refresh_expires_at - now()) / 3600)::int as idle_hours
       from ats.connections where id = $1`,
      [id],
    );
    if (found === undefined) throw new Error('no such connection');
    return found;
  }
  const set = (assignments: string, id = connection) =>
    ats.database.rows(`update ats.connections set ${assignments} where id = $1`, [id]);
  const events = async (id = connection): Promise<string[]> => {
    const rows = await ats.database.rows<{ type: string }>(
      `select body ->> 'type' as type from ats.outbox_events where connection_id = $1 order by id`,
      [id],
    );
    return rows.map(({ type }) => type);
  };
  const issues = (id = connection) =>
    ats.database.rows<{ code: string; message: string }>(
      `select code, message from ats.issues where connection_id = $1 and resolved_at is null order by code`,
      [id],
    );

  async function storeAsSibling(accessToken: string): Promise<void> {
    const [found] = await ats.database.rows<{ workspace_id: string }>(
      `select workspace_id from ats.connections where id = $1`,
      [connection],
    );
    const owner = { id: connection, workspaceId: found?.workspace_id ?? '' };
    const sealed = sealCredentials(ats.get(SealedBox), owner, {
      kind: 'oauth2',
      accessToken,
      refreshToken,
      expiresAt: Date.now() + 60_000,
    });
    await ats.database.rows(
      `update ats.connections set sealed_credentials = $2, credentials_version = credentials_version + 1 where id = $1`,
      [connection, sealed],
    );
  }

  it('asks once for fifty who need it at once', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => refresh()));
    expect(server.heard).toHaveLength(1);
    expect(new Set(all.map(({ credentials }) => JSON.stringify(credentials))).size).toBe(1);
    expect(all[0]).toMatchObject({ version: 2, credentials: { accessToken: 'access-2' } });
  });

  it('asks once for five processes, and the grant survives', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => another().refresh(connection, 1)));
    expect(server.heard).toHaveLength(1);
    expect(dead).toBe(false);
    for (const { version, credentials } of all) {
      expect({ version, credentials }).toMatchObject({ version: 2, credentials: { accessToken: 'access-2' } });
    }
  });

  it('writes down when it renewed, until when that lasts, and that nothing is left to retry', async () => {
    await set(`refresh_failures = 3`);
    await refresh();
    expect(await row()).toMatchObject({
      credentials_version: 2,
      refreshed: true,
      idle_hours: 24,
      refresh_failures: 0,
      refresh_attempt_at: null,
    });
  });

  it('asks nobody when a sibling has refreshed already', async () => {
    await storeAsSibling('access-of-sibling');
    const { version, credentials } = await refresh();
    expect([version, credentials]).toMatchObject([2, { accessToken: 'access-of-sibling' }]);
    expect(server.heard).toEqual([]);
  });

  it('says to connect again when there is nothing to renew with', async () => {
    const id = await ats.connect({
      credentials: { kind: 'oauth2', accessToken: 'access-1', refreshToken: null, expiresAt: 0 },
    });
    await expect(refresh(id)).rejects.toThrow('it cannot be renewed. Sign in to Scripted again');
    expect(server.heard).toEqual([]);
    expect((await row(id)).status).toBe('reconnect_required');
  });

  it('stores renewed tokens although the database was away for a moment, since nobody else has them', async () => {
    server.answer = async (response, heard, request) => {
      await ats.database.rows(`alter table ats.connections rename column refresh_not_before to away`);
      setTimeout(
        () => void ats.database.rows(`alter table ats.connections rename column away to refresh_not_before`),
        300,
      );
      await rotating(response, heard, request);
    };
    expect(await refresh()).toMatchObject({ version: 2, credentials: { accessToken: 'access-2' } });
    expect(tokenRequests()).toBe(1);
  });

  describe('when the ATS says that the grant is dead', () => {
    beforeEach(() => {
      server.answer = refused;
    });

    it('asks for a new sign-in at once: status, reason, issue and event in one transaction', async () => {
      await set(`next_run_at = now()`);
      await expect(refresh()).rejects.toMatchObject({ code: 'auth-revoked' });
      const after = await row();
      expect(after).toMatchObject({ status: 'reconnect_required', next_run_at: null });
      expect(after.grant_dead_at).not.toBeNull();
      expect(after.status_reason).toContain('Sign in to Scripted again');
      expect(await events()).toEqual(['issue.raised', 'connection.reconnect-required']);
      expect(await issues()).toEqual([{ code: 'reconnect-required', message: after.status_reason }]);
    });

    it('does not ask the ATS again, whoever comes next', async () => {
      await expect(refresh()).rejects.toMatchObject({ code: 'auth-revoked' });
      for (let count = 0; count < 10; count += 1) {
        await expect(another().refresh(connection, 1)).rejects.toMatchObject({ code: 'auth-revoked' });
      }
      expect(tokenRequests()).toBe(1);
    });

    it('tells fifty who wait the same with one request', async () => {
      const all = await Promise.allSettled(Array.from({ length: 50 }, () => another().refresh(connection, 1)));
      expect(all.every((each) => each.status === 'rejected')).toBe(true);
      expect(tokenRequests()).toBe(1);
    });

    it('does not believe it when a sibling refreshed meanwhile: the connection stays active', async () => {
      server.answer = async (response) => {
        await storeAsSibling('access-of-sibling');
        json(response, 400, { error: 'invalid_grant' });
      };
      expect((await refresh()).credentials).toMatchObject({ accessToken: 'access-of-sibling' });
      expect(await row()).toMatchObject({ status: 'active', grant_dead_at: null });
      expect(await events()).toEqual([]);
    });

    it('does not believe it when another process holds the lease by now: its answer decides', async () => {
      const { answer } = server;
      let first = true;
      server.answer = async (response, heard, request) => {
        if (!first) return rotating(response, heard, request);
        first = false;
        await set(`refresh_lease_until = now() - interval '1 second'`);
        await another().refresh(connection, 1);
        await answer(response, heard, request);
      };
      expect((await refresh()).version).toBe(2);
      expect((await row()).status).toBe('active');
    });

    it('leaves a suspended connection suspended and remembers that it needs a new sign-in', async () => {
      await set(`status = 'suspended', status_reason = 'plan'`);
      await expect(refresh()).rejects.toMatchObject({ code: 'auth-revoked' });
      const after = await row();
      expect(after).toMatchObject({ status: 'suspended', status_reason: 'plan' });
      expect(after.grant_dead_at).not.toBeNull();
      expect((await issues()).map(({ code }) => code)).toEqual(['reconnect-required']);
      await expect(refresh()).rejects.toMatchObject({ code: 'auth-revoked' });
      expect(tokenRequests()).toBe(1);
    });
  });

  describe('when it cannot be renewed now', () => {
    const unavailable: Answer = (response) => json(response, 503, {});

    it('makes nobody ask again for a while, and says how long', async () => {
      server.answer = unavailable;
      const fault = await refresh().catch((error: unknown) => error);
      expect(fault).toMatchObject({ code: 'unavailable', retryable: true });
      expect((fault as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(3500);
      expect((fault as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(5000);
      const others = await Promise.allSettled(Array.from({ length: 50 }, () => another().refresh(connection, 1)));
      for (const other of others) expect(other).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
      expect(tokenRequests()).toBe(1);
    });

    it('waits three times as long after each failure, up to a quarter of an hour', async () => {
      server.answer = unavailable;
      const waits: number[] = [];
      for (let count = 0; count < 7; count += 1) {
        const fault = (await refresh().catch((error: unknown) => error)) as { retryAfterMs: number };
        waits.push(fault.retryAfterMs / 1000);
        await set(`refresh_not_before = now()`);
      }
      for (const [index, most] of [5, 15, 45, 135, 405, 900, 900].entries()) {
        expect(waits[index]).toBeGreaterThanOrEqual(most * 0.79);
        expect(waits[index]).toBeLessThanOrEqual(most);
      }
    });

    it('goes on by itself when the sign-in server is back', async () => {
      server.answer = unavailable;
      await expect(refresh()).rejects.toMatchObject({ code: 'unavailable' });
      server.answer = rotating;
      await set(`refresh_not_before = now()`);
      expect((await refresh()).version).toBe(2);
    });

    it.each([
      ['invalid_client', 401],
      ['unauthorized_client', 400],
      ['invalid_request', 400],
    ])(
      "keeps the connection when the deployment's client is refused (%s), and tells the operator",
      async (error, status) => {
        server.answer = (response) => json(response, status, { error });
        await expect(refresh()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
        expect(await row()).toMatchObject({ status: 'active', grant_dead_at: null });
        const raised = await issues();
        expect(raised).toMatchObject([
          { code: 'sign-in-client-refused', message: expect.stringContaining('Operator:') },
        ]);
        expect(JSON.stringify(raised)).not.toContain('canary');

        server.answer = rotating;
        await set(`refresh_not_before = now()`);
        await refresh();
        expect(await issues()).toEqual([]);
      },
    );
  });

  describe('when a refresh was cut off between the answer and the store (F14)', () => {
    /** What a process leaves behind that was killed after it had asked. */
    const killedWhileAsking = () =>
      set(
        `refresh_attempt_at = now() - interval '1 minute', refresh_lease_until = now() - interval '15 seconds', refresh_fence = 1`,
      );

    it('asks for a new sign-in and says why, after two token requests in all', async () => {
      server.answer = (response) => {
        void set(`refresh_lease_until = now() - interval '1 second'`).then(() => response.destroy());
      };
      await expect(refresh()).rejects.toMatchObject({ code: 'unavailable' });
      await killedWhileAsking();
      await set(`refresh_not_before = null`);
      server.answer = refused;
      await expect(another().refresh(connection, 1)).rejects.toMatchObject({ code: 'auth-revoked' });
      for (let count = 0; count < 5; count += 1) await expect(refresh()).rejects.toThrow();
      expect(tokenRequests()).toBe(2);
      const { status, status_reason: reason } = await row();
      expect(status).toBe('reconnect_required');
      expect(reason).toContain('was cut off before its answer was stored');
      expect(await events()).toContain('connection.reconnect-required');
    });

    it('goes on when the ATS still takes the old token', async () => {
      await killedWhileAsking();
      expect((await refresh()).version).toBe(2);
      expect(await row()).toMatchObject({ status: 'active', refresh_attempt_at: null });
    });

    it.each<[string, Answer]>([
      ['a connection that breaks', (response) => void response.destroy()],
      ['a proxy that gave up', (response) => json(response, 504, {})],
      ['a server that waited too long for the request (408)', (response) => json(response, 408, {})],
      ['an answer that is no JSON', (response) => void response.writeHead(200).end('<html>')],
    ])('takes %s for one: the tokens may have been renewed', async (_, answer) => {
      server.answer = answer;
      await expect(refresh()).rejects.toMatchObject({ code: 'unavailable' });
      expect((await row()).refresh_attempt_at).not.toBeNull();
      server.answer = refused;
      await set(`refresh_not_before = now()`);
      await expect(refresh()).rejects.toThrow('was cut off');
      expect(tokenRequests()).toBe(2);
    });

    it.each<[string, Answer]>([
      ['a request to wait', (response) => json(response, 429, {})],
      ['a refused client', (response) => json(response, 401, { error: 'invalid_client' })],
    ])('does not take %s for one: nothing was renewed', async (_, answer) => {
      server.answer = answer;
      await expect(refresh()).rejects.toMatchObject({ code: 'unavailable' });
      expect((await row()).refresh_attempt_at).toBeNull();
    });

    it('is asked for again when the server says, an hour later at most', async () => {
      const rests = async (retryAfter: string): Promise<number> => {
        await set(`refresh_not_before = now()`);
        server.answer = (response) => void response.writeHead(429, { 'retry-after': retryAfter }).end('{}');
        await expect(refresh()).rejects.toMatchObject({ code: 'unavailable' });
        return ats.database.value<number>(
          `select round(extract(epoch from refresh_not_before - now()) / 100)::int * 100 from ats.connections where id = $1`,
          [connection],
        );
      };
      expect(await rests('600')).toBe(600);
      expect(await rests('86400')).toBe(3600);
    });

    it.each<[string, Answer]>([
      ['a request to wait', (response) => json(response, 429, {})],
      ['a refused client', (response) => json(response, 401, { error: 'invalid_client' })],
    ])('is not forgotten over %s: the reason for the new sign-in is still the cut-off', async (_, answer) => {
      await killedWhileAsking();
      server.answer = answer;
      await expect(refresh()).rejects.toMatchObject({ code: 'unavailable' });
      server.answer = refused;
      await set(`refresh_not_before = now()`);
      await expect(refresh()).rejects.toThrow('was cut off');
      expect((await row()).status_reason).toContain('was cut off before its answer was stored');
    });
  });

  it('refuses the store of a holder that was paused beyond its lease (F13)', async () => {
    let late: Promise<unknown> | undefined;
    let asked = 0;
    server.answer = async (response, heard, request) => {
      asked += 1;
      if (asked > 1) return rotating(response, heard, request);
      // The lease runs out while the first one waits; the second asks, stores, and only then the first gets its answer.
      await set(`refresh_lease_until = now() - interval '1 second'`);
      late = another().refresh(connection, 1);
      await late;
      json(response, 200, { access_token: 'access-late', refresh_token: 'refresh-late', expires_in: 60 });
    };
    const first = await refresh();
    expect(first).toMatchObject({ version: 2, credentials: { accessToken: 'access-3' } });
    expect((await row()).credentials_version).toBe(2);
  });

  describe('when the connection is disconnected while we ask', () => {
    const disconnecting: Answer = async (response, heard, request) => {
      await set(`epoch = epoch + 1, status = 'disconnected', sealed_credentials = null`);
      await rotating(response, heard, request);
    };

    it('stores nothing, and hands the new tokens over to be given back', async () => {
      server.answer = disconnecting;
      await expect(refresh()).rejects.toMatchObject({ code: 'not-connected' });
      expect(
        await ats.database.value(`select sealed_credentials from ats.connections where id = $1`, [connection]),
      ).toBeNull();
      const left = await ats.database.rows(`select provider from ats.revocations where connection_id = $1`, [
        connection,
      ]);
      expect(left).toEqual([{ provider: SCRIPTED_ID }]);
    });
  });

  describe('for a session', () => {
    const open = async (): Promise<ProviderSession> => {
      const [found] = await ats.database.rows<{ epoch: number }>(`select epoch from ats.connections where id = $1`, [
        connection,
      ]);
      return ats.get(ProviderSessions).open(
        {
          id: connection,
          provider: SCRIPTED_ID,
          epoch: found?.epoch ?? 0,
          remoteAccountId: null,
          scopes: [],
        },
        new AbortController().signal,
      );
    };
    const request = (session: ProviderSession) => session.context.http.request({ path: '/jobs' });
    /** The API takes only the newest token. */
    const api: Answer = (response, heard, raw) => {
      if (heard.url === '/token') return rotating(response, heard, raw);
      const current = `Bearer access-${refreshToken.split('-')[1]}`;
      return heard.headers.authorization === current ? json(response, 200, []) : json(response, 401, {});
    };
    const alive = () => set(`access_expires_at = now() + interval '1 hour'`);

    it('refreshes once for fifty requests that are refused at once, and each goes on (F16)', async () => {
      await alive();
      refreshToken = 'refresh-1';
      let revoked = true;
      server.answer = (response, heard, raw) => {
        if (heard.url === '/token') revoked = false;
        if (heard.headers.authorization === 'Bearer access-1' && revoked) return json(response, 401, {});
        return api(response, heard, raw);
      };
      const sessions = await Promise.all(Array.from({ length: 50 }, () => open()));
      const answers = await Promise.all(sessions.map(request));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
      expect(tokenRequests()).toBe(1);
    });

    it('ends as revoked when the new token is refused as well (F16)', async () => {
      await alive();
      server.answer = (response, heard, raw) =>
        heard.url === '/token' ? rotating(response, heard, raw) : json(response, 401, {});
      await expect(request(await open())).rejects.toMatchObject({ code: 'auth-revoked', status: 401 });
      expect(tokenRequests()).toBe(1);
    });

    it('uses what a sibling renewed without asking, from the next request on', async () => {
      await alive();
      const session = await open();
      server.answer = (response) => json(response, 200, []);
      await request(session);
      await storeAsSibling('access-of-sibling');
      await request(session);
      expect(server.heard.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer access-1',
        'Bearer access-of-sibling',
      ]);
    });

    it('does not renew a token that lives for half a minute before each request', async () => {
      await set(`access_expires_at = now() + interval '30 seconds', refreshed_at = now()`);
      server.answer = api;
      const session = await open();
      for (let count = 0; count < 3; count += 1) await request(session);
      expect(tokenRequests()).toBe(0);
    });

    it('goes on with a token that still lives while the sign-in server is away', async () => {
      await set(`access_expires_at = now() + interval '30 seconds'`);
      server.answer = (response, { url }) => (url === '/token' ? json(response, 503, {}) : json(response, 200, []));
      expect((await request(await open())).status).toBe(200);
    });

    it('lets no request go out after a disconnect (F28)', async () => {
      await alive();
      const session = await open();
      server.answer = (response) => json(response, 200, []);
      await request(session);
      await set(`epoch = epoch + 1`);
      await expect(request(session)).rejects.toMatchObject({ code: 'not-connected' });
      expect(server.heard).toHaveLength(1);
    });
  });
});
