import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { markReconnectRequired } from '../../connections/standstill.js';
import { ProviderFault } from '../../contract/fault.js';
import type { StreamRequest } from '../../contract/ats-provider.js';
import { buryRecords } from '../../records/bury-records.js';
import { aCandidate, aJob, anApplication } from '../../testing-support/records.js';
import { RunningAts } from '../../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../../testing-support/scripted-ats.js';
import type { ScriptedPage } from '../../testing-support/scripted-ats.js';
import { Explain } from './explain.js';
import type { ExplainQuestion, Explanation } from './explanation.js';

const WORKSPACE = 'workspace-1';
const email = (value: string) => [{ value, type: null }];

describe('Explain', () => {
  const script = new ScriptedAts([
    { name: 'jobs', kinds: ['job'] },
    { name: 'stages', kinds: ['stage'] },
    { name: 'applications', kinds: ['application'], modes: ['full', 'changes', 'ids'] },
    { name: 'candidates', kinds: ['candidate'], modes: ['full', 'changes', 'ids'], after: ['applications'] },
  ]);
  let ats: RunningAts;
  let connection: string;
  /** What the ATS answers when it is asked by id. */
  let byId: (kind: string, request: StreamRequest) => readonly ScriptedPage[];

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    connection = await ats.connect({ workspaceId: WORKSPACE });
    byId = () => [{ records: [] }];
    script.before = () => undefined;
    script.asked.length = 0;
    script.scripts.set('jobs', [
      {
        records: [
          aJob('j1', { title: 'Baker' }),
          aJob('j2', { title: 'Miller', remoteStatus: 'shut' }),
          aJob('j3', { confidential: true }),
        ],
        withheld: [{ kind: 'job', remoteId: 'j9', reason: 'private' }],
      },
    ]);
    script.scripts.set('applications', (request) =>
      request.mode === 'ids'
        ? byId('application', request)
        : [
            {
              records: [
                anApplication('a1'),
                anApplication('a2', { jobRemoteId: 'j2' }),
                anApplication('a3', { jobRemoteId: 'j8' }),
                anApplication('a4', { jobRemoteId: 'j9' }),
                anApplication('a5', { jobRemoteId: null }),
                anApplication('a6'),
                anApplication('a7'),
              ],
              withheld: [{ kind: 'application', remoteId: 'a8', reason: 'private' }],
            },
          ],
    );
    script.scripts.set('candidates', (request) =>
      request.mode === 'ids'
        ? byId('candidate', request)
        : [
            {
              records: [
                aCandidate('c1', { emails: email(' Cleo.Baker@Mail.example ') }),
                aCandidate('c2', { emails: email('c2@mail.example') }),
              ],
              rejected: [{ kind: 'candidate', remoteId: 'c7', reason: 'emails[0]: expected string, received number' }],
            },
          ],
    );
  });

  const explain = (question: ExplainQuestion): Promise<Explanation> =>
    ats.get(Explain).explain(WORKSPACE, connection, question);
  const remote = (remoteId: string, kind?: 'candidate' | 'application' | 'job'): Promise<Explanation> =>
    explain({ remoteId, kind });
  const asked = () => script.asked.filter(({ request }) => request.mode === 'ids').length;

  describe('after a sync', () => {
    beforeEach(async () => {
      await ats.sync(connection);
      script.asked.length = 0;
    });

    it('finds who is here by e-mail address, whatever its case and the blanks around it', async () => {
      const ids = await ats.database.rows<{ id: string }>(
        `select id from ats.candidates where connection_id = $1 and remote_id = 'c1' union all
         select id from ats.applications where connection_id = $1 and remote_id = 'a1'`,
        [connection],
      );
      expect(await explain({ email: '  CLEO.baker@mail.EXAMPLE' })).toMatchObject({
        reason: 'here',
        whatToDo: null,
        kind: 'candidate',
        remoteId: 'c1',
        records: [
          { kind: 'candidate', remoteId: 'c1', id: ids[0]?.id },
          { kind: 'application', remoteId: 'a1', id: ids[1]?.id },
        ],
        atsAnswer: 'not-asked',
        connection: { status: 'active' },
      });
      expect(await remote('c1')).toMatchObject({ reason: 'here', remoteId: 'c1' });
    });

    it('does not take a part of an address, or a pattern, for the address', async () => {
      for (const other of ['baker@mail.example', '%@mail.example', '_leo.baker@mail.example', '"', '\\'])
        expect((await explain({ email: other })).reason).toBe('never-seen');
    });

    it('names others of the same address', async () => {
      await ats.database.rows(
        `update ats.candidates set emails = '[{"value":"c2@mail.example","type":null}]' where connection_id = $1`,
        [connection],
      );
      const { alsoFound } = await explain({ email: 'c2@mail.example' });
      expect(alsoFound).toEqual([]);
      await ats.database.rows(
        `insert into ats.candidates (connection_id, remote_id, hash, version, name, emails, phones, links, tags, anonymised, custom_fields)
         select connection_id, 'c22', hash, version, name, emails, phones, links, tags, anonymised, custom_fields
         from ats.candidates where connection_id = $1 and remote_id = 'c1'`,
        [connection],
      );
      expect((await explain({ email: 'c2@mail.example' })).alsoFound).toMatchObject([{ remoteId: 'c22' }]);
    });

    it('says which job is not open, and how it stands there', async () => {
      expect(await remote('a2', 'application')).toMatchObject({
        reason: 'job-not-open',
        message: expect.stringMatching(/"Miller" has the status "shut"/),
        whatToDo: expect.stringMatching(/Open the job in Scripted/),
      });
      expect(await remote('c2')).toMatchObject({ reason: 'job-not-open', kind: 'candidate' });
      await ats.database.rows(`update ats.jobs set open = true where connection_id = $1`, [connection]);
      expect((await remote('a2')).message).toMatch(/it is now/);
    });

    it('tells a job that is not shown from one that is withheld as private', async () => {
      expect((await remote('a3')).reason).toBe('job-not-visible');
      expect((await remote('a4')).reason).toBe('private');
      expect((await remote('j9', 'job')).reason).toBe('private');
      expect((await remote('a8')).reason).toBe('private');
    });

    it('says what was filtered: no job', async () => {
      expect(await remote('a5')).toMatchObject({ reason: 'filtered', kind: 'application' });
    });

    it('gives the reason for which a row was quarantined', async () => {
      expect(await remote('c7')).toMatchObject({
        reason: 'quarantined',
        message: expect.stringMatching(/emails\[0\]: expected string/),
      });
      expect(await remote('a7', 'application')).toMatchObject({ reason: 'quarantined', kind: 'application' });
    });

    it('says that whoever authorised does not see the candidate, of both', async () => {
      expect(await remote('c6')).toMatchObject({ reason: 'not-visible', kind: 'candidate' });
      expect(await remote('a6', 'application')).toMatchObject({ reason: 'not-visible' });
    });

    it('says that an application waits for its candidate, of both', async () => {
      await ats.database.rows(`delete from ats.skipped_records where connection_id = $1 and remote_id = 'c6'`, [
        connection,
      ]);
      expect(await remote('a6', 'application')).toMatchObject({ reason: 'waits-for-candidate' });
      expect(await remote('c6')).toMatchObject({
        reason: 'waits-for-candidate',
        records: [{ kind: 'application', remoteId: 'a6' }],
      });
      expect(asked()).toBe(0);
    });

    it.each(['deleted', 'anonymised', 'permission-lost', 'out-of-scope'] as const)(
      'says that it is gone: %s',
      async (tombstone) => {
        await bury([{ remoteId: 'c1', tombstone, into: null }]);
        expect(await remote('c1')).toMatchObject({ reason: tombstone, survivor: null });
        expect((await explain({ email: 'cleo.baker@mail.example' })).reason).toBe(
          tombstone === 'anonymised' ? 'never-seen' : tombstone,
        );
      },
    );

    it('names the survivor of a merge, however often it was merged since, also by e-mail', async () => {
      await ats.database.rows(
        `insert into ats.candidates (connection_id, remote_id, hash, version, name, emails, phones, links, tags, anonymised, custom_fields)
         select $1, 'c' || n, 'h', 1, 'C', '[]', '[]', '[]', '[]', false, '{}' from generate_series(10, 12) n`,
        [connection],
      );
      await bury([{ remoteId: 'c1', tombstone: 'merged', into: 'c10' }]);
      await bury([{ remoteId: 'c10', tombstone: 'merged', into: 'c11' }]);
      const id = await ats.database.value<string>(
        `select id from ats.candidates where connection_id = $1 and remote_id = 'c11'`,
        [connection],
      );
      expect(await explain({ email: 'cleo.baker@mail.example' })).toMatchObject({
        reason: 'merged',
        remoteId: 'c1',
        survivor: { remoteId: 'c11', id },
      });
      await bury([{ remoteId: 'c11', tombstone: 'merged', into: 'elsewhere' }]);
      expect((await remote('c1')).survivor).toEqual({ remoteId: 'elsewhere', id: null });
    });

    it('asks the ATS once for who was never seen, and says what the next sync does', async () => {
      byId = (kind) => [{ records: kind === 'candidate' ? [aCandidate('c50')] : [] }];
      expect(await remote('c50')).toMatchObject({
        reason: 'not-yet-synced',
        atsAnswer: 'there',
        message: expect.stringMatching(/if it has an application for an open job/),
      });
      expect(asked()).toBe(1);
      expect(await ats.ids(connection, 'candidates')).toEqual(['c1']);
      byId = () => [{ records: [anApplication('a50', { jobRemoteId: 'j2' })] }];
      expect((await remote('a50', 'application')).message).toMatch(/leaves this application out/);
      byId = () => [{ records: [anApplication('a51')] }];
      expect((await remote('a51', 'application')).message).toMatch(/the next sync brings it/);
    });

    it('says when the ATS has none, hides it, shows it unreadable or does not answer', async () => {
      expect(await remote('c51')).toMatchObject({ reason: 'not-in-ats', atsAnswer: 'not-there' });
      byId = () => [{ withheld: [{ kind: 'candidate', remoteId: null, reason: 'private' }] }];
      expect(await remote('c51')).toMatchObject({ reason: 'private', atsAnswer: 'withheld' });
      byId = () => [{ rejected: [{ kind: 'candidate', remoteId: 'c51', reason: 'name: expected string' }] }];
      expect(await remote('c51')).toMatchObject({ reason: 'quarantined', atsAnswer: 'unreadable' });
      script.before = () => {
        throw new ProviderFault('unavailable', 'Scripted is away.');
      };
      expect(await remote('c51')).toMatchObject({
        reason: 'never-seen',
        atsAnswer: 'no-answer',
        message: expect.stringMatching(/Scripted is away/),
      });
    });

    it('asks nothing for what no ATS has as an id, nor where there is no list by id', async () => {
      expect(await remote('../candidates')).toMatchObject({ reason: 'never-seen', atsAnswer: 'cannot-be-asked' });
      expect(await remote('j50', 'job')).toMatchObject({ reason: 'never-seen', atsAnswer: 'cannot-be-asked' });
      expect(asked()).toBe(0);
    });

    it('says that nothing new comes in while nobody is signed in, and still what is known', async () => {
      await markReconnectRequired(
        ats.database.em(),
        { id: connection, workspaceId: WORKSPACE, provider: SCRIPTED_ID },
        'Withdrawn.',
        new Date(),
      );
      expect(await remote('c60')).toMatchObject({ reason: 'reconnect-required', atsAnswer: 'not-asked' });
      expect(await explain({ email: 'nobody@mail.example' })).toMatchObject({ reason: 'reconnect-required' });
      expect(await remote('a2')).toMatchObject({
        reason: 'job-not-open',
        whatToDo: expect.stringMatching(/reconnect Scripted/),
      });
      await ats.database.rows(
        `update ats.connections set status = 'suspended', status_reason = 'Starter has one.' where id = $1`,
        [connection],
      );
      expect(await remote('c60')).toMatchObject({
        reason: 'suspended',
        message: expect.stringMatching(/Starter has one/),
      });
      expect(asked()).toBe(0);
    });

    it("knows nothing of another workspace's connection (ASVS 8.2.2)", async () => {
      await expect(
        ats.get(Explain).explain('another', connection, { email: 'cleo.baker@mail.example' }),
      ).rejects.toMatchObject({ code: 'not-found' });
    });
  });

  it('says that the first import is not complete, has failed or was never started, and asks nothing', async () => {
    expect(await remote('c1')).toMatchObject({ reason: 'first-sync-not-completed' });
    await ats.database.rows(
      `insert into ats.sync_runs (id, connection_id, kind, trigger, status, epoch, window_until, queued_at, finished_at, fault_message)
       values (gen_random_uuid(), $1, 'initial', 'connect', 'failed', 1, now(), now(), now(), 'Scripted has no such list.')`,
      [connection],
    );
    expect((await explain({ email: 'c1@mail.example' })).message).toMatch(/failed: Scripted has no such list/);
    await ats.database.rows(`update ats.connections set awaits_start = true where id = $1`, [connection]);
    expect((await remote('c1')).whatToDo).toMatch(/preview/);
    expect(asked()).toBe(0);
  });

  async function bury(
    gone: { remoteId: string; tombstone: Explanation['reason']; into: string | null }[],
  ): Promise<void> {
    await buryRecords(
      ats.database.em(),
      connection,
      gone.map(({ remoteId, tombstone, into }) => ({
        kind: 'candidate',
        remoteId,
        tombstone: tombstone as 'deleted',
        intoRemoteId: into,
        at: null,
      })),
      new Date(),
    );
  }
});
