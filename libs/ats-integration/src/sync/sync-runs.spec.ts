import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../contract/fault.js';
import { query } from '../database/query.js';
import { aCandidate, aJob, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import {
  LISTED_APART,
  LISTED_TOGETHER,
  OVERLAP_SECONDS,
  LAG_SECONDS,
  ScriptedAts,
} from '../testing-support/scripted-ats.js';
import { RunClaims, holdRun } from './run-claims.js';
import type { RunKind } from './sync-run-status.js';
import { SyncRuns } from './sync-runs.js';
import { SyncSchedule } from './sync-schedule.js';

describe('SyncRuns', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let connection: string;

  const request = (kind: RunKind): Promise<string> => ats.get(SyncRuns).request(connection, kind, 'person');

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    ats.now = null;
    ats.plan = { plan: 'enterprise', connections: 'unlimited' };
    connection = await ats.connect();
    script.before = () => undefined;
    script.asked.length = 0;
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [
      { records: [aCandidate('c0'), anApplication('a0')] },
      { records: [aCandidate('c1'), anApplication('a1')] },
    ]);
  });

  it('makes one run of ten requests that come at once', async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, () => request('initial')));
    expect(new Set(runs).size).toBe(1);
    const count = await ats.database.value(`select count(*)::int from ats.sync_runs where connection_id = $1`, [
      connection,
    ]);
    expect(count).toBe(1);
  });

  it('runs a run once although it is delivered many times at once', async () => {
    const runId = await request('initial');
    await Promise.all(Array.from({ length: 5 }, () => ats.work(runId)));
    expect((await ats.run(runId)).attempts).toBe(1);
    expect(script.fetches('opportunities')).toEqual(['full:0', 'full:1']);
  });

  it('does not take up a run that is over', async () => {
    const { id } = await ats.sync(connection);
    script.asked.length = 0;
    expect((await ats.work(id)).status).toBe('completed');
    expect(script.asked).toEqual([]);
  });

  it.each(['incremental', 'targeted'] as const)('puts a re-sync in the place of a run that is %s', async (kind) => {
    const smaller = await request(kind);
    const resync = await request('resync');
    expect(resync).not.toBe(smaller);
    expect((await ats.run(smaller)).status).toBe('aborted');
    expect((await ats.work(smaller)).status).toBe('aborted');
    expect(script.asked).toEqual([]);
    expect((await ats.work(resync)).status).toBe('completed');
  });

  it('lets the page that is being committed end when a re-sync takes the place of its run', async () => {
    const run = await ats.get(RunClaims).claim(await request('incremental'));
    if (run === null) throw new Error('The run was not to be had.');
    const asked: Promise<string>[] = [];
    await ats.database.em().transactional(async (em) => {
      await holdRun(em, run);
      asked.push(request('resync'));
      // By now it waits for the page, whose rows refer to the connection that it has locked.
      await sleep(300);
      const columns = `connection_id, kind, row_key, reason, run_id`;
      const row = [connection, 'job', 'j1', 'Unreadable.', run.id];
      await query(em, `insert into ats.quarantined_records (${columns}) values ($1, $2, $3, $4, $5)`, row);
    });
    expect(await asked[0]).not.toBe(run.id);
    expect((await ats.run(run.id)).status).toBe('aborted');
  });

  it.each(['initial', 'resync'] as const)('does not begin a second full run beside one that is %s', async (kind) => {
    const full = await request(kind);
    expect(await request('resync')).toBe(full);
    expect(await request('incremental')).toBe(full);
  });

  it('does not run a connection that is not active, and says what to do', async () => {
    await ats.database.rows(`update ats.connections set status = 'reconnect_required' where id = $1`, [connection]);
    await expect(request('initial')).rejects.toThrow('Reconnect it in Settings → Integrations.');
  });

  it('continues a failed first run at its cursors with its window', async () => {
    script.before = ({ stream, page }) => {
      if (stream === 'opportunities' && page === 1) throw new ProviderFault('invalid-request', 'Refused.');
    };
    const failed = await ats.sync(connection);
    expect(failed).toMatchObject({ status: 'failed', fault_code: 'invalid-request' });
    script.before = () => undefined;
    script.asked.length = 0;
    const next = await ats.sync(connection);
    expect(next.status).toBe('completed');
    expect(script.asked.map(({ stream, page }) => `${stream}:${page}`)).toEqual(['opportunities:1']);
    const windows = await ats.database.rows(
      `select distinct window_until from ats.sync_runs where connection_id = $1`,
      [connection],
    );
    expect(windows).toHaveLength(1);
  });

  it('begins a first run anew when the failed one is older than a day', async () => {
    script.before = ({ stream, page }) => {
      if (stream === 'opportunities' && page === 1) throw new ProviderFault('invalid-request', 'Refused.');
    };
    await ats.sync(connection);
    script.before = () => undefined;
    script.asked.length = 0;
    ats.now = new Date(Date.now() + 25 * 3_600_000);
    await ats.sync(connection);
    expect(script.fetches('opportunities')).toEqual(['full:0', 'full:1']);
  });

  it('asks an incremental run for what changed since the last window ended, and until a moment before now', async () => {
    ats.now = new Date('2026-03-01T12:00:00Z');
    await ats.sync(connection);
    ats.now = new Date('2026-03-01T13:00:00Z');
    await ats.sync(connection, 'incremental');
    const [asked] = script.asked.filter(({ request: { mode } }) => mode === 'changes');
    expect(asked?.request).toEqual({
      mode: 'changes',
      since: new Date(Date.parse('2026-03-01T12:00:00Z') - (LAG_SECONDS + OVERLAP_SECONDS) * 1000),
      until: new Date(Date.parse('2026-03-01T13:00:00Z') - LAG_SECONDS * 1000),
    });
  });

  it('does not move the window on after a run that failed', async () => {
    ats.now = new Date('2026-03-01T12:00:00Z');
    await ats.sync(connection);
    ats.now = new Date('2026-03-01T13:00:00Z');
    script.before = () => {
      throw new ProviderFault('invalid-request', 'Refused.');
    };
    expect((await ats.sync(connection, 'incremental')).status).toBe('failed');
    script.before = () => undefined;
    script.asked.length = 0;
    ats.now = new Date('2026-03-01T14:00:00Z');
    await ats.sync(connection, 'incremental');
    expect(script.asked[0]?.request).toMatchObject({
      since: new Date(Date.parse('2026-03-01T12:00:00Z') - (LAG_SECONDS + OVERLAP_SECONDS) * 1000),
    });
  });

  it('reads a list in full that was never complete before', async () => {
    await ats.sync(connection, 'incremental');
    expect(script.asked.some(({ request }) => request.mode === 'changes')).toBe(false);
    expect(script.fetches('opportunities').slice(0, 2)).toEqual(['full:0', 'full:1']);
  });

  it('tells the host when a run starts and how it ends', async () => {
    const { id } = await ats.sync(connection);
    const bodies = await ats.database.rows<{ body: { type: string } }>(
      `select body from ats.outbox_events where connection_id = $1 and body->>'runId' = $2 order by id`,
      [connection, id],
    );
    const types = bodies.map(({ body }) => body.type);
    expect(types[0]).toBe('sync-run.started');
    expect(types.at(-1)).toBe('sync-run.completed');
  });

  it('asks for a new sign-in when the authorisation is gone: status, issue and event, and no more runs', async () => {
    script.before = () => {
      throw new ProviderFault('auth-revoked', 'Ask an administrator to connect again.');
    };
    expect(await ats.sync(connection)).toMatchObject({ status: 'failed', fault_code: 'auth-revoked' });
    const [row] = await ats.database.rows(
      `select status, status_reason, next_run_at from ats.connections where id = $1`,
      [connection],
    );
    expect(row).toEqual({
      status: 'reconnect_required',
      status_reason: 'Ask an administrator to connect again.',
      next_run_at: null,
    });
    const issues = await ats.database.rows(
      `select code, message, resolved_at from ats.issues where connection_id = $1`,
      [connection],
    );
    expect(issues).toEqual([
      { code: 'reconnect-required', message: 'Ask an administrator to connect again.', resolved_at: null },
    ]);
    const events = await ats.database.rows<{ type: string }>(
      `select body->>'type' as type from ats.outbox_events where connection_id = $1 order by id`,
      [connection],
    );
    expect(events.map(({ type }) => type)).toEqual([
      'sync-run.started',
      'sync-run.failed',
      'issue.raised',
      'connection.reconnect-required',
    ]);
    await expect(request('incremental')).rejects.toThrow(expect.objectContaining({ code: 'not-connected' }));
  });

  it('suspends what the plan no longer covers, without asking the ATS anything', async () => {
    ats.plan = { plan: 'starter', connections: 0 };
    expect(await ats.sync(connection)).toMatchObject({ status: 'failed', fault_code: 'over-plan-limit' });
    expect(script.asked).toEqual([]);
    const [row] = await ats.database.rows(`select status, next_run_at from ats.connections where id = $1`, [
      connection,
    ]);
    expect(row).toEqual({ status: 'suspended', next_run_at: null });
  });

  it("covers a workspace's oldest connections and no others", async () => {
    ats.plan = { plan: 'starter', connections: 1 };
    const [{ workspace_id: workspaceId } = { workspace_id: '' }] = await ats.database.rows<{ workspace_id: string }>(
      `select workspace_id from ats.connections where id = $1`,
      [connection],
    );
    const younger = await ats.connect({ workspaceId });
    // The embedded Postgres has a clock of milliseconds.
    await ats.database.rows(`update ats.connections set created_at = created_at + interval '1 second' where id = $1`, [
      younger,
    ]);
    expect((await ats.sync(younger)).fault_code).toBe('over-plan-limit');
    expect((await ats.sync(connection)).status).toBe('completed');
  });

  it('raises one issue for a failure that repeats and resolves it when a run completes', async () => {
    script.before = () => {
      throw new ProviderFault('forbidden-scope', 'Grant the permission.');
    };
    await ats.sync(connection);
    await ats.sync(connection);
    const open = `select count(*)::int from ats.issues where connection_id = $1 and resolved_at is null`;
    expect(await ats.database.value(open, [connection])).toBe(1);
    script.before = () => undefined;
    await ats.sync(connection);
    expect(await ats.database.value(open, [connection])).toBe(0);
  });

  it('gives a run up that fails again and again without a page, and tries the next scheduled one', async () => {
    script.before = () => {
      throw new ProviderFault('unavailable', 'Scripted did not answer.');
    };
    const { id } = await ats.sync(connection);
    for (let attempt = 1; attempt < 6; attempt += 1) await ats.work(id);
    expect(await ats.run(id)).toMatchObject({ status: 'failed', fault_code: 'unavailable' });
    expect(
      await ats.database.value(`select next_run_at is not null from ats.connections where id = $1`, [connection]),
    ).toBe(true);
  });
});

describe('SyncSchedule', () => {
  const script = new ScriptedAts(LISTED_APART);
  let ats: RunningAts;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(() => {
    ats.queue.items.length = 0;
  });

  const queued = (kind: string): string[] =>
    ats.queue.items.filter((item) => item.kind === kind).map((item) => item.id);

  it('queues what is due: a first run before there was one, an incremental one after that', async () => {
    const fresh = await ats.connect();
    const known = await ats.connect();
    const resting = await ats.connect();
    await ats.database.rows(`update ats.connections set next_run_at = now() - interval '1 second' where id = any($1)`, [
      [fresh, known],
    ]);
    await ats.database.rows(`update ats.connections set last_synced_at = now() where id = $1`, [known]);
    await ats.get(SyncSchedule).sweep();
    const runs = await ats.database.rows(
      `select connection_id, kind, trigger from ats.sync_runs where connection_id = any($1)`,
      [[fresh, known, resting]],
    );
    expect(runs).toHaveLength(2);
    expect(runs).toEqual(
      expect.arrayContaining([
        { connection_id: fresh, kind: 'initial', trigger: 'schedule' },
        { connection_id: known, kind: 'incremental', trigger: 'schedule' },
      ]),
    );
  });

  it('finds a run again whose worker died or whose queue forgot it, not one that lives or waits', async () => {
    const states = [
      [`status = 'queued'`, true],
      [`status = 'running', lease_until = now() - interval '1 second'`, true],
      // Its lease ends before the next sweep.
      [`status = 'running', lease_until = now() + interval '2 seconds'`, true],
      [`status = 'running', lease_until = now() + interval '20 seconds'`, false],
      [`status = 'queued', not_before = now() + interval '20 seconds'`, false],
    ] as const;
    const ids: [string, boolean][] = [];
    for (const [state, found] of states) {
      const id = await ats.get(SyncRuns).request(await ats.connect(), 'initial', 'connect');
      await ats.database.rows(`update ats.sync_runs set ${state} where id = $1`, [id]);
      ids.push([id, found]);
    }
    ats.queue.items.length = 0;
    await ats.get(SyncSchedule).sweep();
    for (const [id, found] of ids) expect(queued('sync-run').includes(id)).toBe(found);
  });

  it('one connection that cannot be queued does not hold up the others', async () => {
    const orphan = await ats.connect();
    const due = await ats.connect();
    await ats.database.rows(`update ats.connections set provider = 'gone' where id = $1`, [orphan]);
    await ats.database.rows(`update ats.connections set next_run_at = now() - interval '9 second' where id = $1`, [
      orphan,
    ]);
    await ats.database.rows(`update ats.connections set next_run_at = now() - interval '1 second' where id = $1`, [
      due,
    ]);
    await ats.get(SyncSchedule).sweep();
    const count = await ats.database.value(`select count(*)::int from ats.sync_runs where connection_id = $1`, [due]);
    expect(count).toBe(1);
  });
});
