import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalServer, json } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { ConnectFlow } from './connect-flow.js';
import { Slots } from './slots.js';

const CALLBACK = 'api/ats/oauth/callback';

describe('ConnectFlow', () => {
  const script = new ScriptedAts();
  let server: LocalServer;
  let ats: RunningAts;
  let person: { workspaceId: string; userId: string; browser: string };
  let people = 0;

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: script.provider, url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(() => {
    person = { workspaceId: `workspace-${(people += 1)}`, userId: 'ann', browser: 'browser-of-ann' };
    ats.plan = { plan: 'starter', connections: 1 };
    ats.ledger.credits = 1000;
    ats.ledger.keys.clear();
    ats.now = null;
    server.heard.length = 0;
    script.profile = { ...script.profile, blockers: [] };
    server.answer = (response) =>
      json(response, 200, { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 });
  });

  const flow = (): ConnectFlow => ats.get(ConnectFlow);
  const begin = async (by = person): Promise<{ connectionId: string; state: string; url: URL }> => {
    const { connectionId, authorizeUrl } = await flow().begin(by, SCRIPTED_ID, { callbackPath: CALLBACK });
    const url = new URL(authorizeUrl ?? '');
    return { connectionId, url, state: url.searchParams.get('state') ?? '' };
  };
  const statuses = async (): Promise<string[]> => {
    const rows = await ats.database.rows<{ status: string }>(
      `select status from ats.connections where workspace_id = $1 order by created_at, id`,
      [person.workspaceId],
    );
    return rows.map(({ status }) => status);
  };

  it('leads from the click to an active connection with its first run queued', async () => {
    const { connectionId, state, url } = await begin();
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'elly',
      redirect_uri: `https://app.elly.example/${CALLBACK}/${SCRIPTED_ID}`,
      code_challenge_method: 'S256',
    });
    expect(await flow().finish(person, SCRIPTED_ID, { state, code: 'code-1' })).toBe(connectionId);
    expect(await statuses()).toEqual(['active']);
    expect(ats.ledger.count('committed')).toBe(1);
    const form = new URLSearchParams(server.heard[0]?.body);
    expect(Object.fromEntries(form)).toMatchObject({ grant_type: 'authorization_code', code: 'code-1' });
    expect(form.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    const runs = await ats.database.rows(`select kind, status from ats.sync_runs where connection_id = $1`, [
      connectionId,
    ]);
    expect(runs).toEqual([{ kind: 'initial', status: 'queued' }]);
    expect(ats.queue.items.at(-1)).toMatchObject({ kind: 'sync-run' });
  });

  it('keeps neither tokens nor the state in the clear', async () => {
    const { connectionId, state } = await begin();
    await flow().finish(person, SCRIPTED_ID, { state, code: 'code-1' });
    const text = await ats.database.value<string>(
      `select (select row_to_json(c) from ats.connections c where id = $1)::text || (select json_agg(s) from ats.connect_states s)::text`,
      [connectionId],
    );
    expect(text).not.toMatch(/canary/);
    expect(text).not.toContain(state);
  });

  it('gives place and credit back when a sign-in is never finished', async () => {
    await begin();
    expect(await ats.get(Slots).releaseAbandoned()).toBe(0);
    await ats.pass(16);
    expect(await ats.get(Slots).releaseAbandoned()).toBe(1);
    expect(await statuses()).toEqual(['disconnected']);
    expect(ats.ledger.count('released')).toBe(1);
    expect(await ats.get(Slots).releaseAbandoned()).toBe(0);
    expect(
      await ats.database.value(`select count(*)::int from ats.connect_states where workspace_id = $1`, [
        person.workspaceId,
      ]),
    ).toBe(0);
  });

  it("goes by the database's clock: workers may be ten minutes apart (an open sign-in was given up, a dead one finished)", async () => {
    const { state } = await begin();
    ats.now = new Date(Date.now() + 16 * 60_000);
    expect(await ats.get(Slots).releaseAbandoned()).toBe(0);
    expect(await flow().finish(person, SCRIPTED_ID, { state, code: 'c' })).toMatch(/-/);
    ats.plan = { plan: 'enterprise', connections: 'unlimited' };
    ats.now = new Date(Date.now() + 10 * 60_000);
    const ahead = await begin();
    ats.now = null;
    await ats.pass(10);
    await expect(flow().finish(person, SCRIPTED_ID, { state: ahead.state, code: 'c' })).rejects.toMatchObject({
      code: 'connect-state-invalid',
    });
    await ats.pass(6);
    expect(await ats.get(Slots).releaseAbandoned()).toBeGreaterThan(0);
    expect(await statuses()).toEqual(['active', 'disconnected']);
  });

  describe('the state (ASVS 10.1.2, 10.2.1)', () => {
    const invalid = expect.objectContaining({ code: 'connect-state-invalid' });

    it('is new and long every time', async () => {
      const states = [await begin(), await begin()].map(({ state }) => state);
      expect(new Set(states).size).toBe(2);
      for (const state of states) expect(Buffer.from(state, 'base64url')).toHaveLength(32);
    });

    it('works once', async () => {
      const { state } = await begin();
      await flow().finish(person, SCRIPTED_ID, { state, code: 'c' });
      await expect(flow().finish(person, SCRIPTED_ID, { state, code: 'c' })).rejects.toThrow(invalid);
      expect(await statuses()).toEqual(['active']);
    });

    it('works once even when ten callbacks bring it at once', async () => {
      const { state } = await begin();
      const finished = await Promise.allSettled(
        Array.from({ length: 10 }, () => flow().finish(person, SCRIPTED_ID, { state, code: 'c' })),
      );
      expect(finished.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(server.heard).toHaveLength(1);
    });

    it('does not work after ten minutes', async () => {
      const { state } = await begin();
      await ats.pass(10);
      await expect(flow().finish(person, SCRIPTED_ID, { state, code: 'c' })).rejects.toThrow(invalid);
    });

    it.each([
      ['another user', (): object => ({ userId: 'bob' })],
      ['another browser of the same user (ASVS 10.2.1)', (): object => ({ browser: 'another-browser' })],
      ['a browser without the cookie', (): object => ({ browser: '' })],
      ['another workspace (ASVS 8.4.1)', (): object => ({ workspaceId: 'globex' })],
    ])('does not work for %s', async (_, changes) => {
      const { state } = await begin();
      const other = { ...person, ...changes() };
      await expect(flow().finish(other, SCRIPTED_ID, { state, code: 'c' })).rejects.toThrow(invalid);
      expect(await statuses()).toEqual(['authorizing']);
    });

    it('does not work for another ATS (ASVS 10.2.2)', async () => {
      const { state } = await begin();
      await ats.database.rows(`update ats.connect_states set provider = 'other'`);
      await expect(flow().finish(person, SCRIPTED_ID, { state, code: 'c' })).rejects.toThrow(invalid);
    });

    it('cannot be made up', async () => {
      await expect(flow().finish(person, SCRIPTED_ID, { state: 'x'.repeat(43), code: 'c' })).rejects.toThrow(invalid);
    });
  });

  describe('what comes to nothing gives place and credit back', () => {
    const nothingTaken = async (): Promise<void> => {
      expect(await statuses()).toEqual(['disconnected']);
      expect([ats.ledger.credits, ats.ledger.count('reserved'), ats.ledger.count('committed')]).toEqual([1000, 0, 0]);
      await begin();
    };

    it('when the person refuses', async () => {
      const { state } = await begin();
      await expect(flow().finish(person, SCRIPTED_ID, { state, error: 'access_denied' })).rejects.toThrow(
        'nothing was connected and no credit was used',
      );
      expect(server.heard).toEqual([]);
      await nothingTaken();
    });

    it.each([
      ['refuses the code', 400, { error: 'invalid_grant' }, 'auth-revoked'],
      ["refuses the deployment's secret", 401, { error: 'invalid_client' }, 'invalid-request'],
      ['is ill', 503, {}, 'unavailable'],
      ['answers without a token', 200, {}, 'unexpected-shape'],
    ])('when the sign-in server %s', async (_, status, body, code) => {
      server.answer = (response) => json(response, status, body);
      const { state } = await begin();
      const finish = flow().finish(person, SCRIPTED_ID, { state, code: 'c' });
      await expect(finish).rejects.toMatchObject({ code, message: expect.not.stringContaining('canary') });
      await nothingTaken();
    });

    it('when the pre-flight finds what stops it, in the words for an admin', async () => {
      script.profile = { ...script.profile, blockers: ['Sign in as a Site Admin.', 'Grant the scope jobs.'] };
      const { state } = await begin();
      await expect(flow().finish(person, SCRIPTED_ID, { state, code: 'c' })).rejects.toThrow(
        'Sign in as a Site Admin. Grant the scope jobs.',
      );
      await nothingTaken();
    });

    it('when the key that sealed its verifier has left the ring (both were held until the sweep)', async () => {
      const { state, connectionId } = await begin();
      await ats.database.rows(
        `update ats.connect_states set sealed_verifier = replace(sealed_verifier, 'v1.k1.', 'v1.gone.') where connection_id = $1`,
        [connectionId],
      );
      await expect(flow().finish(person, SCRIPTED_ID, { state, code: 'c' })).rejects.toMatchObject({
        code: 'cannot-open',
      });
      expect(server.heard).toEqual([]);
      await nothingTaken();
    });

    it('when there is no credit', async () => {
      ats.ledger.credits = 0;
      await expect(begin()).rejects.toMatchObject({ code: 'no-credit', message: 'No credits are left.' });
      expect(await statuses()).toEqual(['disconnected']);
    });
  });

  it.each([
    ['free', 0, 'Upgrade the plan to connect an ATS.'],
    ['starter', 1, 'upgrade to Enterprise'],
  ])('refuses what the plan %s does not allow, and says what to do', async (plan, connections, advice) => {
    ats.plan = { plan, connections };
    if (connections > 0) await ats.connect({ workspaceId: person.workspaceId });
    await expect(begin()).rejects.toThrow(advice);
    expect(ats.ledger.keys.size).toBe(0);
  });

  it('does not know an ATS that is not registered', async () => {
    await expect(flow().begin(person, 'workday', { callbackPath: CALLBACK })).rejects.toMatchObject({
      code: 'unknown-provider',
    });
  });

  it('never has more than one place under twenty clicks at once, nor a credit too many in the end', async () => {
    const clicks = await Promise.allSettled(Array.from({ length: 20 }, () => begin()));
    const states = clicks.flatMap((click) => (click.status === 'fulfilled' ? [click.value.state] : []));
    for (const click of clicks) {
      if (click.status === 'rejected') expect(click.reason).toMatchObject({ code: 'connect-overtaken' });
    }
    expect((await statuses()).filter((status) => status === 'authorizing')).toHaveLength(1);
    expect(ats.ledger.count('reserved')).toBe(1);

    await Promise.allSettled(states.map((state) => flow().finish(person, SCRIPTED_ID, { state, code: 'c' })));
    expect((await statuses()).filter((status) => status === 'active')).toHaveLength(1);
    expect([ats.ledger.count('reserved'), ats.ledger.count('committed'), ats.ledger.credits]).toEqual([0, 1, 999]);
  });

  it('does not keep the credit of a connect whose place was taken before it had reserved', async () => {
    const reserve = ats.ledger.reserve.bind(ats.ledger);
    let first = true;
    ats.ledger.reserve = async (key, charge) => {
      if (first) {
        first = false;
        await begin();
      }
      return reserve(key, charge);
    };
    await expect(begin()).rejects.toMatchObject({ code: 'connect-overtaken' });
    ats.ledger.reserve = reserve;
    expect([ats.ledger.count('reserved'), ats.ledger.credits]).toEqual([1, 999]);
  });
});
