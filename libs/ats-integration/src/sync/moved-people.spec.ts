import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProviderRecord } from '../contract/records.js';
import { aCandidate, aJob, after, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';

describe('an application that is another person’s from one reading to the next', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    const { manifest } = script.provider;
    const kinds = { ...manifest.kinds, candidate: { deletions: 'none' }, application: { deletions: 'feed' } } as const;
    ats = await RunningAts.start({ provider: { ...script.provider, manifest: { ...manifest, kinds } } });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    script.scripts.clear();
    ats.pipeline.batches.length = 0;
    connection = await ats.connect();
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    await read(person('ann', 'a1'), person('ann', 'a2'), person('bea', 'a3'));
  });

  const person = (who: string, application: string, seconds = 0): ProviderRecord[] => [
    aCandidate(who, { updatedAt: after(seconds) }),
    anApplication(application, { candidateRemoteId: who, jobRemoteId: 'j1', updatedAt: after(seconds) }),
  ];
  const read = async (...rows: ProviderRecord[][]): Promise<void> => {
    script.scripts.set('opportunities', [{ records: rows.flat() }]);
    const run = await ats.sync(connection, script.asked.length === 0 ? 'initial' : 'incremental');
    expect(run.status).toBe('completed');
  };
  const gone = () =>
    ats.database.rows(
      `select remote_id, tombstone, merged_into from ats.candidates where connection_id = $1 and tombstone is not null`,
      [connection],
    );

  it('says that the one was merged into the other, when none is left', async () => {
    await read(person('bea', 'a1', 60), person('bea', 'a2', 60));
    expect(await gone()).toEqual([{ remote_id: 'ann', tombstone: 'merged', merged_into: 'bea' }]);
    const told = ats.pipeline.batches.flatMap((batch) => batch.gone);
    const [bea] = await ats.database.rows<{ id: string }>(
      `select id from ats.candidates where connection_id = $1 and remote_id = 'bea'`,
      [connection],
    );
    expect(told).toEqual([expect.objectContaining({ kind: 'candidate', tombstone: 'merged', intoId: bea?.id })]);
  });

  it('says so when the last of several moves, on whichever page', async () => {
    await read(person('bea', 'a1', 60));
    expect(await gone()).toEqual([]);
    await read(person('bea', 'a2', 120));
    expect(await gone()).toEqual([{ remote_id: 'ann', tombstone: 'merged', merged_into: 'bea' }]);
  });

  it('brings back who is shown again', async () => {
    await read(person('bea', 'a1', 60), person('bea', 'a2', 60));
    await read(person('ann', 'a1', 120));
    expect(await gone()).toEqual([]);
  });

  it('says nothing of who stays whose', async () => {
    await read(person('ann', 'a1', 60), person('bea', 'a3', 60));
    expect(await gone()).toEqual([]);
  });
});
