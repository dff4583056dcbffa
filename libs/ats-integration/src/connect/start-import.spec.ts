import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PlanEnforcement } from './plan-enforcement.js';
import { Disconnect } from './disconnect.js';
import { ConnectionOverview } from '../insight/connection-overview.js';
import { NamedProcessor } from '../sync/named-processor.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { SyncSchedule } from '../sync/sync-schedule.js';
import { aJob } from '../testing-support/records.js';
import { SignInScene } from '../testing-support/sign-in-scene.js';

describe('A first import that starts after its preview', () => {
  let scene: SignInScene;

  beforeAll(async () => {
    scene = await SignInScene.start({}, { sync: { startImport: 'after-preview', schedule: false } });
  });
  afterAll(() => scene.stop());
  beforeEach(() => {
    scene.reset();
    scene.script.profile = { ...scene.script.profile, accountId: scene.person.workspaceId };
    scene.script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
  });

  const runs = (id: string) =>
    scene.ats.database.rows<{ kind: string; status: string }>(
      `select kind, status from ats.sync_runs where connection_id = $1 order by queued_at`,
      [id],
    );
  const waits = async (id: string): Promise<boolean> =>
    (await scene.ats.get(ConnectionOverview).details(scene.person.workspaceId, id)).awaitsStart;
  const start = (id: string): Promise<string> => scene.ats.get(SyncRuns).startImport(scene.person.workspaceId, id);

  it('leaves a connection that became active without a run, paid for and shown as waiting', async () => {
    const id = await scene.connect();
    expect(await scene.statusOf(id)).toBe('active');
    expect(await runs(id)).toEqual([]);
    expect(await waits(id)).toBe(true);
    expect(scene.ats.ledger.count('committed')).toBe(1);
  });

  it('starts once, however many ask at once, and then goes on as any connection does', async () => {
    const id = await scene.connect();
    const [first, ...others] = await Promise.all([start(id), start(id), start(id)]);
    expect(new Set(others)).toEqual(new Set([first]));
    expect(await runs(id)).toEqual([{ kind: 'initial', status: 'queued' }]);
    await scene.sync(id);
    expect(await scene.ats.ids(id, 'jobs')).toEqual(['j1']);
    expect(await waits(id)).toBe(false);
    await scene.ats.database.rows(`update ats.connections set next_run_at = now() where id = $1`, [id]);
    await scene.ats.get(SyncSchedule).sweep();
    expect((await runs(id)).at(-1)).toMatchObject({ kind: 'incremental' });
  });

  it('starts as an initial run when a person asks for a re-sync', async () => {
    const id = await scene.connect();
    await scene.ats.get(SyncRuns).requestIn(scene.person.workspaceId, id, 'resync');
    expect(await runs(id)).toEqual([{ kind: 'initial', status: 'queued' }]);
  });

  it('is started by no schedule, no webhook and no new sign-in', async () => {
    const id = await scene.connect();
    await scene.ats.database.rows(`update ats.connections set next_run_at = now() where id = $1`, [id]);
    await scene.ats.get(SyncSchedule).sweep();
    await scene.ats.database.rows(
      `insert into ats.webhook_hooks (id, connection_id, provider, how, status, status_at, url, created_at)
       values ($1::text, $1::uuid, 'scripted', 'manual', 'active', now(), 'https://elly.example', now())`,
      [id],
    );
    await scene.ats.database.rows(
      `insert into ats.webhook_inbox (hook_id, connection_id, delivery_key, event, touched, gone, state)
       values ($1::text, $1::uuid, 'd1', 'changed', '[{"kind":"job","remoteId":"j1"}]', '[]', 'pending')`,
      [id],
    );
    await scene.ats.get(NamedProcessor).process(id);
    await scene.lose(id);
    await scene.reconnect(id);
    expect(await scene.statusOf(id)).toBe('active');
    expect(await runs(id)).toEqual([]);
    expect(await waits(id)).toBe(true);
    await start(id);
    expect(await runs(id)).toEqual([{ kind: 'initial', status: 'queued' }]);
  });

  it('still waits after a suspension, and when the account is connected again', async () => {
    const id = await scene.connect();
    scene.ats.plan = { plan: 'free', connections: 0 };
    await scene.ats.get(PlanEnforcement).enforce(scene.person.workspaceId);
    scene.ats.plan = { plan: 'enterprise', connections: 'unlimited' };
    await scene.ats.get(PlanEnforcement).enforce(scene.person.workspaceId);
    await scene.ats.get(SyncSchedule).sweep();
    expect(await runs(id)).toEqual([]);
    await scene.ats.get(Disconnect).disconnect(scene.person.workspaceId, id, 'ann');
    const again = await scene.connect();
    expect(await runs(again)).toEqual([]);
    expect(await waits(again)).toBe(true);
  });

  it('says that it waits where the next account cannot be told apart before it', async () => {
    scene.script.profile = { ...scene.script.profile, accountId: null };
    const id = await scene.connect();
    await expect(scene.connect()).rejects.toMatchObject({
      code: 'first-import-running',
      message: expect.stringMatching(/waits to be started: start it/),
      details: { connectionId: id },
    });
  });

  it('is refused for a connection whose import is complete, and for a stranger', async () => {
    const id = await scene.connect();
    await start(id);
    await scene.sync(id);
    await expect(start(id)).rejects.toMatchObject({ code: 'already-imported' });
    await expect(scene.ats.get(SyncRuns).startImport('another', id)).rejects.toMatchObject({ code: 'not-found' });
  });
});
