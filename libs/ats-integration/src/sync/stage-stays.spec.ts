import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../contract/fault.js';
import type { GoneRecord } from '../contract/tombstone.js';
import { aCandidate, aJob, aStage, aStay, after, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_APART, OVERLAP_SECONDS, ScriptedAts } from '../testing-support/scripted-ats.js';

interface Stay {
  readonly remote_id: string;
  readonly stage: string;
  readonly left: boolean;
}

describe('a stage history that is read by its changes', () => {
  let wanted = true;
  const script = new ScriptedAts([
    ...LISTED_APART.filter(({ name }) => name !== 'resumes'),
    { name: 'history', kinds: ['stage-stay'], modes: ['changes'], optional: true, wanted: () => wanted },
  ]);
  let ats: RunningAts;
  let connection: string;

  const stays = (): Promise<Stay[]> =>
    ats.database.rows<Stay>(
      `select remote_id, stage_remote_id as stage, left_at is not null as left from ats.stage_stays
       where connection_id = $1 and tombstone is null order by entered_at, remote_id`,
      [connection],
    );
  const sinceAsked = (): (number | null)[] =>
    script.asked
      .filter(({ stream, page }) => stream === 'history' && page === 0)
      .map(({ request }) => (request.mode === 'changes' ? request.since.getTime() : null));
  const begun = async (): Promise<number> => {
    const at = await ats.database.value<string>(
      `select floor(extract(epoch from created_at) * 1000)::text from ats.connections where id = $1`,
      [connection],
    );
    return Number(at) - OVERLAP_SECONDS * 1000;
  };
  /** A sync that finds this in the history. */
  const poll = async (...pages: (readonly ReturnType<typeof aStay>[])[]) => {
    script.scripts.set(
      'history',
      pages.map((records) => ({ records })),
    );
    const run = await ats.sync(connection, 'incremental');
    expect(run).toMatchObject({ status: 'completed' });
    return run;
  };
  const bury = async (gone: Pick<GoneRecord, 'kind' | 'remoteId' | 'tombstone'>): Promise<void> => {
    script.scripts.set('candidates', [{ gone: [{ intoRemoteId: null, at: null, ...gone }] }]);
    await poll([]);
  };

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    wanted = true;
    script.before = () => undefined;
    script.scripts.clear();
    script.scripts.set('jobs', [{ records: [aJob('j1'), aJob('j2', { status: 'closed', remoteStatus: 'over' })] }]);
    script.scripts.set('stages', [{ records: [aStage('s1'), aStage('s2'), aStage('s3')] }]);
    script.scripts.set('applications', [
      { records: [anApplication('a1'), anApplication('a2'), anApplication('a3', { jobRemoteId: 'j2' })] },
    ]);
    script.scripts.set('candidates', [{ records: [aCandidate('c1'), aCandidate('c2')] }]);
    script.scripts.set('history', [{}]);
    connection = await ats.connect();
    script.asked.length = 0;
    expect(await ats.sync(connection)).toMatchObject({ status: 'completed' });
  });

  it('shows both of two moves that were made between two polls', async () => {
    await poll([aStay('t1')]);
    const [b, c] = [after(60), after(120)];
    await poll([
      aStay('t3', { stageRemoteId: 's3', enteredAt: c }),
      aStay('t2', { stageRemoteId: 's2', enteredAt: b, leftAt: c }),
      aStay('t1', { leftAt: b }),
    ]);
    expect(await stays()).toEqual([
      { remote_id: 't1', stage: 's1', left: true },
      { remote_id: 't2', stage: 's2', left: true },
      { remote_id: 't3', stage: 's3', left: false },
    ]);
  });

  it('begins with the connection in every run that lists everything, and goes on behind the last poll', async () => {
    const first = await begun();
    await ats.sync(connection, 'incremental');
    await ats.sync(connection, 'resync');
    const [initial, incremental = 0, resync] = sinceAsked();
    expect([initial, resync]).toEqual([first, first]);
    const completeUntil = await ats.database.value<string>(
      `select floor(extract(epoch from window_until) * 1000)::text from ats.sync_runs where connection_id = $1 and kind = 'initial'`,
      [connection],
    );
    expect(incremental).toBe(Number(completeUntil) - OVERLAP_SECONDS * 1000);
  });

  it('goes on in the middle, in the same window, after a restart', async () => {
    script.scripts.set('history', [{ records: [aStay('t1', { leftAt: after(60) })] }, { records: [aStay('t2')] }]);
    script.asked.length = 0;
    let broken = true;
    script.before = ({ stream, page }) => {
      if (broken && stream === 'history' && page === 1) throw new ProviderFault('unavailable', 'Scripted is away.');
    };
    const run = await ats.sync(connection, 'incremental');
    expect(run.status).toBe('queued');
    expect((await stays()).map(({ remote_id }) => remote_id)).toEqual(['t1']);
    broken = false;
    expect(await ats.work(run.id)).toMatchObject({ status: 'completed' });
    expect(script.fetches('history')).toEqual(['changes:0', 'changes:1', 'changes:1']);
    const windows = script.asked.filter(({ stream }) => stream === 'history').map(({ request }) => request);
    expect(new Set(windows.map((request) => JSON.stringify(request))).size).toBe(1);
    expect(await stays()).toHaveLength(2);
  });

  it('is not undone by an older reading', async () => {
    const left = aStay('t1', { leftAt: after(60) });
    await poll([left]);
    await poll([aStay('t1')]);
    expect(await stays()).toEqual([{ remote_id: 't1', stage: 's1', left: true }]);
  });

  it('is not kept of applications that are not here: those are counted and not listed one by one', async () => {
    const run = await poll([
      aStay('t1'),
      aStay('t2', { applicationRemoteId: 'a3' }),
      aStay('t3', { applicationRemoteId: 'unheard-of' }),
    ]);
    expect((await stays()).map(({ remote_id }) => remote_id)).toEqual(['t1']);
    const counts = await ats.database.value<unknown>(
      `select counts->'stage-stay' from ats.sync_streams where run_id = $1 and stream = 'history'`,
      [run.id],
    );
    expect(counts).toMatchObject({ seen: 3, created: 1, skipped: { 'application-not-imported': 2 } });
    expect(Object.keys(await ats.skipped(connection)).filter((key) => key.startsWith('stage-stay'))).toEqual([]);
  });

  it('is told of by the ids of its entries', async () => {
    await poll([aStay('t1')]);
    await poll([aStay('t1', { leftAt: after(60) })]);
    const events = await ats.database.rows<{ body: object }>(
      `select body from ats.outbox_events where connection_id = $1 and body->>'kind' = 'stage-stay' order by id`,
      [connection],
    );
    const id = await ats.database.value<string>(`select id from ats.stage_stays where connection_id = $1`, [
      connection,
    ]);
    expect(events.map(({ body }) => body)).toMatchObject([
      { type: 'records.changed', created: [id], updated: [], own: [] },
      { type: 'records.changed', created: [], updated: [id], own: [] },
    ]);
  });

  it('goes with its application, or with the candidate, and comes back with it', async () => {
    await poll([aStay('t1'), aStay('t2', { applicationRemoteId: 'a2' })]);
    script.scripts.set('applications', []);
    await bury({ kind: 'application', remoteId: 'a1', tombstone: 'deleted' });
    expect((await stays()).map(({ remote_id }) => remote_id)).toEqual(['t2']);
    // What the ATS says late of an application that is gone is nothing to keep.
    await poll([aStay('t9')]);
    await bury({ kind: 'candidate', remoteId: 'c2', tombstone: 'permission-lost' });
    expect(await stays()).toEqual([]);
    script.scripts.set('applications', [{ records: [anApplication('a1', { updatedAt: after(3600) })] }]);
    script.scripts.set('candidates', []);
    await poll([]);
    expect((await stays()).map(({ remote_id }) => remote_id)).toEqual(['t1']);
  });

  it('stays when the person is anonymised: nothing of it is personal', async () => {
    await poll([aStay('t1')]);
    await bury({ kind: 'candidate', remoteId: 'c1', tombstone: 'anonymised' });
    expect(await stays()).toHaveLength(1);
  });

  it('is left out where the connection may not read it, and read from its beginning once it may', async () => {
    connection = await ats.connect();
    script.asked.length = 0;
    script.scripts.set('history', [{ records: [aStay('t1')] }]);
    script.before = ({ stream }) => {
      if (stream === 'history') throw new ProviderFault('forbidden-scope', 'Scripted wants the scope history.');
    };
    const run = await ats.sync(connection);
    expect(run).toMatchObject({ status: 'completed' });
    expect(await ats.ids(connection, 'applications')).toEqual(['a1', 'a2']);
    const streams = await ats.database.rows<{ stream: string }>(
      `select stream from ats.sync_streams where run_id = $1 and stream = 'history'`,
      [run.id],
    );
    expect(streams).toEqual([]);
    script.before = () => undefined;
    await poll([aStay('t1')]);
    expect(await stays()).toHaveLength(1);
    const first = await begun();
    expect(sinceAsked()).toEqual([first, first]);
  });

  it('fails the run over anything else that goes wrong', async () => {
    script.scripts.set('history', [{ records: [aStay('t1')] }]);
    script.before = ({ stream }) => {
      if (stream === 'history') throw new ProviderFault('invalid-request', 'Scripted does not understand.');
    };
    expect(await ats.sync(connection, 'incremental')).toMatchObject({
      status: 'failed',
      fault_code: 'invalid-request',
    });
  });

  it('is not asked for where the deployment does not want it', async () => {
    wanted = false;
    script.asked.length = 0;
    await poll([aStay('t1')]);
    expect(script.fetches('history')).toEqual([]);
    expect(await stays()).toEqual([]);
  });
});
