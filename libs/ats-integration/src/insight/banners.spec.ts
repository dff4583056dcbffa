import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PlanEnforcement } from '../connect/plan-enforcement.js';
import { raiseIssue, resolveIssues } from '../connections/issues.js';
import { markReconnectRequired } from '../connections/standstill.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { Banners } from './banners.js';

const LAST_SYNC = new Date('2026-03-05T23:30:00Z');
const LOST = new Date('2026-03-06T08:00:00Z');

describe('Banners', () => {
  let ats: RunningAts;
  let workspaceId: string;
  let workspaces = 0;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: new ScriptedAts().provider });
  });
  afterAll(() => ats.stop());
  beforeEach(() => {
    workspaceId = `workspace-${(workspaces += 1)}`;
    ats.plan = { plan: 'Enterprise', connections: 'unlimited' };
  });

  const connect = async (): Promise<string> => {
    const id = await ats.connect({ workspaceId });
    await ats.database.rows(
      `update ats.connections set last_synced_at = $2, created_at = created_at + make_interval(secs => $3) where id = $1`,
      [id, LAST_SYNC, (workspaces += 1)],
    );
    return id;
  };
  const origin = (id: string) => ({ id, workspaceId, provider: SCRIPTED_ID });
  const banners = () => ats.get(Banners).list(workspaceId);
  const expires = (id: string) =>
    raiseIssue(
      ats.database.em(),
      origin(id),
      { code: 'authorisation-expiring', subject: '', message: 'It ends on 8 March 2026.' },
      LOST,
    );

  it('has nothing to say while everything syncs', async () => {
    await connect();
    expect(await banners()).toEqual([]);
  });

  it('says what happened, since when nothing is synced and what an admin has to do', async () => {
    const id = await connect();
    await markReconnectRequired(ats.database.em(), origin(id), 'Scripted withdrew the authorisation.', LOST);
    expect(await banners()).toEqual([
      {
        kind: 'reconnect',
        connectionId: id,
        provider: SCRIPTED_ID,
        providerName: 'Scripted',
        title: 'Scripted needs a new sign-in',
        message:
          'Elly is no longer authorised. Nothing has been synced from Scripted since 5 March 2026; what was imported stays. An admin has to sign in to Scripted again. Scripted withdrew the authorisation.',
        action: { kind: 'reconnect', label: 'Reconnect Scripted' },
        since: expect.any(Date),
        lastSyncedAt: LAST_SYNC,
      },
    ]);
  });

  it('warns before the authorisation ends, and is quiet when it was renewed', async () => {
    const id = await connect();
    await expires(id);
    expect(await banners()).toMatchObject([
      {
        kind: 'expiring',
        message: 'It ends on 8 March 2026. Until then everything is synced.',
        since: LOST,
      },
    ]);
    await resolveIssues(ats.database.em(), id, 'authorisation-expiring', new Date());
    expect(await banners()).toEqual([]);
  });

  it('names the plan that suspends a connection and leads to a larger one', async () => {
    await connect();
    const newest = await connect();
    ats.plan = { plan: 'Starter', connections: 1 };
    await ats.get(PlanEnforcement).enforce(workspaceId);
    expect(await banners()).toMatchObject([
      {
        kind: 'suspended',
        connectionId: newest,
        message: expect.stringMatching(/since 5 March 2026.*"Starter".*Upgrade to Enterprise/),
        action: { kind: 'upgrade', label: 'Upgrade the plan' },
      },
    ]);
    ats.plan = { plan: 'Enterprise', connections: 'unlimited' };
    await ats.get(PlanEnforcement).enforce(workspaceId);
    expect(await banners()).toEqual([]);
  });

  it('puts the most urgent first, and shows a connection once', async () => {
    const [lost, expiring, suspended] = [await connect(), await connect(), await connect()];
    for (const id of [lost, expiring, suspended]) await expires(id);
    await markReconnectRequired(ats.database.em(), origin(lost), 'Withdrawn.', LOST);
    ats.plan = { plan: 'Pair', connections: 2 };
    await ats.get(PlanEnforcement).enforce(workspaceId);
    const seen = (await banners()).map(({ kind, connectionId }) => [kind, connectionId]);
    expect(seen).toEqual([
      ['reconnect', lost],
      ['expiring', expiring],
      ['suspended', suspended],
    ]);
  });

  it("shows nothing of another workspace's connections (ASVS 8.4.1)", async () => {
    const id = await connect();
    await markReconnectRequired(ats.database.em(), origin(id), 'Withdrawn.', LOST);
    expect(await ats.get(Banners).list('another-workspace')).toEqual([]);
  });
});
