import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execute } from '../database/query.js';
import { aCandidate, aJob, anApplication, after } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';
import { RunClaims } from './run-claims.js';
import { SyncRuns } from './sync-runs.js';

describe('CommitPage', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    connection = await ats.connect();
    script.before = () => undefined;
    ats.pipeline.before = () => undefined;
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [
      { records: [aCandidate('c0'), anApplication('a0')] },
      { records: [aCandidate('c1'), anApplication('a1')] },
      { records: [aCandidate('c2'), anApplication('a2')] },
    ]);
  });

  /** Everything that a page writes, counted. */
  async function written(): Promise<Record<string, number>> {
    const [row] = await ats.database.rows<Record<string, number>>(
      `select (select count(*)::int from ats.candidates where connection_id = $1) as candidates,
              (select count(*)::int from ats.applications where connection_id = $1) as applications,
              (select count(*)::int from host.applications h join ats.applications a on a.id = h.id where a.connection_id = $1) as hosted,
              (select count(*)::int from ats.outbox_events where connection_id = $1 and body->>'type' = 'records.changed'
                 and body->>'kind' = 'application') as events,
              (select coalesce(sum(pages), 0)::int from ats.sync_streams s join ats.sync_runs r on r.id = s.run_id
                 where r.connection_id = $1 and stream = 'opportunities') as pages`,
      [connection],
    );
    return row ?? {};
  }

  it('lands records, host, events and cursor of a page together', async () => {
    await ats.sync(connection);
    expect(await written()).toEqual({ candidates: 3, applications: 3, hosted: 3, events: 3, pages: 3 });
  });

  it("keeps nothing of a page that the host's pipeline refused, and brings it later", async () => {
    ats.pipeline.before = async (batch, em) => {
      if (!batch.candidates.some(({ record }) => record.remoteId === 'c1')) return;
      await execute(em, `insert into host.jobs values (gen_random_uuid(), 'half done')`);
      throw new Error('The host is ill.');
    };
    const run = await ats.sync(connection);
    expect(run).toMatchObject({ status: 'queued', fault_code: null });
    expect(await written()).toEqual({ candidates: 1, applications: 1, hosted: 1, events: 1, pages: 1 });
    expect(await ats.database.value(`select count(*)::int from host.jobs where title = 'half done'`)).toBe(0);

    ats.pipeline.before = () => undefined;
    expect((await ats.work(run.id)).status).toBe('completed');
    expect(await written()).toEqual({ candidates: 3, applications: 3, hosted: 3, events: 3, pages: 3 });
  });

  it('keeps nothing of a page whose connection to the database is cut, and brings it later', async () => {
    let cut = false;
    ats.pipeline.before = async (batch, em) => {
      if (cut || !batch.candidates.some(({ record }) => record.remoteId === 'c1')) return;
      cut = true;
      // Any statement that fails leaves the transaction as a lost connection does: nothing more can be done in it.
      await execute(em, 'select 1 / 0').catch(() => undefined);
      await execute(em, 'select 1');
    };
    const run = await ats.sync(connection);
    expect(run.status).toBe('queued');
    expect(await written()).toMatchObject({ candidates: 1, events: 1, pages: 1 });
    expect((await ats.work(run.id)).status).toBe('completed');
    expect(await written()).toMatchObject({ candidates: 3, applications: 3, hosted: 3, pages: 3 });
  });

  it('writes nothing more for a run that another worker took over', async () => {
    ats.pipeline.before = async (batch, em) => {
      if (!batch.candidates.some(({ record }) => record.remoteId === 'c0')) return;
      await execute(em, `update ats.sync_runs set fence = fence + 1 where connection_id = $1`, [connection]);
    };
    const run = await ats.sync(connection);
    expect(await written()).toMatchObject({ candidates: 1, pages: 1 });
    expect(run).toMatchObject({ status: 'running', fault_code: null });
    const issues = await ats.database.value(`select count(*)::int from ats.issues where connection_id = $1`, [
      connection,
    ]);
    expect(issues).toBe(0);
  });

  it('lets only one worker have a run, and the next one only when the first has shown no life', async () => {
    const runId = await ats.get(SyncRuns).request(connection, 'initial', 'person');
    const claims = ats.get(RunClaims);
    const first = await claims.claim(runId);
    expect(first?.fence).toBe(1);
    expect(await claims.claim(runId)).toBeNull();
    await ats.database.rows(`update ats.sync_runs set lease_until = now() - interval '1 second' where id = $1`, [
      runId,
    ]);
    const second = await claims.claim(runId);
    expect(second?.fence).toBe(2);
    if (first === null || second === null) throw new Error('The run was not claimed.');
    await expect(claims.heartbeat(first)).rejects.toThrow('stopped or taken over');
    await claims.release(first, 0);
    await claims.heartbeat(second);
    expect((await ats.run(runId)).status).toBe('running');
  });

  it.each([
    ['disconnected', `update ats.connections set status = 'disconnected', sealed_credentials = null where id = $1`],
    ['disconnected and connected again', `update ats.connections set epoch = epoch + 1 where id = $1`],
    ['found to need a new sign-in', `update ats.connections set status = 'reconnect_required' where id = $1`],
  ])('writes nothing more once the connection was %s', async (_, sql) => {
    ats.pipeline.before = async (batch, em) => {
      if (batch.candidates.some(({ record }) => record.remoteId === 'c0')) await execute(em, sql, [connection]);
    };
    const run = await ats.sync(connection);
    expect(await written()).toMatchObject({ candidates: 1, applications: 1, pages: 1 });
    expect(run.status).not.toBe('completed');
    expect(
      await ats.database.value(`select last_synced_at from ats.connections where id = $1`, [connection]),
    ).toBeNull();
  });

  it('sets a row that cannot be read aside with its reason; the rest of the page lands', async () => {
    script.scripts.set('opportunities', [
      {
        records: [aCandidate('c0'), anApplication('a0')],
        rejected: [
          { kind: 'candidate', remoteId: 'c9', reason: 'emails[0]: expected string, received number' },
          { kind: 'application', remoteId: null, reason: 'id: expected string, received null' },
        ],
        withheld: [{ kind: 'candidate', remoteId: 'c8', reason: 'private' }],
      },
    ]);
    const run = await ats.sync(connection);
    expect(run.status).toBe('completed');
    expect(await ats.hosted(connection)).toEqual(['a0']);
    const rows = await ats.database.rows(
      `select kind, remote_id, reason from ats.quarantined_records where connection_id = $1 order by kind`,
      [connection],
    );
    expect(rows).toEqual([
      { kind: 'application', remote_id: null, reason: 'id: expected string, received null' },
      { kind: 'candidate', remote_id: 'c9', reason: 'emails[0]: expected string, received number' },
    ]);
    expect(await ats.skipped(connection)).toEqual({ 'candidate:c8': 'private' });
  });

  it('releases a row from quarantine once it can be read', async () => {
    script.scripts.set('opportunities', [
      { rejected: [{ kind: 'candidate', remoteId: 'c0', reason: 'name: expected' }] },
    ]);
    await ats.sync(connection);
    script.scripts.set('opportunities', [{ records: [aCandidate('c0'), anApplication('a0')] }]);
    await ats.sync(connection, 'incremental');
    expect(
      await ats.database.value(`select count(*)::int from ats.quarantined_records where connection_id = $1`, [
        connection,
      ]),
    ).toBe(0);
    expect(await ats.hosted(connection)).toEqual(['a0']);
  });

  it('releases a row from quarantine that can be read now, although the rules leave it out', async () => {
    script.scripts.set('opportunities', [
      { rejected: [{ kind: 'application', remoteId: 'a0', reason: 'status: expected' }] },
    ]);
    await ats.sync(connection);
    script.scripts.set('opportunities', [{ records: [aCandidate('c0'), anApplication('a0', { jobRemoteId: 'j9' })] }]);
    await ats.sync(connection, 'incremental');
    expect(
      await ats.database.value(`select count(*)::int from ats.quarantined_records where connection_id = $1`, [
        connection,
      ]),
    ).toBe(0);
    expect(await ats.skipped(connection)).toMatchObject({ 'application:a0': 'job-not-visible' });
  });

  it('takes characters that Postgres cannot keep in ids and reasons without losing the page', async () => {
    script.scripts.set('opportunities', [
      {
        records: [
          aCandidate('c0'),
          anApplication('a0'),
          aCandidate('c\u00001'),
          anApplication('a\u00001'),
          anApplication('a2', { candidateRemoteId: 'c\u00001', jobRemoteId: 'j\u00001' }),
          aCandidate('c\ud800'),
        ],
        rejected: [{ kind: 'candidate', remoteId: 'c\u00007', reason: 'custom.\u0000\ud800: expected string' }],
        withheld: [{ kind: 'candidate', remoteId: 'c\u00008', reason: 'private' }],
      },
    ]);
    const run = await ats.sync(connection);
    expect(run.status).toBe('completed');
    expect(await ats.hosted(connection)).toEqual(['a0']);
    const reasons = await ats.database.rows<{ reason: string }>(
      `select distinct reason from ats.quarantined_records where connection_id = $1`,
      [connection],
    );
    expect(reasons.map(({ reason }) => reason)).toContain('remoteId: holds characters that cannot be stored');
  });

  it('tells the host of an application again only when something of it changed', async () => {
    await ats.sync(connection);
    const told = ats.pipeline.batches.length;
    script.scripts.set('opportunities', [
      {
        records: [
          aCandidate('c0', { updatedAt: after(5) }),
          anApplication('a0', { updatedAt: after(5), source: 'Fair' }),
          anApplication('a1', { updatedAt: after(5) }),
        ],
      },
    ]);
    await ats.sync(connection, 'incremental');
    const [batch, ...more] = ats.pipeline.batches.slice(told);
    expect(more).toEqual([]);
    expect(batch?.candidates).toEqual([]);
    expect(batch?.applications.map(({ record, created }) => [record.remoteId, created])).toEqual([['a0', false]]);
  });
});
