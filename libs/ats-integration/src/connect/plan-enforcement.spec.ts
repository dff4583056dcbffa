import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONNECTION_STATUSES } from '../connections/connection-status.js';
import { markReconnectRequired } from '../connections/standstill.js';
import type { PlanLimit } from '../plan/plan-limits.port.js';
import { PlanUsage } from '../plan/plan-usage.js';
import { aCandidate, aJob, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { ResumeProcessor } from '../sync/resume-processor.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { SyncSchedule } from '../sync/sync-schedule.js';
import { ConnectFlow } from './connect-flow.js';
import { Disconnect } from './disconnect.js';
import { Slots } from './slots.js';
import { PlanEnforcement } from './plan-enforcement.js';
import { PlanSweep } from './plan-sweep.js';

const FREE: PlanLimit = { plan: 'Free', connections: 0 };
const STARTER: PlanLimit = { plan: 'Starter', connections: 1 };
const PAIR: PlanLimit = { plan: 'Pair', connections: 2 };
const ENTERPRISE: PlanLimit = { plan: 'Enterprise', connections: 'unlimited' };

describe('PlanEnforcement', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let workspaceId: string;
  let workspaces = 0;
  /** What the host answers when it is asked which plan a workspace is on. */
  let limitOf: (workspaceId: string) => Promise<PlanLimit>;

  beforeAll(async () => {
    ats = await RunningAts.start({
      provider: script.provider,
      ports: { planLimits: { useValue: { of: (id: string) => limitOf(id) } } },
    });
  });
  afterAll(() => ats.stop());
  beforeEach(() => {
    workspaceId = `workspace-${(workspaces += 1)}`;
    ats.plan = ENTERPRISE;
    limitOf = () => Promise.resolve(ats.plan);
    script.before = () => undefined;
    script.asked.length = 0;
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [
      { records: [aCandidate('c0'), anApplication('a0')] },
      { records: [aCandidate('c1'), anApplication('a1')] },
      { records: [aCandidate('c2'), anApplication('a2')] },
    ]);
  });

  const connect = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let made = 0; made < count; made += 1) {
      const id = await ats.connect({ workspaceId });
      // The embedded Postgres has a clock of milliseconds, and two connections may be made in one.
      await ats.database.rows(
        `update ats.connections set created_at = created_at - make_interval(secs => $2) where id = $1`,
        [id, count - made],
      );
      ids.push(id);
    }
    return ids;
  };
  const enforce = (limit = ats.plan) => {
    ats.plan = limit;
    return ats.get(PlanEnforcement).enforce(workspaceId);
  };
  const statuses = async (): Promise<string[]> => {
    const rows = await ats.database.rows<{ status: string }>(
      `select status from ats.connections where workspace_id = $1 order by created_at, id`,
      [workspaceId],
    );
    return rows.map(({ status }) => status);
  };
  const events = async (connection: string): Promise<string[]> => {
    const rows = await ats.database.rows<{ type: string }>(
      `select body ->> 'type' as type from ats.outbox_events where connection_id = $1 order by id`,
      [connection],
    );
    return rows.map(({ type }) => type);
  };
  const openIssues = async (connection: string): Promise<Record<string, string>> => {
    const rows = await ats.database.rows<{ code: string; message: string }>(
      `select code, message from ats.issues where connection_id = $1 and resolved_at is null`,
      [connection],
    );
    return Object.fromEntries(rows.map(({ code, message }) => [code, message]));
  };
  const loseGrant = (id: string): Promise<boolean> =>
    markReconnectRequired(ats.database.em(), { id, workspaceId, provider: SCRIPTED_ID }, 'Sign in again.', new Date());

  it.each([
    ['free', FREE, ['suspended', 'suspended', 'suspended']],
    ['starter', STARTER, ['active', 'suspended', 'suspended']],
    ['one of two connections', PAIR, ['active', 'active', 'suspended']],
    ['one of exactly as many connections', { plan: 'Trio', connections: 3 }, ['active', 'active', 'active']],
    ['an unlimited one', ENTERPRISE, ['active', 'active', 'active']],
  ])('keeps the oldest connections when the plan becomes %s', async (_, limit, expected) => {
    await connect(3);
    const changed = await enforce(limit);
    expect(await statuses()).toEqual(expected);
    expect(changed.suspended).toHaveLength(expected.filter((status) => status === 'suspended').length);
    expect(await enforce()).toEqual({ suspended: [], resumed: [] });
  });

  it('tells the admin and the host of a suspension once, by the name of the plan', async () => {
    const [, newest = ''] = await connect(2);
    await enforce(STARTER);
    await enforce();
    expect(await openIssues(newest)).toEqual({
      suspended:
        'The plan "Starter" allows 1 ATS connection(s), which older ones use, so this one is suspended: nothing is synced, what was imported stays. Upgrade to Enterprise to connect several ATSs. Or disconnect an older one.',
    });
    expect(await events(newest)).toEqual(['connection.suspended', 'issue.raised']);
    const [row] = await ats.database.rows(
      `select next_run_at, suspended_at is not null as since from ats.connections where id = $1`,
      [newest],
    );
    expect(row).toEqual({ next_run_at: null, since: true });
    await enforce({ ...FREE, upgradeTo: 'Starter' });
    expect((await openIssues(newest))['suspended']).toMatch(/"Free" allows no ATS connection.*Upgrade to Starter/);
    expect(await events(newest)).toEqual(['connection.suspended', 'issue.raised']);
  });

  it('lets the oldest go on that fit after an upgrade, and catch up at once', async () => {
    const [first = '', second = '', third = ''] = await connect(3);
    await ats.database.rows(`update ats.connections set last_synced_at = now() where workspace_id = $1`, [workspaceId]);
    await enforce(FREE);
    expect((await enforce(PAIR)).resumed).toEqual([first, second]);
    expect(await statuses()).toEqual(['active', 'active', 'suspended']);
    expect(await openIssues(first)).toEqual({});
    expect((await events(first)).at(-1)).toBe('connection.resumed');
    await ats.get(SyncSchedule).sweep();
    const runs = await ats.database.rows(
      `select connection_id, kind from ats.sync_runs where connection_id = any($1) and status = 'queued'`,
      [[first, second, third]],
    );
    expect(runs).toHaveLength(2);
    expect(runs).toEqual(expect.arrayContaining([{ connection_id: second, kind: 'incremental' }]));
    expect((await enforce(ENTERPRISE)).resumed).toEqual([third]);
  });

  it('lets the oldest that is suspended go on when another one is disconnected', async () => {
    const [first = '', second = ''] = await connect(3);
    await enforce(STARTER);
    await ats.database.rows(
      `update ats.connections set status = 'disconnected', sealed_credentials = null where id = $1`,
      [first],
    );
    expect(await enforce()).toEqual({ suspended: [], resumed: [second] });
    expect(await statuses()).toEqual(['disconnected', 'active', 'suspended']);
  });

  it('counts a connection that waits for a sign-in, and lets it wait for one again afterwards', async () => {
    const [first = '', second = ''] = await connect(2);
    await loseGrant(first);
    await enforce(STARTER);
    expect(await statuses()).toEqual(['reconnect_required', 'suspended']);
    await enforce(FREE);
    expect(await statuses()).toEqual(['suspended', 'suspended']);
    await enforce(ENTERPRISE);
    expect(await statuses()).toEqual(['reconnect_required', 'active']);
    expect(await openIssues(first)).toEqual({ 'reconnect-required': 'Sign in again.' });
    expect((await events(first)).slice(-2)).toEqual(['connection.resumed', 'connection.reconnect-required']);
    expect(await ats.database.value(`select next_run_at is null from ats.connections where id = $1`, [first])).toBe(
      true,
    );
    expect(await events(second)).toEqual(['connection.suspended', 'issue.raised', 'connection.resumed']);
  });

  it('asks for a sign-in when the authorisation died during the suspension', async () => {
    const [first = ''] = await connect(1);
    await enforce(FREE);
    await ats.database.rows(`update ats.connections set grant_dead_at = now() where id = $1`, [first]);
    await enforce(STARTER);
    expect(await statuses()).toEqual(['reconnect_required']);
    expect((await openIssues(first))['reconnect-required']).toMatch(/ended while this connection was suspended/);
  });

  it('does not make an error of a disconnect that is done when the host cannot say what the plan is', async () => {
    const [first = '', second = ''] = await connect(2);
    await enforce(STARTER);
    limitOf = () => Promise.reject(new Error('The billing is away.'));
    await ats.get(Disconnect).disconnect(workspaceId, first, 'ann');
    expect(await statuses()).toEqual(['disconnected', 'suspended']);
    limitOf = () => Promise.resolve(ats.plan);
    await ats.get(PlanSweep).sweep();
    expect(await statuses()).toEqual(['disconnected', 'active']);
    expect(await events(second)).toContain('connection.resumed');
  });

  it('leaves the place to a sign-in that is under way', async () => {
    const [first = '', second = ''] = await connect(2);
    await enforce(STARTER);
    await ats.database.rows(
      `update ats.connections set status = 'disconnected', sealed_credentials = null where id = $1`,
      [first],
    );
    const ann = { workspaceId, userId: 'ann', browser: 'b'.repeat(43) };
    await ats.get(ConnectFlow).begin(ann, SCRIPTED_ID, { callbackPath: 'api/ats/oauth/callback' });
    expect((await enforce()).resumed).toEqual([]);
    await ats.pass(16);
    await ats.get(Slots).releaseAbandoned();
    expect((await enforce()).resumed).toEqual([second]);
  });

  it('changes everything once although twenty ask at the same moment (ASVS 15.4.2)', async () => {
    const ids = await connect(4);
    ats.plan = STARTER;
    const all = await Promise.all(Array.from({ length: 20 }, () => enforce()));
    expect(all.flatMap(({ suspended }) => suspended).sort()).toEqual(ids.slice(1).sort());
    ats.plan = ENTERPRISE;
    const back = await Promise.all(Array.from({ length: 20 }, () => enforce()));
    expect(back.flatMap(({ resumed }) => resumed).sort()).toEqual(ids.slice(1).sort());
    for (const id of ids.slice(1))
      expect(await events(id)).toEqual(['connection.suspended', 'issue.raised', 'connection.resumed']);
  });

  it('ends by the newest plan although an older answer is applied last (ASVS 15.4.2)', async () => {
    await connect(2);
    ats.plan = STARTER;
    let first = true;
    limitOf = async () => {
      if (!first) return ats.plan;
      first = false;
      const old = ats.plan;
      // While this answer is on its way the workspace upgrades, and that is enforced to its end.
      ats.plan = ENTERPRISE;
      await ats.get(PlanEnforcement).enforce(workspaceId);
      return old;
    };
    expect(await ats.get(PlanEnforcement).enforce(workspaceId)).toEqual({ suspended: [], resumed: [] });
    expect(await statuses()).toEqual(['active', 'active']);
  });

  it('stops a sync that is running within a page, and goes on at its cursor when the plan allows', async () => {
    const [first = ''] = await connect(1);
    script.before = async ({ stream, page }) => {
      if (stream === 'opportunities' && page === 2) await enforce(FREE);
    };
    const run = await ats.sync(first);
    expect(run.status).toBe('aborted');
    expect(await ats.ids(first, 'candidates')).not.toContain('c2');
    expect(await ats.ids(first, 'candidates')).toContain('c0');
    expect((await ats.work(run.id)).status).toBe('aborted');

    script.before = () => undefined;
    script.asked.length = 0;
    await enforce(STARTER);
    await ats.get(SyncSchedule).sweep();
    const [queued] = await ats.database.rows<{ id: string; kind: string }>(
      `select id, kind from ats.sync_runs where connection_id = $1 and status = 'queued'`,
      [first],
    );
    expect(queued?.kind).toBe('initial');
    expect((await ats.work(queued?.id ?? '')).status).toBe('completed');
    expect(script.fetches('opportunities')).not.toContain('full:0');
    expect(await ats.ids(first, 'candidates')).toEqual(['c0', 'c1', 'c2']);
  });

  it('neither ends a run nor suspends a connection twice when both come at once (ASVS 15.4.2)', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await ats.connect({ workspaceId });
      ats.plan = ENTERPRISE;
      const runId = await ats.get(SyncRuns).request(id, 'initial', 'connect');
      ats.plan = FREE;
      await Promise.all([ats.work(runId), enforce(FREE), ats.work(runId), enforce(FREE)]);
      expect((await events(id)).filter((type) => type === 'connection.suspended')).toHaveLength(1);
      expect(['aborted', 'failed']).toContain((await ats.run(runId)).status);
    }
  });

  it('refuses to sync what is suspended, naming the plan and the way out', async () => {
    const [first = ''] = await connect(1);
    await enforce(FREE);
    for (const kind of ['resync', 'incremental'] as const) {
      await expect(ats.get(SyncRuns).request(first, kind, 'person')).rejects.toMatchObject({
        code: 'suspended',
        message: expect.stringMatching(/"Free".*Upgrade the plan/),
      });
    }
  });

  it('does not fetch résumés for a connection that the plan does not cover', async () => {
    const [first = ''] = await connect(1);
    let opened = 0;
    script.resumes = {
      ofApplication: () => {
        opened += 1;
        return Promise.resolve(null);
      },
      locate: () => Promise.resolve(null),
    };
    await ats.sync(first);
    ats.plan = FREE;
    await ats.get(ResumeProcessor).process(first);
    expect(opened).toBe(0);
    expect(
      await ats.database.value(`select resumes_lease_until > now() from ats.connections where id = $1`, [first]),
    ).toBe(true);
    ats.plan = STARTER;
    await ats.database.rows(`update ats.connections set resumes_lease_until = null where id = $1`, [first]);
    await ats.get(ResumeProcessor).process(first);
    expect(opened).toBe(3);
    script.resumes = undefined;
  });

  it('says how much of the plan is used: not by what is suspended, and apart by a sign-in that is under way', async () => {
    await connect(2);
    const use = (limit: PlanLimit) => {
      ats.plan = limit;
      return ats.get(PlanUsage).of(workspaceId);
    };
    const expected = { inUse: 2, signingIn: 0, connectCredits: 1 };
    expect(await use(ENTERPRISE)).toEqual({ ...expected, plan: 'Enterprise', limit: 'unlimited', canConnect: true });
    expect(await use(PAIR)).toEqual({ ...expected, plan: 'Pair', limit: 2, canConnect: false });
    await enforce(STARTER);
    expect(await use(STARTER)).toEqual({ ...expected, plan: 'Starter', limit: 1, inUse: 1, canConnect: false });
    ats.plan = PAIR;
    const ann = { workspaceId, userId: 'ann', browser: 'b'.repeat(43) };
    await ats.get(ConnectFlow).begin(ann, SCRIPTED_ID, { callbackPath: 'api/ats/oauth/callback' });
    const open = { ...expected, inUse: 1, signingIn: 1 };
    expect(await use(PAIR)).toEqual({ ...open, plan: 'Pair', limit: 2, canConnect: true });
  });

  describe('the sweep', () => {
    it('finds plans of which no host told, in both directions, and goes on behind a workspace that nobody knows', async () => {
      await connect(2);
      const here = workspaceId;
      const gone = 'a-workspace-before-all-others';
      await ats.connect({ workspaceId: gone });
      limitOf = (id) => (id === gone ? Promise.reject(new Error('gone')) : Promise.resolve(ats.plan));
      ats.plan = STARTER;
      await ats.get(PlanSweep).sweep();
      expect(await statuses()).toEqual(['active', 'suspended']);
      ats.plan = ENTERPRISE;
      await ats.get(PlanSweep).sweep();
      workspaceId = here;
      expect(await statuses()).toEqual(['active', 'active']);
    });

    it('asks the host only about workspaces that have connections or sign-ins', async () => {
      const asked: string[] = [];
      limitOf = (id) => {
        asked.push(id);
        return Promise.resolve(ENTERPRISE);
      };
      await connect(1);
      await ats.get(PlanSweep).sweep();
      expect(asked).toContain(workspaceId);
      const expected = await ats.database.value<number>(
        `select count(distinct workspace_id)::int from ats.connections where status = any($1)`,
        [CONNECTION_STATUSES.filter((status) => status !== 'disconnected')],
      );
      expect(asked).toHaveLength(expected);
    });

    it('gives up an open sign-in that the plan has no room for any more (it became active and was suspended at once)', async () => {
      await connect(1);
      const ann = { workspaceId, userId: 'ann', browser: 'b'.repeat(43) };
      const open = await ats.get(ConnectFlow).begin(ann, SCRIPTED_ID, { callbackPath: 'api/ats/oauth/callback' });
      ats.plan = STARTER;
      await ats.get(PlanSweep).sweep();
      expect(await statuses()).toEqual(['active', 'disconnected']);
      expect(ats.ledger.keys.get(`ats-connect:${open.connectionId}:1`)).toBe('released');
    });

    it('resumes nothing in the place of an open sign-in', async () => {
      await connect(2);
      await enforce(STARTER);
      const asked: string[] = [];
      limitOf = (id) => {
        if (id === workspaceId) asked.push(id);
        return Promise.resolve(ats.plan);
      };
      ats.plan = PAIR;
      const ann = { workspaceId, userId: 'ann', browser: 'b'.repeat(43) };
      await ats.get(ConnectFlow).begin(ann, SCRIPTED_ID, { callbackPath: 'api/ats/oauth/callback' });
      asked.length = 0;
      await ats.get(PlanSweep).sweep();
      expect(await statuses()).toEqual(['active', 'suspended', 'authorizing']);
      // Who finds that there is nothing to do does not lock the workspace's places every minute.
      expect(asked).toHaveLength(1);
    });
  });
});
