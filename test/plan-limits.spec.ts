import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AtsError, ConnectFlow } from '@elly/ats-integration';
import { MikroORM } from '@mikro-orm/postgresql';
import { Credits } from '../apps/elly/src/billing/credits.js';
import { User } from '../apps/elly/src/session/user.entity.js';
import { addWorkspace } from '../apps/elly/src/testing/test-orm.js';
import { runElly } from '../apps/elly/src/testing/running-elly.js';
import type { Answer, RunningElly } from '../apps/elly/src/testing/running-elly.js';
import type { Plan } from '../apps/elly/src/workspaces/plan.js';

const CLICKS = 50;
const BROWSER = 'b'.repeat(43);

/** Elly's own plans and credits, over HTTP and on a real Postgres. */
describe("a workspace's plan", () => {
  let running: RunningElly;
  let orm: MikroORM;
  let workspaceId: string;
  let user: string;

  beforeAll(async () => {
    running = await runElly({
      GREENHOUSE_CLIENT_ID: 'client',
      GREENHOUSE_CLIENT_SECRET: 'secret',
      LEVER_CLIENT_ID: 'client',
      LEVER_CLIENT_SECRET: 'secret',
    });
    orm = running.elly.app.get(MikroORM);
  });
  afterAll(() => running.stop());
  beforeEach(async () => {
    await workspace('starter', 5);
  });

  const workspace = async (plan: Plan, credits: number): Promise<void> => {
    ({ workspaceId } = await addWorkspace(orm, plan));
    user = `${workspaceId}@example.com`;
    await orm.em
      .fork()
      .persist(new User({ workspaceId, name: 'Ann', email: user, role: 'admin' }))
      .flush();
    if (credits === 0) return;
    const charge = { workspaceId, credits, reason: 'Welcome' };
    await running.elly.app.get(Credits, { strict: false }).grant(`welcome:${workspaceId}`, charge);
  };
  const request = (method: string, path: string, body?: unknown): Promise<Answer> =>
    running.request(method, path, body, { 'x-elly-user': user });
  const connect = (provider: string): Promise<Answer> => request('POST', '/ats/connections', { provider });
  const switchTo = async (plan: Plan): Promise<void> => {
    expect((await request('PUT', '/workspace/plan', { plan })).status).toBe(200);
  };
  const balance = async (): Promise<number> =>
    ((await request('GET', '/workspace/credits')).body as { balance: number }).balance;
  const statuses = async (): Promise<string[]> => {
    const rows = await orm.em
      .fork()
      .getConnection()
      .execute<{ status: string }[]>(
        `select status from ats.connections where workspace_id = ? and status <> 'disconnected' order by created_at, id`,
        [workspaceId],
      );
    return rows.map(({ status }) => status);
  };
  /** As a connect leaves it, `age` seconds ago. */
  const connected = async (age: number): Promise<string> => {
    const id = randomUUID();
    await orm.em
      .fork()
      .getConnection()
      .execute(
        `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, created_by, created_at, last_synced_at)
         values (?, ?, 'lever', 'active', 'sealed', 'ann', now() - make_interval(secs => ?), '2026-03-05T12:00:00Z')`,
        [id, workspaceId, age],
        'run',
      );
    return id;
  };

  it('refuses a connect beyond it as a problem that programs understand, too (RFC 9457)', async () => {
    await connected(10);
    const answer = await connect('greenhouse');
    expect(answer).toMatchObject({ status: 403, type: 'application/problem+json' });
    expect(answer.body).toEqual({
      type: 'urn:elly:ats:plan-limit-reached',
      title: 'Plan limit reached',
      status: 403,
      detail:
        'The plan "Starter" allows 1 ATS connection(s) and 1 are in use. Disconnect the other one, or upgrade to Enterprise to connect several ATSs.',
      plan: 'Starter',
      limit: 1,
      inUse: 1,
      upgrade: 'Upgrade to Enterprise to connect several ATSs.',
    });
    await switchTo('free');
    expect((await connect('greenhouse')).body).toMatchObject({
      plan: 'Free',
      limit: 0,
      upgrade: 'Upgrade the plan to connect an ATS.',
    });
    expect(await balance()).toBe(5);
  });

  it('refuses a connect without a credit before the browser leaves, and keeps nothing', async () => {
    await workspace('starter', 0);
    const answer = await connect('lever');
    expect(answer).toMatchObject({ status: 402, type: 'application/problem+json' });
    expect(answer.body).toEqual({
      type: 'urn:elly:ats:no-credit',
      title: 'No credit',
      status: 402,
      detail: 'This costs 1 credit and none is left. Buy credits under Settings → Billing.',
      credits: 1,
    });
    expect(await statuses()).toEqual([]);
    await request('POST', '/workspace/credits', { credits: 1 });
    expect((await connect('lever')).status).toBe(201);
  });

  it(`has one place under ${CLICKS} clicks at once over HTTP, at two ATSs, and one credit reserved (ASVS 2.3.4, 15.4.2)`, async () => {
    const clicks = await Promise.all(
      Array.from({ length: CLICKS }, (_, nth) => connect(nth % 2 === 0 ? 'greenhouse' : 'lever')),
    );
    const seen = clicks.map(({ status }) => status);
    expect(seen.filter((status) => ![201, 403, 409].includes(status))).toEqual([]);
    expect(seen).toContain(201);
    expect(await statuses()).toEqual(['authorizing']);
    expect(await balance()).toBe(4);
  });

  it(`has one place when ${CLICKS} connects are begun in code at once, at two ATSs, and one credit reserved (ASVS 2.3.4, 15.4.2)`, async () => {
    const flow = running.elly.app.get(ConnectFlow, { strict: false });
    const person = { workspaceId, userId: 'ann', browser: BROWSER };
    const begun = await Promise.allSettled(
      Array.from({ length: CLICKS }, (_, nth) =>
        flow.begin(person, nth % 2 === 0 ? 'greenhouse' : 'lever', { callbackPath: 'api/ats/oauth/callback' }),
      ),
    );
    const codes = begun.flatMap((one) =>
      one.status === 'rejected' ? [one.reason instanceof AtsError ? one.reason.code : String(one.reason)] : [],
    );
    expect(codes.filter((code) => code !== 'plan-limit-reached' && code !== 'connect-overtaken')).toEqual([]);
    expect(await statuses()).toEqual(['authorizing']);
    expect(await balance()).toBe(4);
  });

  it('never spends more credits than there are, however many ask at once (ASVS 2.3.4)', async () => {
    await workspace('enterprise', 1);
    const clicks = await Promise.all(
      Array.from({ length: CLICKS }, (_, nth) => connect(nth % 2 === 0 ? 'greenhouse' : 'lever')),
    );
    expect(clicks.map(({ status }) => status).filter((status) => ![201, 402, 409].includes(status))).toEqual([]);
    expect(await balance()).toBeGreaterThanOrEqual(0);
    expect(await statuses()).toHaveLength(1 - (await balance()));
  });

  it.each([2, 10])('lets %i clicks at once have the last credit between them', async (count) => {
    await workspace('starter', 1);
    const clicks = await Promise.all(Array.from({ length: count }, () => connect('lever')));
    expect(clicks.map(({ status }) => status).filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(await statuses()).toEqual(['authorizing']);
    expect(await balance()).toBe(0);
  });

  it('says how much of it is used', async () => {
    await connected(10);
    expect((await request('GET', '/ats/plan')).body).toEqual({
      plan: 'Starter',
      limit: 1,
      inUse: 1,
      signingIn: 0,
      canConnect: false,
      connectCredits: 1,
    });
    await switchTo('enterprise');
    expect((await request('GET', '/ats/plan')).body).toMatchObject({ limit: 'unlimited', canConnect: true });
  });

  it('suspends the newest connection when it is downgraded and lets it go on when it is upgraded', async () => {
    await switchTo('enterprise');
    const [older, newer] = [await connected(20), await connected(10)];
    await switchTo('starter');
    expect(await statuses()).toEqual(['active', 'suspended']);
    expect((await request('GET', `/ats/connections/${newer}`)).body).toMatchObject({
      status: 'suspended',
      nextRunAt: null,
      issues: [{ code: 'suspended' }],
    });
    const { banners } = (await request('GET', '/ats/banner')).body as { banners: object[] };
    expect(banners).toMatchObject([
      {
        kind: 'suspended',
        connectionId: newer,
        providerName: 'Lever',
        message: expect.stringContaining('Nothing has been synced from Lever since 5 March 2026'),
        action: { kind: 'upgrade' },
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    ]);
    for (const path of ['sync-runs', 'sync-runs/incremental', 'reconnect']) {
      expect(await request('POST', `/ats/connections/${newer}/${path}`)).toMatchObject({
        status: 409,
        body: { type: 'urn:elly:ats:suspended', detail: expect.stringMatching(/"Starter".*Upgrade to Enterprise/) },
      });
    }
    await switchTo('enterprise');
    expect(await statuses()).toEqual(['active', 'active']);
    expect((await request('GET', '/ats/banner')).body).toEqual({ banners: [] });
    expect(older).not.toBe(newer);
  });
});
