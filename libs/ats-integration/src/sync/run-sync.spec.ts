import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ELLY_STAGES } from '../testing-support/elly-stages.js';
import { aCandidate, aJob, anApplication, aStage, after } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';

/** Two open jobs and a closed one, three people; the third applied to the closed job only. */
function fill(script: ScriptedAts): void {
  script.scripts.set('jobs', [
    { records: [aJob('j1'), aJob('j2')] },
    { records: [aJob('j3', { status: 'closed', remoteStatus: 'over' })] },
  ]);
  script.scripts.set('stages', [
    { records: [aStage('s1', { name: 'Phone screen' }), aStage('s2', { name: 'Offer' })] },
  ]);
  script.scripts.set('applications', [
    { records: [anApplication('a1', { stageRemoteId: 's1' }), anApplication('a3', { jobRemoteId: 'j3' })] },
    { records: [anApplication('a2', { jobRemoteId: 'j2', stageRemoteId: 's2' })] },
  ]);
  script.scripts.set('candidates', [
    { records: [aCandidate('c3'), aCandidate('c2')] },
    { records: [aCandidate('c1'), aCandidate('c4')] },
  ]);
}

describe('a run over an ATS that lists applications and people apart', () => {
  const script = new ScriptedAts();
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
    connection = await ats.connect();
    fill(script);
    await ats.sync(connection);
  });
  afterAll(() => ats.stop());

  it('brings jobs, stages and the people of open jobs', async () => {
    expect(await ats.ids(connection, 'jobs')).toEqual(['j1', 'j2', 'j3']);
    expect(await ats.ids(connection, 'stages')).toEqual(['s1', 's2']);
    expect(await ats.ids(connection, 'applications')).toEqual(['a1', 'a2']);
    expect(await ats.ids(connection, 'candidates')).toEqual(['c1', 'c2']);
  });

  it('remembers for everything that was left out why', async () => {
    expect(await ats.skipped(connection)).toEqual({
      'application:a3': 'job-not-open',
      'candidate:c3': 'no-application-on-open-job',
      'candidate:c4': 'no-application-on-open-job',
    });
  });

  it('gives the host each application together with or after its candidate, at the stage that was suggested', async () => {
    const stages = await ats.database.rows(`select remote_id, stage from host.applications order by 1`);
    expect(stages).toEqual([
      { remote_id: 'a1', stage: 'screen' },
      { remote_id: 'a2', stage: 'offer' },
    ]);
    const given = ats.pipeline.batches.flatMap(({ candidates, applications }) => [
      ...candidates.map(({ record }) => record.remoteId),
      ...applications.map(({ record }) => record.remoteId),
    ]);
    expect(given).toEqual(['c2', 'a2', 'c1', 'a1']);
    expect(ats.pipeline.batches.flatMap((batch) => batch.applications).every(({ created }) => created)).toBe(true);
  });

  it('counts what it saw: the sum of created, skipped and the rest', async () => {
    const [streams] = await ats.database.rows<{ counts: Record<string, unknown> }>(
      `select counts from ats.sync_streams where stream = 'applications'`,
    );
    expect(streams?.counts).toEqual({
      application: { seen: 3, created: 2, updated: 0, unchanged: 0, skipped: { 'job-not-open': 1 }, quarantined: 0 },
    });
  });

  it('changes nothing when everything comes again', async () => {
    const before = await ats.database.rows(`select remote_id, xmin::text, changed_at from ats.applications order by 1`);
    const told = ats.pipeline.batches.length;
    expect((await ats.sync(connection, 'resync')).status).toBe('completed');
    expect(
      await ats.database.rows(`select remote_id, xmin::text, changed_at from ats.applications order by 1`),
    ).toEqual(before);
    expect(ats.pipeline.batches).toHaveLength(told);
  });

  it('brings the people of a job that opens later although nothing of them changed', async () => {
    script.scripts.set('jobs', [{ records: [aJob('j3', { updatedAt: after(60) })] }]);
    script.scripts.set('applications', (request) =>
      request.mode === 'of-jobs' ? [{ records: [anApplication('a3', { jobRemoteId: 'j3' })] }] : [],
    );
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids' ? [{ records: request.remoteIds.map((id) => aCandidate(id)) }] : [],
    );
    expect((await ats.sync(connection, 'incremental')).status).toBe('completed');
    expect(await ats.hosted(connection)).toEqual(['a1', 'a2', 'a3']);
    expect(await ats.skipped(connection)).toEqual({ 'candidate:c4': 'no-application-on-open-job' });
    const ofJobs = script.asked.filter(({ request }) => request.mode === 'of-jobs');
    expect(ofJobs.map(({ request }) => request)).toEqual([{ mode: 'of-jobs', jobRemoteIds: ['j3'] }]);
  });

  it('asks for the people of an opened job once', async () => {
    const asked = script.fetches('applications').length;
    await ats.sync(connection, 'incremental');
    expect(script.fetches('applications').slice(asked)).toEqual([]);
  });
});

describe('a run over an ATS that lists a person together with the application', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());

  it('gives the host both in one batch', async () => {
    const connection = await ats.connect();
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [
      { records: [anApplication('a1'), aCandidate('c1')] },
      {
        records: [aCandidate('c2'), anApplication('a2'), aCandidate('c3'), anApplication('a3', { jobRemoteId: null })],
      },
    ]);
    expect((await ats.sync(connection)).status).toBe('completed');
    expect(await ats.hosted(connection)).toEqual(['a1', 'a2']);
    expect(await ats.skipped(connection)).toEqual({
      'application:a3': 'no-job',
      'candidate:c3': 'no-application-on-open-job',
    });
    for (const batch of ats.pipeline.batches) {
      expect(batch.applications.map(({ candidateId }) => candidateId)).toEqual(batch.candidates.map(({ id }) => id));
    }
  });

  it('imports everybody when the connection is not limited to open jobs', async () => {
    const connection = await ats.connect({ settings: { openJobsOnly: false } });
    script.scripts.set('jobs', [{ records: [aJob('j1', { remoteStatus: 'over', status: 'closed' })] }]);
    await ats.sync(connection);
    expect(await ats.hosted(connection)).toEqual(['a1', 'a2', 'a3']);
    expect(await ats.skipped(connection)).toEqual({});
  });

  it('does not keep an application of a job that the ATS does not show, and says so', async () => {
    const connection = await ats.connect();
    script.scripts.set('jobs', []);
    await ats.sync(connection);
    expect(await ats.skipped(connection)).toMatchObject({ 'application:a1': 'job-not-visible' });
  });

  it('keeps what was imported up to date after its job closed', async () => {
    const connection = await ats.connect();
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [{ records: [aCandidate('c1'), anApplication('a1')] }]);
    await ats.sync(connection);
    script.scripts.set('jobs', [{ records: [aJob('j1', { remoteStatus: 'over', updatedAt: after(1) })] }]);
    script.scripts.set('opportunities', [
      { records: [aCandidate('c1'), anApplication('a1', { status: 'hired', updatedAt: after(1) })] },
      { records: [aCandidate('c2'), anApplication('a2')] },
    ]);
    await ats.sync(connection, 'incremental');
    const rows = await ats.database.rows(
      `select a.remote_id, a.status, h.stage from ats.applications a join host.applications h on h.id = a.id where a.connection_id = $1`,
      [connection],
    );
    expect(rows).toEqual([{ remote_id: 'a1', status: 'hired', stage: 'hired' }]);
  });

  it('goes on without a host pipeline that has stages', async () => {
    ats.pipeline.hostStages = [];
    const connection = await ats.connect();
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [{ records: [aCandidate('c1'), anApplication('a1', { stageName: 'Offer' })] }]);
    expect((await ats.sync(connection)).status).toBe('completed');
    expect(ats.pipeline.batches.at(-1)?.applications[0]?.placement).toBeNull();
    ats.pipeline.hostStages = ELLY_STAGES;
  });
});
