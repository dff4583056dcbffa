import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aCandidate, aJob, anApplication, aStage, after } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';
import { StageMapper } from './stage-mapper.js';

const WORKSPACE = 'workspace-1';

describe('StageMapper', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    connection = await ats.connect({ workspaceId: WORKSPACE });
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('stages', [
      { records: [aStage('s1', { name: 'Phone screen' }), aStage('s2', { name: 'Offer' })] },
    ]);
    script.scripts.set('opportunities', [
      { records: [aCandidate('c1'), anApplication('a1', { stageRemoteId: 's1' })] },
      { records: [aCandidate('c2'), anApplication('a2', { stageRemoteId: 's2' })] },
    ]);
    await ats.sync(connection);
  });

  const confirm = (key: string, hostStageId: string, workspaceId = WORKSPACE): ReturnType<StageMapper['confirm']> =>
    ats.get(StageMapper).confirm(workspaceId, connection, 'ann', [{ key, hostStageId }]);
  const hosted = async (): Promise<Record<string, string>> => {
    const rows = await ats.database.rows<{ remote_id: string; stage: string }>(
      `select h.remote_id, h.stage from host.applications h join ats.applications a on a.id = h.id where a.connection_id = $1 order by 1`,
      [connection],
    );
    return Object.fromEntries(rows.map(({ remote_id, stage }) => [remote_id, stage]));
  };

  it('shows a suggestion for every stage, with its reason and who stands there', async () => {
    const { mappings, hostStages } = await ats.get(StageMapper).view(WORKSPACE, connection);
    expect(hostStages).toEqual(ats.pipeline.hostStages);
    expect(
      mappings.map(({ key, hostStageId, status, applications }) => [key, hostStageId, status, applications]),
    ).toEqual([
      ['id:s2', 'offer', 'suggested', 1],
      ['id:s1', 'screen', 'suggested', 1],
    ]);
    for (const { reason } of mappings) expect(reason).not.toBe('');
  });

  it('moves what stands elsewhere when an admin confirms another stage', async () => {
    expect(await hosted()).toEqual({ a1: 'screen', a2: 'offer' });
    const { mappings } = await confirm('id:s1', 'interview');
    expect(mappings.find(({ key }) => key === 'id:s1')).toMatchObject({ status: 'confirmed', confidence: 1 });
    expect(await hosted()).toEqual({ a1: 'interview', a2: 'offer' });
  });

  it('holds for the pages of a sync that is under way', async () => {
    script.scripts.set('opportunities', [
      { records: [aCandidate('c3'), anApplication('a3', { candidateRemoteId: 'c3', stageRemoteId: 's1' })] },
      { records: [aCandidate('c4'), anApplication('a4', { candidateRemoteId: 'c4', stageRemoteId: 's1' })] },
      { records: [aCandidate('c5'), anApplication('a5', { candidateRemoteId: 'c5', stageRemoteId: 's1' })] },
    ]);
    script.before = async ({ stream, page }) => {
      if (stream === 'opportunities' && page === 2) await confirm('id:s1', 'interview');
    };
    await ats.sync(connection, 'resync');
    script.before = () => undefined;
    expect(await hosted()).toMatchObject({ a1: 'interview', a3: 'interview', a4: 'interview', a5: 'interview' });
  });

  it('never lets a suggestion overwrite what an admin confirmed', async () => {
    await confirm('id:s1', 'interview');
    script.scripts.set('stages', [
      {
        records: [
          aStage('s1', { name: 'Rejected', updatedAt: after(60) }),
          aStage('s3', { name: 'Onsite', updatedAt: after(60) }),
        ],
      },
    ]);
    script.scripts.set('opportunities', [
      { records: [anApplication('a1', { stageRemoteId: 's1', source: 'Fair', updatedAt: after(60) })] },
    ]);
    await ats.sync(connection, 'resync');
    const { mappings } = await ats.get(StageMapper).view(WORKSPACE, connection);
    const byKey = Object.fromEntries(mappings.map(({ key, hostStageId, status }) => [key, [hostStageId, status]]));
    expect(byKey).toMatchObject({ 'id:s1': ['interview', 'confirmed'], 'id:s3': ['interview', 'suggested'] });
    expect((await hosted())['a1']).toBe('interview');
  });

  it('keeps everything as it was when the host refuses the move', async () => {
    ats.pipeline.before = () => {
      throw new Error('The host is ill.');
    };
    await expect(confirm('id:s1', 'interview')).rejects.toThrow('The host is ill.');
    ats.pipeline.before = () => undefined;
    const { mappings } = await ats.get(StageMapper).view(WORKSPACE, connection);
    expect(mappings.every(({ status }) => status === 'suggested')).toBe(true);
    expect(await hosted()).toEqual({ a1: 'screen', a2: 'offer' });
  });

  it.each([
    ['a stage that the host does not have', 'id:s1', 'nowhere', 'unknown-stage'],
    ['a stage that the ATS does not have', 'id:s9', 'offer', 'unknown-stage'],
  ])('refuses %s', async (_, key, hostStageId, code) => {
    await expect(confirm(key, hostStageId)).rejects.toMatchObject({ code });
  });

  it("does not show or change another workspace's mapping (ASVS 8.2.2)", async () => {
    await expect(ats.get(StageMapper).view('globex', connection)).rejects.toMatchObject({ code: 'not-found' });
    await expect(confirm('id:s1', 'offer', 'globex')).rejects.toMatchObject({ code: 'not-found' });
    expect(await hosted()).toEqual({ a1: 'screen', a2: 'offer' });
  });
});
