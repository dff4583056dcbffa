import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WithheldRecord } from '../contract/page.js';
import type { GoneRecord, Tombstone } from '../contract/tombstone.js';
import { aCandidate, aJob, anApplication } from '../testing-support/records.js';
import { LISTED_TOGETHER } from '../testing-support/scripted-ats.js';
import { ScriptedAts } from '../testing-support/scripted-ats.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { WebhookWorld } from '../testing-support/webhook-world.js';
import { HeldDeletions } from './held-deletions.js';

const BRAKE = { sync: { deletionBrake: { share: 0.1, atLeast: 4 } } };
const PEOPLE = Array.from({ length: 60 }, (_, at) => String(at).padStart(2, '0'));

const gone = (remoteId: string, tombstone: Tombstone = 'deleted', intoRemoteId: string | null = null): GoneRecord => ({
  kind: remoteId.startsWith('a') ? 'application' : 'candidate',
  remoteId,
  tombstone,
  intoRemoteId,
  at: null,
});
const applications = (from: number, to: number): GoneRecord[] => PEOPLE.slice(from, to).map((id) => gone(`a${id}`));
const hidden = (id: string): WithheldRecord => ({ kind: 'application', remoteId: `a${id}`, reason: 'private' });

describe('the brake on what a feed tells', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let connection: string;
  let workspaceId: string;

  const tombstones = async (table: string): Promise<Record<string, string>> => {
    const rows = await ats.database.rows<{ remote_id: string; tombstone: string }>(
      `select remote_id, tombstone from ats.${table} where connection_id = $1 and tombstone is not null order by 1`,
      [connection],
    );
    return Object.fromEntries(rows.map((row) => [row.remote_id, row.tombstone]));
  };
  const everybody = PEOPLE.flatMap((id) => [
    aCandidate(`c${id}`),
    anApplication(`a${id}`, { candidateRemoteId: `c${id}`, jobRemoteId: 'j1' }),
  ]);
  const poll = async (
    pages: Parameters<typeof script.scripts.set>[1],
    kind: 'incremental' | 'reconcile' = 'incremental',
  ) => {
    script.scripts.set('opportunities', pages);
    expect(await ats.sync(connection, kind)).toMatchObject({ status: 'completed' });
  };
  const held = () => ats.get(HeldDeletions).list(workspaceId, connection);
  const decide = (decision: 'approve' | 'reject', kind: 'application' | 'candidate' = 'application') =>
    ats.get(HeldDeletions).decide(workspaceId, connection, { kind, decision, by: 'user-1' });
  const finish = async (): Promise<void> => {
    const [active] = await ats.database.rows<{ id: string }>(
      `select id from ats.sync_runs where connection_id = $1 and status = 'queued'`,
      [connection],
    );
    if (active !== undefined) await ats.work(active.id);
  };
  const issues = () =>
    ats.database.rows<{ subject: string; message: string }>(
      `select subject, message from ats.issues where connection_id = $1 and resolved_at is null and code = 'mass-deletion'`,
      [connection],
    );

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider, options: BRAKE });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    ats.now = null;
    workspaceId = crypto.randomUUID();
    connection = await ats.connect({ workspaceId });
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [{ records: everybody }]);
    expect(await ats.sync(connection)).toMatchObject({ status: 'completed' });
    ats.pipeline.batches.length = 0;
  });

  it('does not bury everybody when a script deletes thousands in the ATS: what is beyond it waits', async () => {
    await poll([{ gone: applications(0, 6) }, { gone: applications(6, 30) }, { gone: applications(30, 50) }]);
    expect(Object.keys(await tombstones('applications'))).toHaveLength(6);
    expect(await held()).toMatchObject([{ kind: 'application', count: 44 }]);
    expect(await issues()).toMatchObject([{ subject: 'application', message: expect.stringContaining('44') }]);
    const counts = await ats.database.rows<{ count: number }>(
      `select (body->>'count')::int as count from ats.outbox_events where connection_id = $1 and body->>'type' = 'deletions.held' order by 1`,
      [connection],
    );
    expect(counts.map(({ count }) => count)).toEqual([24, 44]);
  });

  it('counts what came in the polls of the last hour, and no longer', async () => {
    await poll([{ gone: applications(0, 4) }]);
    await poll([{ gone: applications(4, 8) }]);
    expect(Object.keys(await tombstones('applications'))).toHaveLength(4);
    ats.now = new Date(Date.now() + 2 * 3_600_000);
    await poll([{ gone: applications(8, 12) }]);
    expect(Object.keys(await tombstones('applications'))).toHaveLength(8);
    expect(await held()).toMatchObject([{ count: 4 }]);
  });

  it('keeps off whom the ATS hides all at once, with the reason, until it shows them again', async () => {
    await poll([{ withheld: PEOPLE.slice(0, 20).map(hidden) }]);
    expect(await tombstones('applications')).toEqual({});
    expect(await held()).toMatchObject([{ count: 20 }]);
    await poll([{ withheld: PEOPLE.slice(5, 20).map(hidden), records: everybody.slice(0, 10) }], 'reconcile');
    expect(await held()).toMatchObject([{ count: 15 }]);
    await decide('approve');
    const marked = await tombstones('applications');
    expect(Object.keys(marked)).toHaveLength(15);
    expect(new Set(Object.values(marked))).toEqual(new Set(['permission-lost']));
    await finish();
  });

  it('marks what was approved at once and as the ATS said it, although no listing shows it', async () => {
    await poll([{ gone: PEOPLE.slice(0, 20).map((id) => gone(`c${id}`, 'merged', 'c50')) }]);
    expect(await tombstones('candidates')).toEqual({});
    expect(await decide('approve', 'candidate')).toBe(20);
    const marked = await tombstones('candidates');
    expect(Object.keys(marked)).toHaveLength(20);
    expect(marked).toMatchObject({ c00: 'merged' });
    expect(await ats.ids(connection, 'applications')).toHaveLength(PEOPLE.length);
    const told = ats.pipeline.batches.flatMap((batch) => batch.gone);
    expect(told).toHaveLength(20);
    expect(told.every(({ tombstone, intoId }) => tombstone === 'merged' && intoId !== null)).toBe(true);
    expect(await held()).toEqual([]);
    expect(await issues()).toEqual([]);
    script.scripts.set('opportunities', []);
    await finish();
  });

  it('marks with the next listing what an approval left when its process died', async () => {
    await poll([{ gone: applications(0, 20) }]);
    await ats.database.rows(`update ats.held_deletions set decision = 'approved' where connection_id = $1`, [
      connection,
    ]);
    await poll([], 'reconcile');
    expect(Object.keys(await tombstones('applications'))).toHaveLength(20);
  });

  it('leaves alone what was rejected, however often the feed names it', async () => {
    await poll([{ gone: applications(0, 20) }]);
    await decide('reject');
    ats.now = new Date(Date.now() + 2 * 3_600_000);
    await poll([{ gone: applications(0, 3) }]);
    expect(await tombstones('applications')).toEqual({});
    expect(await held()).toEqual([]);
  });

  it('never keeps an erasure waiting', async () => {
    await poll([{ gone: PEOPLE.slice(0, 20).map((id) => gone(`c${id}`, 'anonymised')) }]);
    expect(Object.keys(await tombstones('candidates'))).toHaveLength(20);
    expect(await held()).toEqual([]);
  });
});

describe('the brake on what webhooks tell', () => {
  let world: WebhookWorld;

  beforeAll(async () => {
    world = await WebhookWorld.start(false, { options: BRAKE });
  }, 60_000);
  afterAll(() => world.stop());

  it('holds what is beyond it over all runs of the hour', async () => {
    world.put(aJob('j1'));
    for (const id of PEOPLE)
      world.put(aCandidate(`c${id}`), anApplication(`a${id}`, { candidateRemoteId: `c${id}`, jobRemoteId: 'j1' }));
    const hook = await world.hook();
    await world.ats.sync(hook.connectionId);
    for (const [at, id] of PEOPLE.slice(0, 20).entries()) {
      world.records.delete(`application:a${id}`);
      await world.deliver(hook, { id: `d${id}`, gone: [gone(`a${id}`)] });
      if (at % 5 === 4) await world.readNamed(hook.connectionId);
    }
    expect(await world.ats.ids(hook.connectionId, 'applications')).toHaveLength(PEOPLE.length - 5);
    expect(
      await world.ats.database.value(`select count(*)::int from ats.held_deletions where connection_id = $1`, [
        hook.connectionId,
      ]),
    ).toBe(15);
    expect((await world.inbox(hook.connectionId)).every(({ state }) => state === 'done')).toBe(true);
  });
});
