import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { markReconnectRequired } from '../connections/standstill.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import { aJob as job } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { ConnectFlow } from './connect-flow.js';

const CALLBACK = { callbackPath: 'api/ats/oauth/callback' };
const DAY = new Date('2026-03-01T09:00:00Z');

describe('signing in again', () => {
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
    person = { workspaceId: `again-${(people += 1)}`, userId: 'ann', browser: 'browser-of-ann' };
    ats.plan = { plan: 'starter', connections: 1 };
    ats.ledger.keys.clear();
    script.profile = { ...script.profile, accountId: null, accountName: 'Acme' };
    script.scripts.set('jobs', [
      { records: [job('j1', { title: 'Cook', openedAt: DAY }), job('j2', { title: 'Baker' })] },
    ]);
    server.answer = (response) =>
      json(response, 200, { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 });
  });

  const flow = () => ats.get(ConnectFlow);
  const stateOf = ({ authorizeUrl }: { authorizeUrl: string | null }): string =>
    new URL(authorizeUrl ?? '').searchParams.get('state') ?? '';
  const connect = async (): Promise<string> => {
    const state = stateOf(await flow().begin(person, SCRIPTED_ID, CALLBACK));
    return flow().finish(person, SCRIPTED_ID, { state, code: 'c' });
  };
  const again = async (id: string): Promise<string> => {
    const state = stateOf(await flow().beginAgain(person, id, CALLBACK));
    return flow().finish(person, SCRIPTED_ID, { state, code: 'c' });
  };
  const row = async (id: string) => {
    const [found] = await ats.database.rows<Record<string, unknown>>(`select * from ats.connections where id = $1`, [
      id,
    ]);
    return found;
  };
  const runs = (id: string) =>
    ats.database.rows<{ id: string; kind: string; status: string }>(
      `select id, kind, status from ats.sync_runs where connection_id = $1 order by queued_at, id`,
      [id],
    );
  const sync = async (id: string): Promise<void> => {
    for (const { id: run, status } of await runs(id)) if (status === 'queued') await ats.work(run);
  };
  const expire = (id: string) =>
    ats.database
      .em()
      .transactional((em) =>
        markReconnectRequired(
          em,
          { id, workspaceId: person.workspaceId, provider: SCRIPTED_ID },
          'Sign in again.',
          new Date(),
        ),
      );

  it('keeps the connection with its records, costs nothing and catches up with what changed', async () => {
    const id = await connect();
    await sync(id);
    await expire(id);
    expect(await row(id)).toMatchObject({ status: 'reconnect_required' });
    expect(await again(id)).toBe(id);
    expect(await row(id)).toMatchObject({ status: 'active', grant_dead_at: null, epoch: 1 });
    expect((await runs(id)).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'initial completed',
      'incremental queued',
    ]);
    expect([...ats.ledger.keys.values()]).toEqual(['committed']);
    expect(await ats.ids(id, 'jobs')).toEqual(['j1', 'j2']);
    const open = await ats.database.rows(
      `select code from ats.issues where connection_id = $1 and resolved_at is null`,
      [id],
    );
    expect(open).toEqual([]);
  });

  it('goes on with an initial sync that the loss of the authorisation cut off', async () => {
    const id = await connect();
    const [first] = await runs(id);
    await ats.database.rows(`update ats.sync_runs set status = 'aborted', finished_at = now() where id = $1`, [
      first?.id,
    ]);
    await expire(id);
    await again(id);
    expect((await runs(id)).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'initial aborted',
      'initial queued',
    ]);
  });

  it('throws away a refresh of the old grant that is still on its way', async () => {
    const id = await connect();
    const before = await row(id);
    await again(id);
    expect(Number((await row(id))?.refresh_fence)).toBe(Number(before?.refresh_fence) + 1);
  });

  it('leaves the connection as it was when the person refuses', async () => {
    const id = await connect();
    await expire(id);
    const state = stateOf(await flow().beginAgain(person, id, CALLBACK));
    await expect(flow().finish(person, SCRIPTED_ID, { state, error: 'access_denied' })).rejects.toMatchObject({
      code: 'access-denied',
    });
    expect(await row(id)).toMatchObject({ status: 'reconnect_required' });
    expect([...ats.ledger.keys.values()]).toEqual(['committed']);
  });

  it('refuses another account by its id, in words that name both', async () => {
    script.profile = { ...script.profile, accountId: 'acme', accountName: 'Acme' };
    const id = await connect();
    await expire(id);
    script.profile = { ...script.profile, accountId: 'globex', accountName: 'Globex' };
    await expect(again(id)).rejects.toThrow('belongs to the account "Acme" of the ATS, not to "Globex"');
    // What was approved by mistake does not stay open at the ATS.
    expect(await ats.database.value(`select count(*)::int from ats.revocations where connection_id = $1`, [id])).toBe(
      1,
    );
    expect(await row(id)).toMatchObject({ status: 'reconnect_required', remote_account_id: 'acme' });
  });

  it('refuses another account of an ATS that does not name its accounts, by the jobs that it shows', async () => {
    const id = await connect();
    await sync(id);
    await expire(id);
    script.scripts.set('jobs', [
      { records: [job('j1', { title: 'Pilot', openedAt: null }), job('k9', { title: 'Nurse' })] },
    ]);
    await expect(again(id)).rejects.toMatchObject({ code: 'different-account' });
  });

  it.each([
    [
      'of another workspace (ASVS 8.4.1)',
      async (id: string) => flow().beginAgain({ ...person, workspaceId: 'other' }, id, CALLBACK),
      'not-found',
    ],
    [
      'that is suspended',
      async (id: string) => {
        await ats.database.rows(`update ats.connections set status = 'suspended' where id = $1`, [id]);
        return flow().beginAgain(person, id, CALLBACK);
      },
      'suspended',
    ],
    [
      'that was disconnected',
      async (id: string) => {
        await ats.database.rows(
          `update ats.connections set status = 'disconnected', sealed_credentials = null where id = $1`,
          [id],
        );
        return flow().beginAgain(person, id, CALLBACK);
      },
      'not-connected',
    ],
  ])('does not begin for a connection %s', async (_, attempt, code) => {
    const id = await connect();
    await expect(attempt(id)).rejects.toMatchObject({ code });
  });

  it('does not bring back a connection that was disconnected while the person signed in', async () => {
    const id = await connect();
    const state = stateOf(await flow().beginAgain(person, id, CALLBACK));
    server.answer = async (response) => {
      await ats.database.rows(
        `update ats.connections set status = 'disconnected', sealed_credentials = null, epoch = epoch + 1 where id = $1`,
        [id],
      );
      json(response, 200, { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 });
    };
    await expect(flow().finish(person, SCRIPTED_ID, { state, code: 'c' })).rejects.toMatchObject({
      code: 'connect-overtaken',
    });
    expect(await row(id)).toMatchObject({ status: 'disconnected', sealed_credentials: null });
    // What was approved meanwhile does not stay open at the ATS: nobody would ever give it back.
    expect(await ats.database.value(`select count(*)::int from ats.revocations where connection_id = $1`, [id])).toBe(
      1,
    );
  });

  describe('connecting an account that was disconnected before', () => {
    const disconnect = async (id: string): Promise<void> => {
      await ats.database.rows(
        `update ats.sync_runs set status = 'aborted', finished_at = now() where connection_id = $1 and status = 'queued'`,
        [id],
      );
      await ats.database.rows(
        `update ats.connections set status = 'disconnected', sealed_credentials = null, epoch = epoch + 1, disconnected_at = now() where id = $1`,
        [id],
      );
    };

    it.each([
      ['named by the ATS', 'acme'],
      ['told by its jobs', null],
    ])('finds its records again, %s', async (_, accountId) => {
      script.profile = { ...script.profile, accountId };
      const id = await connect();
      await sync(id);
      const [known] = await ats.database.rows(`select id from ats.jobs where connection_id = $1 and remote_id = 'j1'`, [
        id,
      ]);
      await disconnect(id);
      expect(await connect()).toBe(id);
      expect(await row(id)).toMatchObject({ status: 'active', epoch: 3, disconnected_at: null });
      await sync(id);
      expect((await runs(id)).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
        'initial completed',
        'resync completed',
      ]);
      expect(
        await ats.database.rows(`select id from ats.jobs where connection_id = $1 and remote_id = 'j1'`, [id]),
      ).toEqual([known]);
      const connections = await ats.database.value(
        `select count(*)::int from ats.connections where workspace_id = $1`,
        [person.workspaceId],
      );
      expect(connections).toBe(1);
      expect([...ats.ledger.keys.values()]).toEqual(['committed', 'committed']);
    });

    it('begins anew for an account that shows other jobs', async () => {
      const id = await connect();
      await sync(id);
      await disconnect(id);
      script.scripts.set('jobs', [{ records: [job('k9', { title: 'Nurse' })] }]);
      expect(await connect()).not.toBe(id);
      expect(await row(id)).toMatchObject({ status: 'disconnected' });
    });

    it('does not connect an account twice, though the ATS does not name it', async () => {
      ats.plan = { plan: 'enterprise', connections: 'unlimited' };
      const id = await connect();
      await sync(id);
      await expect(connect()).rejects.toMatchObject({ code: 'already-connected' });
      expect([...ats.ledger.keys.values()]).toEqual(['committed', 'released']);
      expect(await row(id)).toMatchObject({ status: 'active' });
      // The server may keep one grant for both: giving this one back could end the connection.
      expect(
        await ats.database.value(`select count(*)::int from ats.revocations where workspace_id = $1`, [
          person.workspaceId,
        ]),
      ).toBe(0);
    });
  });
});
