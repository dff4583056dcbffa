import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalServer, json } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { ScriptedAts } from '../testing-support/scripted-ats.js';
import { KeepAlive } from './keep-alive.js';

/** The scripted ATS lets a refresh token die after a day of disuse: it is renewed every six hours. */
describe('KeepAlive', () => {
  let server: LocalServer;
  let ats: RunningAts;

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: new ScriptedAts().provider, url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    await ats.database.rows(`truncate ats.connections cascade`);
    await ats.database.rows(`truncate ats.outbox_events`);
    server.heard.length = 0;
    server.answer = (response) =>
      json(response, 200, { access_token: 'access-2', refresh_token: 'refresh-2', expires_in: 3600 });
  });

  const sweep = () => ats.get(KeepAlive).sweep();
  const set = (id: string, assignments: string) =>
    ats.database.rows(`update ats.connections set ${assignments} where id = $1`, [id]);
  const renewedAgo = (id: string, hours: number) =>
    set(
      id,
      `refreshed_at = now() - interval '${hours} hours', refresh_expires_at = now() + interval '${24 - hours} hours',
       access_expires_at = now() - interval '${hours - 1} hours'`,
    );
  const aConnection = async (hours: number): Promise<string> => {
    const id = await ats.connect();
    await renewedAgo(id, hours);
    return id;
  };
  const issues = (id: string) =>
    ats.database.rows<{ code: string; message: string; resolved: boolean }>(
      `select code, message, resolved_at is not null as resolved from ats.issues where connection_id = $1`,
      [id],
    );
  const predictions = (id: string) =>
    ats.database.rows<{ expires: string }>(
      `select body ->> 'expiresAt' as expires from ats.outbox_events where connection_id = $1 and body ->> 'type' = 'connection.expiry-predicted'`,
      [id],
    );

  it('renews after a quarter of the life, long before the end', async () => {
    const young = await aConnection(5);
    const due = await aConnection(6.1);
    expect(await sweep()).toBe(1);
    const rows = await ats.database.rows<{ id: string; hours: number }>(
      `select id, round(extract(epoch from refresh_expires_at - now()) / 3600)::int as hours from ats.connections`,
    );
    expect(rows.find(({ id }) => id === due)?.hours).toBe(24);
    expect(rows.find(({ id }) => id === young)?.hours).toBe(19);
  });

  it('does not let connections of one moment come due in one moment', async () => {
    for (let count = 0; count < 20; count += 1) await aConnection(5.7);
    const renewed = await sweep();
    expect(renewed).toBeGreaterThan(0);
    expect(renewed).toBeLessThan(20);
  });

  it('counts from the connect when nothing was renewed yet', async () => {
    const id = await ats.connect();
    await set(id, `created_at = now() - interval '7 hours', refresh_expires_at = now() + interval '17 hours'`);
    expect(await sweep()).toBe(1);
  });

  it('keeps suspended connections alive too, and leaves those alone that have no authorisation', async () => {
    const suspended = await aConnection(7);
    await set(suspended, `status = 'suspended'`);
    const lost = await aConnection(7);
    await set(lost, `status = 'reconnect_required'`);
    const ended = await aConnection(7);
    await set(ended, `status = 'disconnected', sealed_credentials = null`);
    expect(await sweep()).toBe(1);
    expect(server.heard).toHaveLength(1);
  });

  it('is held up by no connection that fails, and lets that one rest', async () => {
    const broken = await aConnection(8);
    await set(broken, `sealed_credentials = 'v1.gone.AAAA'`);
    for (let count = 0; count < 5; count += 1) await aConnection(7);
    let first = true;
    const { answer } = server;
    server.answer = (response, heard, request) => {
      if (!first) return answer(response, heard, request);
      first = false;
      json(response, 503, {});
    };
    expect(await sweep()).toBe(4);
    expect(server.heard).toHaveLength(5);
    expect(await sweep()).toBe(0);
    expect(server.heard).toHaveLength(5);
  });

  it('renews each once although two processes sweep at once', async () => {
    for (let count = 0; count < 10; count += 1) await aConnection(7);
    await Promise.all([sweep(), sweep()]);
    expect(server.heard).toHaveLength(10);
  });

  it('finds a dead authorisation although nobody syncs', async () => {
    const id = await aConnection(7);
    server.answer = (response) => json(response, 400, { error: 'invalid_grant' });
    expect(await sweep()).toBe(0);
    expect(await ats.database.value(`select status from ats.connections where id = $1`, [id])).toBe(
      'reconnect_required',
    );
    expect(await issues(id)).toMatchObject([{ code: 'reconnect-required', resolved: false }]);
  });

  describe('warns before the end', () => {
    it('once, when the last quarter has begun because it cannot be renewed', async () => {
      const id = await aConnection(19);
      server.answer = (response) => json(response, 503, {});
      await sweep();
      await set(id, `refresh_not_before = null`);
      await sweep();
      const raised = await issues(id);
      expect(raised).toMatchObject([{ code: 'authorisation-expiring', resolved: false }]);
      expect(raised[0]?.message).toMatch(/ends on \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
      const told = await predictions(id);
      expect(told).toHaveLength(1);
      const inHours = (new Date(told[0]?.expires ?? '').getTime() - Date.now()) / 3_600_000;
      expect(Math.round(inHours)).toBe(5);
    });

    it('not while there is time', async () => {
      const id = await aConnection(17);
      server.answer = (response) => json(response, 503, {});
      await sweep();
      expect(await issues(id)).toEqual([]);
    });

    it('and takes it back when it was renewed after all; a later one is warned of again', async () => {
      const id = await aConnection(19);
      const { answer } = server;
      server.answer = (response) => json(response, 503, {});
      await sweep();
      server.answer = answer;
      await set(id, `refresh_not_before = null`);
      await sweep();
      expect(await issues(id)).toMatchObject([{ code: 'authorisation-expiring', resolved: true }]);
      await renewedAgo(id, 19);
      server.answer = (response) => json(response, 503, {});
      await sweep();
      expect(await predictions(id)).toHaveLength(2);
    });

    it('of an access token that nothing can renew', async () => {
      const id = await ats.connect({
        credentials: { kind: 'oauth2', accessToken: 'a', refreshToken: null, expiresAt: Date.now() + 86_400_000 },
      });
      await sweep();
      expect(await issues(id)).toEqual([]);
      await set(id, `created_at = now() - interval '9 days'`);
      await sweep();
      expect(await issues(id)).toMatchObject([
        { code: 'authorisation-expiring', message: expect.stringContaining('gave nothing to renew it with') },
      ]);
    });
  });
});
