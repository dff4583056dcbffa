import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../contract/fault.js';
import { SyncProcessor } from '../sync/sync-processor.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { aCandidate, aJob, aResume, aStage, after, anApplication } from '../testing-support/records.js';
import { WebhookWorld } from '../testing-support/webhook-world.js';
import type { Hooked } from '../testing-support/webhook-world.js';

const DELIVERIES = 10_000;
const SENT_TWICE = 0.3;
const APPLICATIONS = 40;

describe('what webhooks name', () => {
  let world: WebhookWorld;
  let hook: Hooked;

  beforeAll(async () => {
    world = await WebhookWorld.start();
  }, 60_000);
  afterAll(() => world.stop());
  beforeEach(async () => {
    world.records.clear();
    world.script.asked.length = 0;
    world.script.before = () => undefined;
    await world.ats.database.rows(`delete from ats.file_removals`);
    world.ats.pipeline.batches.length = 0;
    world.put(aJob('j1'), aStage('s1'), aStage('s2'), aCandidate('c1'), anApplication('a1', { stageRemoteId: 's1' }));
    hook = await world.hook();
    await world.ats.sync(hook.connectionId);
    world.script.asked.length = 0;
  });

  const application = async (remoteId: string) => {
    const [row] = await world.ats.database.rows<{ stage_remote_id: string; tombstone: string | null }>(
      `select stage_remote_id, tombstone from ats.applications where connection_id = $1 and remote_id = $2`,
      [hook.connectionId, remoteId],
    );
    return row;
  };
  const tell = (id: string, ...touched: [kind: 'application' | 'candidate' | 'job', remoteId: string][]) =>
    world.deliver(hook, { id, touched: touched.map(([kind, remoteId]) => ({ kind, remoteId })) });

  it('is read by id in a run of its own, and nothing else is', async () => {
    world.put(anApplication('a1', { stageRemoteId: 's2', updatedAt: after(60) }));
    await tell('d1', ['application', 'a1']);
    const runs = await world.readNamed(hook.connectionId);
    expect(runs).toMatchObject([{ kind: 'targeted', status: 'completed' }]);
    expect(await application('a1')).toEqual({ stage_remote_id: 's2', tombstone: null });
    expect(world.script.asked.map(({ stream, request }) => `${stream} ${request.mode}`)).toEqual(['applications ids']);
    expect(await world.inbox(hook.connectionId)).toMatchObject([{ state: 'done' }]);
  });

  it('brings along the job and the candidate of an application that are not here yet', async () => {
    world.put(aJob('j2'), aCandidate('c2'), anApplication('a2', { jobRemoteId: 'j2' }));
    await tell('d1', ['application', 'a2']);
    await world.readNamed(hook.connectionId);
    expect(await world.ats.ids(hook.connectionId, 'jobs')).toEqual(['j1', 'j2']);
    expect(await world.ats.hosted(hook.connectionId)).toEqual(['a1', 'a2']);
  });

  it('does not put the next poll off, and says nothing of how complete the lists are', async () => {
    const state = () =>
      world.ats.database.rows(
        `select c.next_run_at, c.last_synced_at, (select max(complete_until) from ats.sync_watermarks where connection_id = c.id)
         from ats.connections c where id = $1`,
        [hook.connectionId],
      );
    const before = await state();
    await tell('d1', ['application', 'a1']);
    await world.readNamed(hook.connectionId);
    expect(await state()).toEqual(before);
  });

  it('is asked for once more before it is taken for deleted, and comes back when the ATS has it again', async () => {
    world.records.delete('application:a1');
    await tell('d1', ['application', 'a1']);
    expect(await world.readNamed(hook.connectionId)).toHaveLength(2);
    expect(await application('a1')).toMatchObject({ tombstone: 'deleted' });
    world.put(anApplication('a1', { stageRemoteId: 's1' }));
    await tell('d2', ['application', 'a1']);
    await world.readNamed(hook.connectionId);
    expect(await application('a1')).toMatchObject({ tombstone: null });
  });

  it('gets the tombstone that the ATS hinted at, once it is seen to be gone, and the host is told', async () => {
    world.records.delete('candidate:c1');
    await world.deliver(hook, { id: 'd1', gone: [{ kind: 'candidate', remoteId: 'c1', tombstone: 'anonymised' }] });
    expect(await world.readNamed(hook.connectionId)).toHaveLength(1);
    const [row] = await world.ats.database.rows<{ id: string; tombstone: string }>(
      `select id, tombstone from ats.candidates where connection_id = $1`,
      [hook.connectionId],
    );
    expect(row?.tombstone).toBe('anonymised');
    expect(world.ats.pipeline.batches.at(-1)?.gone).toEqual([
      { kind: 'candidate', id: row?.id, tombstone: 'anonymised', intoId: null },
    ]);
  });

  describe('of a person who was anonymised and whom the ATS goes on listing', () => {
    const answer = { visa: { name: 'Visa', type: 'short_text', value: 'Ines needs one' } };
    const kept = (table: string) =>
      world.ats.database.rows<Record<string, unknown>>(
        `select * from ats.${table} where connection_id = $1 order by remote_id`,
        [hook.connectionId],
      );
    const phone = [{ value: '+33600000000', type: null }];

    beforeEach(async () => {
      world.put(
        aCandidate('c1', { name: 'Ines Moreau', phones: phone }),
        anApplication('a1', { stageRemoteId: 's1', customFields: answer }),
        aResume('r1', { filename: 'ines.pdf' }),
        aResume('r2', { candidateRemoteId: 'c1', filename: 'ines-2.pdf' }),
      );
      await world.ats.sync(hook.connectionId, 'resync');
      await world.ats.database.rows(
        `update ats.resumes set file_state = 'stored', file_reference = remote_id || '-file' where connection_id = $1`,
        [hook.connectionId],
      );
      world.put(aCandidate('c1', { name: '', phones: phone, updatedAt: after(60) }));
      world.script.asked.length = 0;
    });
    const anonymise = () =>
      world.deliver(hook, { id: 'd1', gone: [{ kind: 'candidate', remoteId: 'c1', tombstone: 'anonymised' }] });

    it('erases files and answers, and the row is as the ATS shows it', async () => {
      world.put(anApplication('a1', { stageRemoteId: 's1' }));
      for (const id of ['r1', 'r2']) world.records.delete(`resume:${id}`);
      await anonymise();
      await world.readNamed(hook.connectionId);
      expect(await kept('candidates')).toMatchObject([{ tombstone: null, name: '', phones: phone }]);
      expect(await kept('applications')).toMatchObject([{ tombstone: null, custom_fields: {} }]);
      expect(await kept('resumes')).toMatchObject(
        ['r1', 'r2'].map(() => ({ tombstone: 'anonymised', filename: '', file_state: 'gone', file_reference: null })),
      );
      const removals = await world.ats.database.rows<{ reference: string }>(`select reference from ats.file_removals`);
      expect(removals.map(({ reference }) => reference).sort()).toEqual(['r1-file', 'r2-file']);
      expect(world.ats.pipeline.batches.flatMap(({ gone }) => gone)).toMatchObject(
        ['r1', 'r2'].map((id) => ({ kind: 'resume', tombstone: 'anonymised', reference: `${id}-file` })),
      );
      expect(JSON.stringify([await kept('candidates'), await kept('applications'), await kept('resumes')])).not.toMatch(
        /ines/i,
      );
      expect(await world.inbox(hook.connectionId)).toMatchObject([{ state: 'done' }]);
    });

    it('brings back in the same round what the ATS did not erase', async () => {
      world.records.delete('resume:r1');
      await anonymise();
      expect(await world.readNamed(hook.connectionId)).toHaveLength(1);
      expect(await kept('applications')).toMatchObject([{ custom_fields: answer }]);
      expect(await kept('resumes')).toMatchObject([
        { tombstone: 'anonymised', filename: '' },
        { tombstone: null, filename: 'ines-2.pdf', file_state: 'pending' },
      ]);
    });

    it('erases them although the ATS cannot be read now, and only once', async () => {
      const { before } = world.script;
      world.script.before = ({ request }) => {
        if (request.mode === 'ids') throw new ProviderFault('invalid-request', 'Scripted cannot say now.');
      };
      await anonymise();
      await world.readOnce(hook.connectionId);
      expect(await kept('applications')).toMatchObject([{ custom_fields: {} }]);
      expect(await kept('resumes')).toMatchObject([{ file_state: 'gone' }, { file_state: 'gone' }]);
      world.script.before = before;
      await world.ats.sync(hook.connectionId, 'resync');
      await world.readNamed(hook.connectionId);
      expect(await kept('applications')).toMatchObject([{ custom_fields: answer }]);
      expect(await kept('candidates')).toMatchObject([{ tombstone: null, name: '' }]);
    });
  });

  const merge = (id: string) =>
    world.deliver(hook, {
      id,
      gone: [{ kind: 'candidate', remoteId: 'c1', tombstone: 'merged', intoRemoteId: 'c9' }],
    });
  const candidateId = (remoteId: string) =>
    world.ats.database.value<string>(`select id from ats.candidates where connection_id = $1 and remote_id = $2`, [
      hook.connectionId,
      remoteId,
    ]);
  const goneInHost = () => world.ats.pipeline.batches.flatMap((batch) => batch.gone);

  it('of a merge into somebody who applied to no open job brings that one, and the host is told who it is', async () => {
    world.records.delete('candidate:c1');
    world.put(aCandidate('c9'));
    world.ats.pipeline.batches.length = 0;
    await merge('d1');
    await world.readNamed(hook.connectionId);
    const survivor = await candidateId('c9');
    expect(goneInHost()).toMatchObject([{ tombstone: 'merged', id: await candidateId('c1'), intoId: survivor }]);
    const [row] = await world.ats.database.rows(
      `select candidate_remote_id from ats.applications where connection_id = $1 and remote_id = 'a1' and tombstone is null`,
      [hook.connectionId],
    );
    expect(row).toEqual({ candidate_remote_id: 'c9' });
  });

  it('of a merge lets nobody in when the one that was merged is not here', async () => {
    world.put(aCandidate('c9'));
    await world.deliver(hook, {
      id: 'd1',
      gone: [{ kind: 'candidate', remoteId: 'stranger', tombstone: 'merged', intoRemoteId: 'c9' }],
    });
    await world.readNamed(hook.connectionId);
    expect(await world.ats.ids(hook.connectionId, 'candidates')).toEqual(['c1']);
  });

  it('of a merge tells the host once more when the survivor comes after it', async () => {
    world.records.delete('candidate:c1');
    world.records.delete('application:a1');
    world.ats.pipeline.batches.length = 0;
    await merge('d1');
    await world.readNamed(hook.connectionId);
    expect(goneInHost()).toMatchObject([{ tombstone: 'merged', intoId: null }]);
    world.put(aCandidate('c9'));
    await tell('d2', ['candidate', 'c9']);
    await world.readNamed(hook.connectionId);
    const told = goneInHost().at(-1);
    expect(told).toMatchObject({ tombstone: 'merged', id: await candidateId('c1'), intoId: await candidateId('c9') });
  });

  it('stays when a hint says that it is gone and the ATS still has it', async () => {
    await world.deliver(hook, { id: 'd1', gone: [{ kind: 'candidate', remoteId: 'c1', tombstone: 'deleted' }] });
    await world.readNamed(hook.connectionId);
    expect(await world.ats.ids(hook.connectionId, 'candidates')).toEqual(['c1']);
  });

  it('is given up after four failures only where a poll brings it too', async () => {
    const { before } = world.script;
    world.script.before = ({ request }) => {
      if (request.mode === 'ids') throw new ProviderFault('invalid-request', 'Scripted cannot say now.');
    };
    world.records.delete('candidate:c1');
    await tell('d1', ['candidate', 'c1']);
    await world.deliver(hook, { id: 'd2', gone: [{ kind: 'candidate', remoteId: 'c1', tombstone: 'anonymised' }] });
    for (let round = 0; round < 12; round += 1) await world.readOnce(hook.connectionId);
    expect(await world.inbox(hook.connectionId)).toMatchObject([{ state: 'given-up' }, { state: 'pending' }]);
    const waits = await world.ats.database.value<number>(
      `select extract(epoch from not_before - now())::float8 from ats.webhook_inbox where connection_id = $1 and state = 'pending'`,
      [hook.connectionId],
    );
    expect(waits).toBeGreaterThan(3000);
    expect(waits).toBeLessThanOrEqual(3600);
    world.script.before = before;
    await world.readNamed(hook.connectionId);
    expect(await world.inbox(hook.connectionId)).toMatchObject([{ state: 'given-up' }, { state: 'done' }]);
    expect(
      await world.ats.database.value(`select tombstone from ats.candidates where connection_id = $1`, [
        hook.connectionId,
      ]),
    ).toBe('anonymised');
  });

  it('of a burst is read in a few requests', async () => {
    const many = Array.from({ length: 200 }, (_, at) => `a${at + 10}`);
    for (const id of many) world.put(aCandidate(id.replace('a', 'c')), anApplication(id));
    world.ats.queue.items.length = 0;
    await Promise.all(many.map((id) => tell(id, ['application', id])));
    const wakes = world.ats.queue.items.filter(({ kind }) => kind === 'named-records');
    expect(wakes.length).toBeLessThanOrEqual(20);
    expect(wakes.length).toBeGreaterThan(0);
    expect(await world.readNamed(hook.connectionId)).toHaveLength(1);
    expect(world.script.asked).toHaveLength(2);
    expect(await world.ats.hosted(hook.connectionId)).toHaveLength(201);
  });

  it('waits in the database: a process that comes up later finds it', async () => {
    world.put(anApplication('a1', { stageRemoteId: 's2', updatedAt: after(60) }));
    await tell('d1', ['application', 'a1']);
    const runId = await world.ats.get(SyncRuns).request(hook.connectionId, 'targeted', 'webhook');
    // The worker died while it had the run.
    await world.ats.database.rows(
      `update ats.sync_runs set status = 'running', fence = 1, lease_until = now() - interval '1 second' where id = $1`,
      [runId],
    );
    expect(await world.ats.work(runId)).toMatchObject({ status: 'completed' });
    expect(await application('a1')).toMatchObject({ stage_remote_id: 's2' });
  });

  it('is read while the first sync goes on, and an older page that comes later does not undo it', async () => {
    const other = await world.hook();
    world.put(aStage('undated', { name: 'Before', updatedAt: null }));
    let read: () => void = () => undefined;
    const named = new Promise<void>((resolve) => (read = resolve));
    world.script.before = async ({ stream, request }) => {
      if (stream !== 'applications') return;
      if (request.mode === 'full') {
        await world.deliver(other, { id: 'd1', touched: [{ kind: 'application', remoteId: 'a1' }] });
        // The list was asked and holds the old state; by id the ATS says the new one.
        const old = world.records.get('application:a1');
        world.put(anApplication('a1', { stageRemoteId: 's2', updatedAt: null }));
        await named;
        if (old !== undefined) world.put(anApplication('a1', { stageRemoteId: 's1', updatedAt: null }));
      } else setTimeout(read, 300);
    };
    // The list's rows are made when it is asked, as an ATS does.
    world.script.scripts.set('applications', (asked) => {
      const held = [...world.records.values()].filter(({ kind }) => kind === 'application');
      return [
        { records: asked.mode === 'full' ? [anApplication('a1', { stageRemoteId: 's1', updatedAt: null })] : held },
      ];
    });
    const run = await world.ats.sync(other.connectionId);
    expect(run.status).toBe('completed');
    const stage = await world.ats.database.value(
      `select stage_remote_id from ats.applications where connection_id = $1 and remote_id = 'a1'`,
      [other.connectionId],
    );
    expect(stage).toBe('s2');
    expect(await world.inbox(other.connectionId)).toMatchObject([{ state: 'done' }]);
    world.script.scripts.set('applications', (asked) => [
      {
        records: [...world.records.values()].filter(
          ({ kind, remoteId }) =>
            kind === 'application' && (asked.mode !== 'ids' || asked.remoteIds.includes(remoteId)),
        ),
      },
    ]);
  }, 20_000);

  it('gives way to a poll, which reads it along', async () => {
    world.put(anApplication('a1', { stageRemoteId: 's2', updatedAt: after(60) }));
    await tell('d1', ['application', 'a1']);
    const targeted = await world.ats.get(SyncRuns).request(hook.connectionId, 'targeted', 'webhook');
    const poll = await world.ats.sync(hook.connectionId, 'incremental');
    expect(poll).toMatchObject({ kind: 'incremental', status: 'completed' });
    expect(await world.ats.run(targeted)).toMatchObject({ status: 'aborted' });
    await world.ats.get(SyncProcessor).process(targeted);
    await world.readNamed(hook.connectionId);
    expect(await world.inbox(hook.connectionId)).toMatchObject([{ state: 'done' }]);
    expect(await application('a1')).toMatchObject({ stage_remote_id: 's2' });
  });

  it(`comes to the same state after ${DELIVERIES} deliveries in any order with ${SENT_TWICE * 100} % of them twice`, async () => {
    const ids = Array.from({ length: APPLICATIONS }, (_, at) => `a${at + 1}`);
    for (const id of ids) world.put(aCandidate(id.replace('a', 'c')), anApplication(id));
    const deliveries = Array.from({ length: DELIVERIES }, (_, at) => ({
      id: `e${at}`,
      of: ids[at % APPLICATIONS] ?? 'a1',
    }));
    const twice = deliveries.filter((_, at) => at % 10 < SENT_TWICE * 10);
    const order = [...deliveries, ...twice].sort(() => Math.random() - 0.5);
    const sent = order.length;
    let at = 0;
    const begun = new Set<string>();
    const sender = async (): Promise<void> => {
      while (at < sent) {
        const { id, of } = order[at++] ?? { id: '', of: '' };
        if (at % 2000 === 0) await world.readNamed(hook.connectionId);
        // The ATS goes on: what a delivery tells of is an older state by the time it is read. A repeat tells of nothing new.
        if (!begun.has(id))
          world.put(
            anApplication(of, { stageRemoteId: begun.size % 3 === 0 ? 's1' : 's2', updatedAt: after(begun.size) }),
          );
        begun.add(id);
        expect(await tell(id, ['application', of])).toBe(200);
      }
    };
    await Promise.all([sender(), sender(), sender(), sender()]);
    await world.readNamed(hook.connectionId);
    expect(await world.inbox(hook.connectionId)).toHaveLength(DELIVERIES);
    const rows = await world.ats.database.rows<{ remote_id: string; stage: string; version: number }>(
      `select remote_id, stage_remote_id as stage, version::float8 as version from ats.applications where connection_id = $1`,
      [hook.connectionId],
    );
    const oracle = [...world.records.values()].flatMap((record) =>
      record.kind === 'application'
        ? [{ remote_id: record.remoteId, stage: record.stageRemoteId, version: record.updatedAt?.getTime() }]
        : [],
    );
    const byId = (left: { remote_id: string }, right: { remote_id: string }) =>
      left.remote_id.localeCompare(right.remote_id);
    expect(rows.sort(byId)).toEqual(oracle.sort(byId));
  }, 120_000);
});
