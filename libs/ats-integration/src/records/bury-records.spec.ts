import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GoneRecord } from '../contract/tombstone.js';
import { FileStore } from '../host/file-store.port.js';
import { FileRemovals } from '../sync/file-removals.js';
import { aCandidate, aJob, anApplication, aResume, after } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';

const gone = (over: Partial<GoneRecord> & Pick<GoneRecord, 'remoteId'>): GoneRecord => ({
  kind: 'candidate',
  tombstone: 'deleted',
  intoRemoteId: null,
  at: null,
  ...over,
});

describe('what the ATS says is gone', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  const removed: string[] = [];
  let failing = false;
  let ats: RunningAts;
  let connection: string;

  const row = async (table: string, remoteId: string): Promise<Record<string, unknown>> =>
    (
      await ats.database.rows<Record<string, unknown>>(
        `select * from ats.${table} where connection_id = $1 and remote_id = $2`,
        [connection, remoteId],
      )
    )[0] ?? {};
  const news = async (...records: GoneRecord[]): Promise<void> => {
    script.scripts.set('opportunities', [{ gone: records }]);
    expect(await ats.sync(connection, 'incremental')).toMatchObject({ status: 'completed' });
  };

  beforeAll(async () => {
    ats = await RunningAts.start({
      provider: script.provider,
      ports: {
        fileStore: {
          useValue: {
            put: () => Promise.reject(new Error('nothing is stored here')),
            remove: (reference: string) => {
              if (failing) return Promise.reject(new Error('the disk is away'));
              removed.push(reference);
              return Promise.resolve();
            },
          },
        },
      },
    });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    removed.length = 0;
    failing = false;
    connection = await ats.connect();
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [
      {
        records: [
          aCandidate('c1', { name: 'Ines Moreau', emails: [{ value: 'ines@example.test', type: null }] }),
          anApplication('a1', { candidateRemoteId: 'c1', jobRemoteId: 'j1' }),
          aResume('r1', { candidateRemoteId: 'c1', filename: 'ines.pdf' }),
          aCandidate('c2'),
          anApplication('a2', { candidateRemoteId: 'c2', jobRemoteId: 'j1' }),
        ],
      },
    ]);
    expect(await ats.sync(connection)).toMatchObject({ status: 'completed' });
    await ats.database.rows(
      `update ats.resumes set file_state = 'stored', file_reference = 'file-1' where connection_id = $1`,
      [connection],
    );
    ats.pipeline.batches.length = 0;
  });

  it('takes the applications and résumés of a deleted candidate along', async () => {
    await news(gone({ remoteId: 'c1' }));
    expect(await row('candidates', 'c1')).toMatchObject({ tombstone: 'deleted', name: 'Ines Moreau' });
    expect(await row('applications', 'a1')).toMatchObject({ tombstone: 'deleted' });
    expect(await row('resumes', 'r1')).toMatchObject({ tombstone: 'deleted' });
    expect(await row('candidates', 'c2')).toMatchObject({ tombstone: null });
    const told = ats.pipeline.batches.flatMap((batch) => batch.gone.map(({ kind }) => kind));
    expect(told.sort()).toEqual(['application', 'candidate', 'resume']);
  });

  it('follows a merge: the applications belong to the survivor, and the host is told who that is', async () => {
    await news(gone({ remoteId: 'c1', tombstone: 'merged', intoRemoteId: 'c2' }));
    const survivor = await row('candidates', 'c2');
    expect(await row('candidates', 'c1')).toMatchObject({ tombstone: 'merged', merged_into: 'c2' });
    expect(await row('applications', 'a1')).toMatchObject({ tombstone: null, candidate_remote_id: 'c2' });
    expect(ats.pipeline.batches.at(-1)?.gone).toMatchObject([{ tombstone: 'merged', intoId: survivor['id'] }]);
  });

  it('erases who was anonymised, with answers and files, and keeps the row', async () => {
    await news(gone({ remoteId: 'c1', tombstone: 'anonymised' }));
    const kept = JSON.stringify([
      await row('candidates', 'c1'),
      await row('applications', 'a1'),
      await row('resumes', 'r1'),
    ]);
    expect(kept).not.toMatch(/ines/i);
    expect(await row('candidates', 'c1')).toMatchObject({ anonymised: true, tombstone: 'anonymised' });
    await ats.get(FileRemovals).sweep();
    expect(removed).toEqual(['file-1']);
  });

  it('erases whoever was merged into the one who was anonymised, too', async () => {
    await news(gone({ remoteId: 'c1', tombstone: 'merged', intoRemoteId: 'c2' }));
    await news(gone({ remoteId: 'c2', tombstone: 'anonymised' }));
    const merged = await row('candidates', 'c1');
    expect(merged).toMatchObject({ tombstone: 'merged', anonymised: true, name: '', emails: [] });
    expect(JSON.stringify(merged)).not.toMatch(/ines/i);
    await ats.get(FileRemovals).sweep();
    expect(removed).toEqual(['file-1']);
  });

  it('destroys the files as well when the ATS shows the person blank instead of saying so', async () => {
    script.scripts.set('opportunities', [
      { records: [aCandidate('c1', { name: '', anonymised: true, updatedAt: after(60) })] },
    ]);
    await ats.sync(connection, 'incremental');
    await ats.get(FileRemovals).sweep();
    expect(removed).toEqual(['file-1']);
  });

  it('goes on destroying a file until the file store has done it', async () => {
    await news(gone({ remoteId: 'c1', tombstone: 'anonymised' }));
    failing = true;
    await ats.get(FileRemovals).sweep();
    expect(removed).toEqual([]);
    failing = false;
    await ats.database.rows(`update ats.file_removals set not_before = null`);
    await ats.get(FileRemovals).sweep();
    expect(removed).toEqual(['file-1']);
    expect(await ats.database.value(`select count(*)::int from ats.file_removals`, [])).toBe(0);
    expect(ats.get(FileStore)).toBeDefined();
  });

  it('passes over what is gone already or was never here', async () => {
    await news(gone({ remoteId: 'c1' }));
    ats.pipeline.batches.length = 0;
    await news(gone({ remoteId: 'c1' }), gone({ remoteId: 'nobody' }));
    expect(ats.pipeline.batches.flatMap((batch) => batch.gone)).toEqual([]);
  });

  it('is not undone by a page that the ATS was asked for before', async () => {
    ats.now = new Date(Date.now() + 60_000);
    await news(gone({ remoteId: 'c1' }));
    ats.now = null;
    script.scripts.set('opportunities', [{ records: [aCandidate('c1', { updatedAt: after(10) })] }]);
    await ats.sync(connection, 'incremental');
    expect(await row('candidates', 'c1')).toMatchObject({ tombstone: 'deleted' });
    ats.now = new Date(Date.now() + 120_000);
    await ats.sync(connection, 'incremental');
    expect(await row('candidates', 'c1')).toMatchObject({ tombstone: null });
  });

  it('marks who became private as hidden from this authorisation', async () => {
    script.scripts.set('opportunities', [{ withheld: [{ kind: 'candidate', remoteId: 'c1', reason: 'private' }] }]);
    await ats.sync(connection, 'incremental');
    expect(await row('candidates', 'c1')).toMatchObject({ tombstone: 'permission-lost' });
  });
});
