import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TokenRefresh } from '../connections/token-refresh.js';
import type { ProviderContext } from '../contract/context.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import { aJob } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { ConnectFlow } from './connect-flow.js';
import { Disconnect } from './disconnect.js';

const PAGES = 4;

describe('Disconnect', () => {
  let server: LocalServer;
  let ats: RunningAts;
  let workspaceId: string;
  let connection: string;

  const script = new ScriptedAts([], {
    streams: [
      {
        name: 'jobs',
        kinds: ['job'],
        modes: ['full', 'changes'],
        after: [],
        async *pages({ http }: ProviderContext<unknown>) {
          for (let page = 0; page < PAGES; page += 1) {
            await http.request({ path: `/jobs/${page}` });
            const next = page + 1 < PAGES ? { page: page + 1 } : null;
            yield { records: [aJob(`j${page}`)], rejected: [], withheld: [], next };
          }
        },
      },
    ],
  });

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: script.provider, url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    server.heard.length = 0;
    server.answer = (response) => json(response, 200, []);
    ats.ledger.keys.clear();
    ats.ledger.credits = 1000;
    workspaceId = randomUUID();
    connection = await ats.connect({ workspaceId });
  });

  const disconnect = (id = connection) => ats.get(Disconnect).disconnect(workspaceId, id, 'ann');
  interface Row {
    readonly status: string;
    readonly sealed_credentials: string | null;
    readonly epoch: number;
    readonly next_run_at: string | null;
    readonly disconnected_by: string | null;
    readonly disconnected: boolean;
  }
  const row = async (id = connection): Promise<Row> => {
    const [found] = await ats.database.rows<Row>(
      `select status, sealed_credentials, epoch, next_run_at, disconnected_by, disconnected_at is not null as disconnected
       from ats.connections where id = $1`,
      [id],
    );
    if (found === undefined) throw new Error('no such connection');
    return found;
  };
  const set = (assignments: string) =>
    ats.database.rows(`update ats.connections set ${assignments} where id = $1`, [connection]);
  const count = (table: string, id = connection) =>
    ats.database.value<number>(`select count(*)::int from ats.${table} where connection_id = $1`, [id]);
  const ended = { status: 'disconnected', sealed_credentials: null, next_run_at: null, disconnected_by: 'ann' };

  it.each(['active', 'reconnect_required', 'suspended'])('ends a connection that is %s', async (status) => {
    await set(`status = '${status}', next_run_at = now()`);
    await ats.database.rows(
      `insert into ats.issues (id, connection_id, code, subject, message, raised_at) values (gen_random_uuid(), $1, 'x', '', 'x', now())`,
      [connection],
    );
    await disconnect();
    expect(await row()).toMatchObject({ ...ended, epoch: 2, disconnected: true });
    expect(
      await ats.database.value(`select body ->> 'type' from ats.outbox_events where connection_id = $1`, [connection]),
    ).toBe('connection.disconnected');
    expect(
      await ats.database.value(
        `select count(*)::int from ats.issues where connection_id = $1 and resolved_at is null`,
        [connection],
      ),
    ).toBe(0);
    expect(await count('revocations')).toBe(1);
  });

  it('keeps what was imported', async () => {
    await ats.sync(connection);
    await disconnect();
    expect(await ats.ids(connection, 'jobs')).toEqual(['j0', 'j1', 'j2', 'j3']);
    expect(
      await ats.database.value(`select last_synced_at from ats.connections where id = $1`, [connection]),
    ).not.toBeNull();
  });

  it('changes nothing the second time', async () => {
    await disconnect();
    const first = await row();
    await ats.get(Disconnect).disconnect(workspaceId, connection, 'bob');
    expect(await row()).toEqual(first);
    expect([await count('revocations'), await count('outbox_events')]).toEqual([1, 1]);
  });

  it('ends once what ten ask to end at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => disconnect()));
    expect(await row()).toMatchObject({ ...ended, epoch: 2 });
    expect([await count('revocations'), await count('outbox_events')]).toEqual([1, 1]);
  });

  it("does not know another workspace's connection (ASVS 8.2.2, 8.4.1)", async () => {
    const foreign = ats.get(Disconnect).disconnect('globex', connection, 'eve');
    await expect(foreign).rejects.toMatchObject({ code: 'not-found' });
    expect((await row()).status).toBe('active');
  });

  it('works although the key of the credentials is lost', async () => {
    await set(`sealed_credentials = 'v1.lost.AAAA'`);
    await disconnect();
    expect(await row()).toMatchObject(ended);
    expect(await count('revocations')).toBe(0);
  });

  it('gives up a sign-in that is still open: place and credit are free, and its callback finds nothing', async () => {
    const person = { workspaceId, userId: 'ann', browser: 'browser-1' };
    ats.plan = { plan: 'enterprise', connections: 'unlimited' };
    const begun = await ats.get(ConnectFlow).begin(person, SCRIPTED_ID, { callbackPath: 'api/ats/oauth/callback' });
    expect(ats.ledger.count('reserved')).toBe(1);
    await disconnect(begun.connectionId);
    expect(await row(begun.connectionId)).toMatchObject({ status: 'disconnected', disconnected_by: 'ann' });
    expect([ats.ledger.count('released'), ats.ledger.credits]).toEqual([1, 1000]);
    const left = await ats.database.value<number>(
      `select count(*)::int from ats.connect_states where connection_id = $1 and (used_at is null or sealed_verifier is not null)`,
      [begun.connectionId],
    );
    expect(left).toBe(0);
    expect(await count('outbox_events', begun.connectionId)).toBe(0);
  });

  describe('while something is under way (F28)', () => {
    it('stops a run within a page: nothing more is written, no request follows the one in flight', async () => {
      server.answer = async (response, { url }) => {
        if (url === '/v1/jobs/2') await disconnect();
        json(response, 200, []);
      };
      const { status } = await ats.sync(connection);
      expect(status).toBe('aborted');
      expect(server.heard.map(({ url }) => url)).toEqual(['/v1/jobs/0', '/v1/jobs/1', '/v1/jobs/2']);
      expect(await ats.ids(connection, 'jobs')).not.toContain('j2');
      expect(await row()).toMatchObject(ended);
    });

    it('ends a run that waits in the queue', async () => {
      const runId = await ats.get(SyncRuns).request(connection, 'incremental', 'person');
      await disconnect();
      expect((await ats.work(runId)).status).toBe('aborted');
      expect(server.heard).toEqual([]);
    });

    it('never stores the answer of a refresh in flight; its tokens are given back with the others', async () => {
      server.answer = async (response) => {
        await disconnect();
        json(response, 200, { access_token: 'late', refresh_token: 'late', expires_in: 60 });
      };
      await expect(ats.get(TokenRefresh).refresh(connection, 1)).rejects.toMatchObject({ code: 'not-connected' });
      expect(await row()).toMatchObject(ended);
      expect(await count('revocations')).toBe(2);
    });

    it('does not mistake the refusal of a refresh in flight for a reason to reconnect', async () => {
      server.answer = async (response) => {
        await disconnect();
        json(response, 400, { error: 'invalid_grant' });
      };
      await expect(ats.get(TokenRefresh).refresh(connection, 1)).rejects.toMatchObject({ code: 'not-connected' });
      expect(await row()).toMatchObject(ended);
    });

    it('survives runs that begin, commit and end at the same time', async () => {
      for (let round = 0; round < 5; round += 1) {
        const id = await ats.connect({ workspaceId });
        const runId = await ats.get(SyncRuns).request(id, 'incremental', 'person');
        await Promise.all([
          ats.work(runId),
          disconnect(id),
          ats
            .get(SyncRuns)
            .request(id, 'resync', 'person')
            .catch(() => undefined),
        ]);
        expect((await row(id)).status).toBe('disconnected');
        expect(
          await ats.database.value(
            `select count(*)::int from ats.sync_runs where connection_id = $1 and status in ('queued', 'running')`,
            [id],
          ),
        ).toBe(0);
      }
    });
  });
});
