import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProviderContext } from '../contract/context.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import { aJob } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import type { RunRow } from '../testing-support/running-ats.js';
import { ScriptedAts } from '../testing-support/scripted-ats.js';
import { TokenRefresh } from '../connections/token-refresh.js';
import { SyncRuns } from './sync-runs.js';
import { SyncSchedule } from './sync-schedule.js';

const PAGES = 3;

/** What becomes of runs when the authorisation goes while they are queued or running. */
describe('a run whose connection loses its authorisation', () => {
  let server: LocalServer;
  let ats: RunningAts;
  let connection: string;
  /** Called before each page but the first. */
  let between: () => Promise<unknown>;

  const provider = new ScriptedAts([], {
    streams: [
      {
        name: 'jobs',
        kinds: ['job'],
        modes: ['full', 'changes'],
        after: [],
        async *pages({ http }: ProviderContext<unknown>) {
          for (let page = 0; page < PAGES; page += 1) {
            if (page > 0) await between();
            await http.request({ path: `/jobs/${page}` });
            const next = page + 1 < PAGES ? { page: page + 1 } : null;
            yield { records: [aJob(`j${page}`)], rejected: [], withheld: [], next };
          }
        },
      },
    ],
  }).provider;

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider, url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    between = () => Promise.resolve();
    server.heard.length = 0;
    server.answer = (response) => json(response, 200, []);
    connection = await ats.connect();
  });

  const statusOf = () => ats.database.value<string>(`select status from ats.connections where id = $1`, [connection]);
  const nextRunAt = () => ats.database.value(`select next_run_at from ats.connections where id = $1`, [connection]);
  const expire = () =>
    ats.database.rows(`update ats.connections set access_expires_at = now() - interval '1 second' where id = $1`, [
      connection,
    ]);
  const run = (id: string): Promise<RunRow> => ats.run(id);
  const events = async (): Promise<string[]> => {
    const rows = await ats.database.rows<{ type: string }>(
      `select body ->> 'type' as type from ats.outbox_events where connection_id = $1 order by id`,
      [connection],
    );
    return rows.map(({ type }) => type).filter((type) => type !== 'records.changed');
  };
  const grantIsDead = () => {
    server.answer = (response, { url }) =>
      url === '/token' ? json(response, 400, { error: 'invalid_grant' }) : json(response, 200, []);
  };

  it('ends as failed with the reason when its own refresh finds it dead, and says so once', async () => {
    between = expire;
    grantIsDead();
    const ended = await ats.sync(connection);
    expect(ended).toMatchObject({ status: 'failed', fault_code: 'auth-revoked' });
    expect(await statusOf()).toBe('reconnect_required');
    expect(await nextRunAt()).toBeNull();
    expect(await events()).toEqual([
      'sync-run.started',
      'issue.raised',
      'connection.reconnect-required',
      'sync-run.failed',
    ]);
    expect(await ats.ids(connection, 'jobs')).toEqual(['j0']);
  });

  it('ends as failed when the API refuses the renewed token too (F16), and keeps what it has', async () => {
    server.answer = (response, { url }) => {
      if (url === '/token') return json(response, 200, { access_token: 'new', refresh_token: 'r', expires_in: 3600 });
      return url === '/v1/jobs/0' ? json(response, 200, []) : json(response, 401, {});
    };
    expect(await ats.sync(connection)).toMatchObject({ status: 'failed', fault_code: 'auth-revoked' });
    expect(await statusOf()).toBe('reconnect_required');
    expect(server.heard.filter(({ url }) => url === '/token')).toHaveLength(1);
    expect(await ats.ids(connection, 'jobs')).toEqual(['j0']);
  });

  it('renews once in the middle of a page and goes on (F16)', async () => {
    let refusedOnce = false;
    server.answer = (response, { url, headers }) => {
      if (url === '/token') return json(response, 200, { access_token: 'new', refresh_token: 'r', expires_in: 3600 });
      if (url === '/v1/jobs/1' && !refusedOnce) {
        refusedOnce = true;
        return json(response, 401, {});
      }
      json(response, 200, { with: headers.authorization });
    };
    expect((await ats.sync(connection)).status).toBe('completed');
    expect(server.heard.map(({ url }) => url)).toEqual([
      '/v1/jobs/0',
      '/v1/jobs/1',
      '/token',
      '/v1/jobs/1',
      '/v1/jobs/2',
    ]);
  });

  it('does not stay in running when somebody else found the authorisation dead', async () => {
    between = async () => {
      grantIsDead();
      await ats
        .get(TokenRefresh)
        .refresh(connection, 1)
        .catch(() => undefined);
    };
    const { status } = await ats.sync(connection);
    expect(['aborted', 'failed']).toContain(status);
    expect(await statusOf()).toBe('reconnect_required');
  });

  it('does not wait in the queue for a connection that is no longer active', async () => {
    const runId = await ats.get(SyncRuns).request(connection, 'incremental', 'person');
    grantIsDead();
    await ats
      .get(TokenRefresh)
      .refresh(connection, 1)
      .catch(() => undefined);
    expect((await ats.work(runId)).status).toBe('queued');
    await ats.get(SyncSchedule).sweep();
    expect((await run(runId)).status).toBe('aborted');
  });

  it('is not joined by a run of a later epoch, which would wait for it for ever', async () => {
    const stale = await ats.get(SyncRuns).request(connection, 'incremental', 'person');
    await ats.database.rows(`update ats.connections set epoch = epoch + 1 where id = $1`, [connection]);
    const { id, status } = await ats.sync(connection, 'incremental');
    expect([id === stale, status]).toEqual([false, 'completed']);
    expect((await run(stale)).status).toBe('aborted');
  });

  it('is tried again later, and fails nothing, while the sign-in server is away', async () => {
    await expire();
    server.answer = (response, { url }) => (url === '/token' ? json(response, 503, {}) : json(response, 200, []));
    const { status, id } = await ats.sync(connection);
    expect([status, await statusOf()]).toEqual(['queued', 'active']);
    server.answer = (response, { url }) =>
      url === '/token'
        ? json(response, 200, { access_token: 'new', refresh_token: 'r', expires_in: 3600 })
        : json(response, 200, []);
    await ats.database.rows(`update ats.connections set refresh_not_before = null where id = $1`, [connection]);
    expect((await ats.work(id)).status).toBe('completed');
  });
});
