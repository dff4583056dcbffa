import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StreamRequest } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { ProviderRecord } from '../contract/records.js';
import { aCandidate, aJob, aResume, after, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_APART, ScriptedAts } from '../testing-support/scripted-ats.js';

describe('FollowUps', () => {
  const script = new ScriptedAts();
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    connection = await ats.connect();
    script.before = () => undefined;
    script.asked.length = 0;
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('applications', [{ records: [anApplication('a1'), anApplication('a2'), anApplication('a3')] }]);
  });

  const askedByIds = (): readonly string[][] =>
    script.asked.flatMap(({ request, page }) =>
      request.mode === 'ids' && page === 0 ? [[...request.remoteIds].sort()] : [],
    );

  it('fetches candidates whose application came in without them, by their ids', async () => {
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids'
        ? [{ records: request.remoteIds.map((id) => aCandidate(id)) }]
        : [{ records: [aCandidate('c1')] }],
    );
    expect((await ats.sync(connection)).status).toBe('completed');
    expect(askedByIds()).toEqual([['c2', 'c3']]);
    expect(await ats.hosted(connection)).toEqual(['a1', 'a2', 'a3']);
  });

  it('does not ask twice for a candidate whom the ATS does not show, and gives the host no application of theirs', async () => {
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids' ? [{ records: [aCandidate('c3')] }] : [{ records: [aCandidate('c1')] }],
    );
    await ats.sync(connection);
    await ats.sync(connection, 'incremental');
    await ats.sync(connection, 'resync');
    expect(askedByIds()).toEqual([['c2', 'c3']]);
    expect(await ats.hosted(connection)).toEqual(['a1', 'a3']);
    expect(await ats.skipped(connection)).toEqual({ 'candidate:c2': 'not-visible' });
  });

  it('does not take a candidate in quarantine for one whom the ATS does not show', async () => {
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids'
        ? [{ records: [aCandidate('c3')], rejected: [{ kind: 'candidate', remoteId: 'c2', reason: 'name: expected' }] }]
        : [{ records: [aCandidate('c1')] }],
    );
    expect((await ats.sync(connection)).status).toBe('completed');
    expect(await ats.skipped(connection)).toEqual({});
    expect(await ats.hosted(connection)).toEqual(['a1', 'a3']);
  });

  it('shows a candidate after all once a later page brings it', async () => {
    script.scripts.set('candidates', (request) => (request.mode === 'ids' ? [] : [{ records: [aCandidate('c1')] }]));
    await ats.sync(connection);
    expect(Object.keys(await ats.skipped(connection))).toEqual(['candidate:c2', 'candidate:c3']);
    script.scripts.set('candidates', [{ records: [aCandidate('c2')] }]);
    await ats.sync(connection, 'incremental');
    expect(await ats.hosted(connection)).toEqual(['a1', 'a2']);
    expect(Object.keys(await ats.skipped(connection))).toEqual(['candidate:c3']);
  });

  it('asks for everybody who is missing when there are more than fit into one request', async () => {
    const many = Array.from({ length: 620 }, (_, index) => anApplication(`a${index}`));
    script.scripts.set('applications', [{ records: many }]);
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids' ? [{ records: request.remoteIds.map((id) => aCandidate(id)) }] : [],
    );
    await ats.sync(connection);
    expect(askedByIds().map((ids) => ids.length)).toEqual([500, 120]);
    expect(await ats.ids(connection, 'candidates')).toHaveLength(620);
  });

  it('takes nobody for invisible who was not asked for, when a run is interrupted between two requests', async () => {
    const many = Array.from({ length: 620 }, (_, index) => anApplication(`a${index}`));
    script.scripts.set('applications', [{ records: many }]);
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids' ? [{ records: request.remoteIds.map((id) => aCandidate(id)) }] : [],
    );
    script.before = ({ request }) => {
      if (request.mode === 'ids' && request.remoteIds.length < 500) {
        throw new ProviderFault('unavailable', 'Scripted did not answer.');
      }
    };
    const run = await ats.sync(connection);
    expect(run.status).toBe('queued');
    script.before = () => undefined;
    expect((await ats.work(run.id)).status).toBe('completed');
    expect(await ats.skipped(connection)).toEqual({});
    expect(await ats.ids(connection, 'candidates')).toHaveLength(620);
  });

  it('takes nobody for invisible who was not asked for, when a new run continues a failed one', async () => {
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids' ? [{ records: request.remoteIds.map((id) => aCandidate(id)) }] : [],
    );
    await ats.sync(connection);
    // The run failed after all; meanwhile one more application came in.
    await ats.database.rows('alter table ats.sync_runs disable trigger sync_runs_legal_move');
    await ats.database.rows(`update ats.sync_runs set status = 'failed' where connection_id = $1`, [connection]);
    await ats.database.rows('alter table ats.sync_runs enable trigger sync_runs_legal_move');
    await ats.database.rows(
      `update ats.sync_streams s set status = 'running', cursor = '{"page":0}' from ats.sync_runs r
       where r.id = s.run_id and r.connection_id = $1 and s.stream = 'applications'`,
      [connection],
    );
    script.scripts.set('applications', [{ records: [anApplication('a4')] }]);
    await ats.sync(connection);
    expect(await ats.skipped(connection)).toEqual({});
    expect(await ats.hosted(connection)).toEqual(['a1', 'a2', 'a3', 'a4']);
  });
});

describe('FollowUps of an ATS that lists résumés by themselves', () => {
  const script = new ScriptedAts([
    ...LISTED_APART.filter(({ name }) => name !== 'resumes'),
    { name: 'resumes', kinds: ['resume'], modes: ['full', 'changes', 'of-jobs'] },
  ]);
  let ats: RunningAts;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());

  it('brings the résumés of the people of a job that opens later, also when the run was interrupted between the two', async () => {
    const connection = await ats.connect();
    script.scripts.set('jobs', [{ records: [aJob('j1', { status: 'draft', remoteStatus: 'draft' })] }]);
    script.scripts.set('applications', [{ records: [anApplication('a1')] }]);
    script.scripts.set('candidates', [{ records: [aCandidate('c1')] }]);
    script.scripts.set('resumes', [{ records: [aResume('r1')] }]);
    await ats.sync(connection);
    expect(await ats.ids(connection, 'resumes')).toEqual([]);

    script.scripts.set('jobs', [{ records: [aJob('j1', { updatedAt: after(60) })] }]);
    const ofJobs = (record: ProviderRecord) => (request: StreamRequest) =>
      request.mode === 'of-jobs' ? [{ records: [record] }] : [];
    script.scripts.set('applications', ofJobs(anApplication('a1')));
    script.scripts.set('candidates', (request) => (request.mode === 'ids' ? [{ records: [aCandidate('c1')] }] : []));
    script.scripts.set('resumes', ofJobs(aResume('r1')));
    script.before = ({ stream, request }) => {
      if (stream === 'resumes' && request.mode === 'of-jobs') throw new ProviderFault('invalid-request', 'Refused.');
    };
    expect((await ats.sync(connection, 'incremental')).status).toBe('failed');
    expect(await ats.hosted(connection)).toEqual(['a1']);
    script.before = () => undefined;
    expect((await ats.sync(connection, 'incremental')).status).toBe('completed');
    expect(await ats.ids(connection, 'resumes')).toEqual(['r1']);

    const asked = script.asked.length;
    await ats.sync(connection, 'incremental');
    expect(script.asked.slice(asked).some(({ request }) => request.mode === 'of-jobs')).toBe(false);
  });
});
