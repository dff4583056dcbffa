import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProviderRecord } from '../contract/records.js';
import type { GoneRecord } from '../contract/tombstone.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { PersonRef } from '../host/hiring-pipeline.port.js';
import { PeopleHost } from '../testing-support/people-host.js';
import type { PersonRow } from '../testing-support/people-host.js';
import { aCandidate, aJob, aResume, after, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';
import { batchOf } from '../host/batch-of.js';
import { CandidateMerges } from './candidate-merges.js';
import { DuplicateSearch } from './duplicate-search.js';
import { Duplicates } from './duplicates.js';
import type { DuplicateView } from './duplicates.js';

const email = (value: string) => [{ value, type: null }];
const ADA = { userId: 'ada' };

describe('duplicates', () => {
  const script = new ScriptedAts([...LISTED_TOGETHER, { name: 'resumes', kinds: ['resume'] }]);
  const host = new PeopleHost();
  let ats: RunningAts;
  let workspaceId: string;
  let here: string;
  let there: string;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider, ports: { hiringPipeline: { useValue: host } } });
    await PeopleHost.createTables(ats.database);
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    host.onMerge = () => undefined;
    workspaceId = `w-${Math.random().toString(36).slice(2)}`;
    here = await ats.connect({ workspaceId });
    there = await ats.connect({ workspaceId });
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('resumes', []);
  });

  const page = async (connection: string, records: ProviderRecord[], gone: GoneRecord[] = []): Promise<void> => {
    script.scripts.set('opportunities', [{ records, gone }]);
    expect(await ats.sync(connection, 'incremental')).toMatchObject({ status: 'completed' });
  };
  const id = (connection: string, remoteId: string): Promise<string> =>
    ats.database.value(`select id from ats.candidates where connection_id = $1 and remote_id = $2`, [
      connection,
      remoteId,
    ]);
  const ref = async (connection: string, remoteId: string): Promise<PersonRef> => ({
    kind: 'ats',
    id: await id(connection, remoteId),
  });
  const search = async (): Promise<DuplicateView[]> => {
    await ats.get(DuplicateSearch).search(workspaceId);
    return ats.get(Duplicates).list(workspaceId, { limit: 50 });
  };
  const only = async (): Promise<DuplicateView> => {
    const [found, ...others] = await search();
    expect(others).toEqual([]);
    if (found === undefined) throw new Error('Nothing was found.');
    return found;
  };
  /** Who is shown, with the remote ids of their applications. */
  const people = async (): Promise<(PersonRow & { places: string[] })[]> =>
    ats.database.rows(
      `select p.*, coalesce((select json_agg(coalesce(l.remote_id, 'by hand') order by l.remote_id) from host.places l where l.person_id = p.id), '[]') as places
       from host.people p where workspace_id = $1 and merged_into is null order by name, id`,
      [workspaceId],
    );
  const merge = async (left: PersonRef, right: PersonRef, choices = {}) =>
    ats.get(CandidateMerges).merge({ workspaceId, left, right, choices, actor: ADA });
  const undo = (mergeId: string) => ats.get(CandidateMerges).undo({ workspaceId, mergeId, actor: ADA });
  const twice = async (): Promise<void> => {
    await page(here, [
      aCandidate('c1', { name: 'Zoë Ortega', emails: email('zoe@x.example'), headline: 'Old', company: 'Initech' }),
      anApplication('a1'),
    ]);
    await page(there, [
      aCandidate('c2', { name: 'Zoe Ortega', emails: email('ZOE@x.example'), headline: 'New', updatedAt: after(60) }),
      anApplication('a2'),
    ]);
  };
  const gone = (remoteId: string, over: Partial<GoneRecord> = {}): GoneRecord => ({
    kind: 'candidate',
    remoteId,
    tombstone: 'deleted',
    intoRemoteId: null,
    at: null,
    ...over,
  });

  describe('are found', () => {
    it('within a connection, across connections, and among the host’s own people', async () => {
      await twice();
      await page(here, [aCandidate('c3', { name: 'Zoë Ortega', emails: email('zoe@x.example') }), anApplication('a3')]);
      await host.add(ats.database, workspaceId, { id: 'own-1', name: 'Z. Ortega', emails: ['zoe@x.example'] });
      await host.add(ats.database, workspaceId, { id: 'own-2', name: 'Max Frei', emails: ['max@x.example'] });
      const found = await search();
      expect(found.map(({ left, right, confidence }) => `${left.kind}-${right.kind} ${confidence}`).sort()).toEqual([
        'ats-ats high',
        'ats-ats high',
        'ats-ats high',
        'ats-own medium',
        'ats-own medium',
        'ats-own medium',
      ]);
      expect(found.map(({ score }) => score)).toEqual([80, 80, 80, 60, 60, 60]);
      const paged = await ats.get(Duplicates).list(workspaceId, { limit: 2 });
      const rest = await ats.get(Duplicates).list(workspaceId, { limit: 50, after: paged[1]?.id });
      expect([...paged, ...rest]).toEqual(found);
    });

    it('again only when something new speaks for it, once they were dismissed', async () => {
      await twice();
      const { id: duplicate } = await only();
      await ats.get(Duplicates).dismiss(workspaceId, duplicate, 'ada');
      expect(await search()).toEqual([]);
      await page(here, [
        aCandidate('c1', { name: 'Zoë Ortega', emails: email('zoe@x.example'), updatedAt: after(90) }),
      ]);
      expect(await search()).toEqual([]);
      const phones = [{ value: '+34 600 000 001', type: null }];
      for (const [connection, c] of [
        [here, 'c1'],
        [there, 'c2'],
      ] as const)
        await page(connection, [
          aCandidate(c, { name: 'Zoë Ortega', emails: email('zoe@x.example'), phones, updatedAt: after(120) }),
        ]);
      expect((await only()).evidence.map(({ kind }) => kind)).toContain('same-phone');
    });

    it('no more when an address changes, and never for a key that a crowd shares', async () => {
      await twice();
      await only();
      await page(there, [
        aCandidate('c2', { name: 'Zoe Ortega', emails: email('other@x.example'), updatedAt: after(90) }),
      ]);
      expect(await search()).toEqual([]);
      const crowd = Array.from({ length: 21 }, (_, at) => `c${at + 10}`);
      await page(
        here,
        crowd.flatMap((c) => [
          aCandidate(c, { name: 'Temp', emails: email('agency@x.example') }),
          anApplication(c.replace('c', 'a')),
        ]),
      );
      expect(await search()).toEqual([]);
    });

    it('by a sweep after a sync, and not again and again', async () => {
      await twice();
      const sweep = async (): Promise<number> => {
        await ats.get(DuplicateSearch).sweep();
        return (await ats.get(Duplicates).list(workspaceId, { limit: 50 })).length;
      };
      expect(await sweep()).toBe(1);
      await page(here, [aCandidate('c3', { name: 'Zoë Ortega', emails: email('zoe@x.example') }), anApplication('a3')]);
      expect(await sweep()).toBe(1);
      await ats.database.rows(
        `update ats.duplicate_searches set searched_at = now() - interval '6 minutes' where workspace_id = $1`,
        [workspaceId],
      );
      expect(await sweep()).toBe(3);
    });

    it('not in another workspace', async () => {
      await twice();
      await only();
      expect(await ats.get(Duplicates).list('somebody-else', { limit: 50 })).toEqual([]);
      await expect(ats.get(Duplicates).preview('somebody-else', (await only()).id)).rejects.toMatchObject({
        code: 'not-found',
      });
    });
  });

  describe('are merged', () => {
    it('with a preview that says for each field what is proposed and why', async () => {
      await twice();
      const { fields } = await ats.get(Duplicates).preview(workspaceId, (await only()).id);
      expect(Object.fromEntries(fields.map(({ field, choice }) => [field, choice]))).toMatchObject({
        name: 'right',
        emails: 'both',
        headline: 'right',
        company: 'left',
      });
      expect(fields.find(({ field }) => field === 'headline')).toMatchObject({
        left: 'Old',
        right: 'New',
        sides: ['left', 'right'],
        reason: 'This side was changed later in its ATS.',
      });
    });

    it('so that the applications go to the survivor, and no sync makes the other one again', async () => {
      await twice();
      const found = await only();
      const done = await ats
        .get(Duplicates)
        .merge({ workspaceId, duplicateId: found.id, choices: { headline: 'left' }, actor: ADA });
      expect(done).toMatchObject({ survivor: found.left, merged: found.right, mergedBy: 'ada', undoneAt: null });
      expect(await people()).toMatchObject([{ headline: 'Old', company: 'Initech', places: ['a1', 'a2'] }]);
      await page(there, [
        aCandidate('c2', {
          name: 'Zoe Renamed',
          emails: email('zoe@x.example'),
          headline: 'Newer',
          updatedAt: after(90),
        }),
        anApplication('a2', { updatedAt: after(90) }),
        anApplication('a9', { candidateRemoteId: 'c2' }),
      ]);
      // The name was chosen of the merged one and follows it; the headline was not.
      expect(await people()).toMatchObject([{ name: 'Zoe Renamed', headline: 'Old', places: ['a1', 'a2', 'a9'] }]);
      expect(await search()).toEqual([]);
      expect((await ats.get(CandidateMerges).list(workspaceId, { limit: 5 })).map(({ id: one }) => one)).toEqual([
        done.id,
      ]);
    });

    it('and two again: each has what the syncs brought it meanwhile', async () => {
      await twice();
      const { id: mergeId } = await merge(await ref(here, 'c1'), await ref(there, 'c2'));
      await page(there, [
        aCandidate('c2', { name: 'Zoe Two', headline: 'Later', updatedAt: after(90) }),
        anApplication('a9', { candidateRemoteId: 'c2' }),
      ]);
      await undo(mergeId);
      expect(await people()).toMatchObject([
        { name: 'Zoe Two', headline: 'Later', places: ['a2', 'a9'] },
        { name: 'Zoë Ortega', headline: 'Old', places: ['a1'] },
      ]);
      await expect(undo(mergeId)).rejects.toMatchObject({ code: 'already-undone' });
      await page(there, [aCandidate('c2', { name: 'Zoe Three', updatedAt: after(120) })]);
      expect((await people()).map(({ name }) => name)).toEqual(['Zoe Three', 'Zoë Ortega']);
    });

    it('with résumés, and an un-merge leaves nobody with the other one’s file', async () => {
      await twice();
      script.scripts.set('resumes', [{ records: [aResume('r2', { candidateRemoteId: 'c2' })] }]);
      await page(there, []);
      await ats.database.rows(
        `update ats.resumes set file_state = 'stored', file_reference = 'ref-2' where connection_id = $1`,
        [there],
      );
      const { id: mergeId } = await merge(await ref(here, 'c1'), await ref(there, 'c2'));
      const files = () =>
        ats.database.rows(
          `select p.record_id, f.reference from host.files f join host.people p on p.id = f.person_id where p.workspace_id = $1`,
          [workspaceId],
        );
      expect(await files()).toEqual([{ record_id: await id(here, 'c1'), reference: 'ref-2' }]);
      await undo(mergeId);
      expect(await files()).toEqual([{ record_id: await id(there, 'c2'), reference: 'ref-2' }]);
    });

    it('with one of the host’s own, whose applications go along and come back', async () => {
      await twice();
      const own: PersonRef = {
        kind: 'own',
        id: await host.add(
          ats.database,
          workspaceId,
          { name: 'Zoë O.', emails: ['z@home.example'], headline: 'By hand' },
          'aaaaaaaa-0000-4000-8000-00000000000' + String(Math.floor(Math.random() * 10)),
        ),
      };
      const first = await merge(await ref(here, 'c1'), own, { headline: 'right' });
      const second = await merge(await ref(there, 'c2'), await ref(here, 'c1'));
      expect(await people()).toMatchObject([{ places: ['a1', 'a2', 'by hand'] }]);
      // The first merge is taken back although a second one stands on it.
      await undo(first.id);
      expect((await people()).map(({ places }) => places).sort()).toEqual([['a1', 'a2'], ['by hand']]);
      await undo(second.id);
      expect((await people()).map(({ places }) => places).sort()).toEqual([['a1'], ['a2'], ['by hand']]);
    });

    it.each([
      ['newest', 'By hand', 'From the ATS'],
      ['elly-wins', 'By hand', 'By hand'],
    ] as const)(
      'a value that was chosen of the host’s own, under the policy %s, outlives what the ATS changes',
      async (policy, untouched, changed) => {
        await ats.database.rows(`update ats.connections set settings = $2::jsonb where id = $1`, [
          here,
          JSON.stringify({ conflicts: { stage: policy } }),
        ]);
        await twice();
        const own = await host.add(ats.database, workspaceId, { name: 'Zoë', headline: 'By hand' });
        await merge(await ref(here, 'c1'), { kind: 'own', id: own }, { headline: 'right' });
        const headline = async () => (await people()).find(({ places }) => places.includes('a1'))?.headline;
        await page(here, [aCandidate('c1', { name: 'Zoë', headline: 'Old', company: 'Moved', updatedAt: after(60) })]);
        expect(await headline()).toBe(untouched);
        await page(here, [aCandidate('c1', { name: 'Zoë', headline: 'From the ATS', updatedAt: after(90) })]);
        expect(await headline()).toBe(changed);
      },
    );

    it('never twice, never in a circle, and never with whoever is gone', async () => {
      await twice();
      await page(here, [aCandidate('c3', { name: 'Third' }), anApplication('a3')]);
      const [one, two, three] = [await ref(here, 'c1'), await ref(there, 'c2'), await ref(here, 'c3')];
      await merge(one, two);
      await expect(merge(two, one)).rejects.toMatchObject({ code: 'already-merged' });
      await expect(merge(three, two)).rejects.toMatchObject({ code: 'already-merged' });
      await expect(merge(one, one)).rejects.toMatchObject({ code: 'invalid-request' });
      await expect(merge(three, one, { name: 'both' })).rejects.toMatchObject({ code: 'invalid-request' });
      await expect(
        ats.get(CandidateMerges).merge({ workspaceId, left: three, right: { kind: 'own', id: 'nobody' }, actor: ADA }),
      ).rejects.toMatchObject({ code: 'not-found' });
      await page(here, [], [gone('c3')]);
      await expect(merge(one, three)).rejects.toMatchObject({ code: 'candidate-gone' });
    });

    it('by two admins at once: one wins, the other is told', async () => {
      await twice();
      const { id: duplicateId } = await only();
      const request = { workspaceId, duplicateId, actor: ADA };
      const ends = await Promise.allSettled([
        ats.get(Duplicates).merge(request),
        ats.get(Duplicates).merge({ ...request, survivor: 'right' }),
      ]);
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already-merged' } });
      expect(await people()).toHaveLength(1);
    });

    it('or not at all: with the host’s transaction the links, the event and the audit roll back', async () => {
      await twice();
      const [left, right] = [await ref(here, 'c1'), await ref(there, 'c2')];
      const failing = ats.database.em().transactional(async (em) => {
        await ats.get(CandidateMerges).merge({ workspaceId, left, right, actor: ADA }, em);
        throw new Error('the host thought better of it');
      });
      await expect(failing).rejects.toThrow('better');
      expect(await people()).toHaveLength(2);
      const rows = `select count(*)::int from ats.candidate_links where workspace_id = $1`;
      expect(await ats.database.value(rows, [workspaceId])).toBe(0);
      await merge(left, right);
      expect(await ats.database.value(rows, [workspaceId])).toBe(1);
      const events = await ats.database.rows<{ body: object }>(
        `select body from ats.outbox_events where workspace_id = $1 and body->>'type' like 'candidates.%'`,
        [workspaceId],
      );
      expect(events.map(({ body }) => body)).toMatchObject([
        { type: 'candidates.merged', survivorId: left.id, mergedKind: 'ats', mergedId: right.id },
      ]);
    });

    it('while a page commits: the page goes first or sees the merge, and nothing is lost', async () => {
      await twice();
      const [left, right] = [await ref(here, 'c1'), await ref(there, 'c2')];
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      let reached = (): void => undefined;
      const waiting = new Promise<void>((resolve) => (reached = resolve));
      // The merge has written its links and is not committed: a page of the merged one comes in between.
      host.onMerge = async () => {
        reached();
        await held;
      };
      const merging = merge(left, right);
      await waiting;
      const syncing = page(there, [
        aCandidate('c2', { name: 'Zoe Late', updatedAt: after(90) }),
        anApplication('a8', { candidateRemoteId: 'c2' }),
      ]);
      await new Promise((resolve) => setTimeout(resolve, 150));
      release();
      await Promise.all([merging, syncing]);
      expect(await people()).toMatchObject([{ name: 'Zoe Late', places: ['a1', 'a2', 'a8'] }]);
    });
  });

  describe('and what the ATS does with their records', () => {
    it('merged there as here: the person stays one, whichever record was kept', async () => {
      await page(here, [
        aCandidate('c1', { name: 'One' }),
        anApplication('a1'),
        aCandidate('c2', { name: 'Two' }),
        anApplication('a2'),
      ]);
      const { id: mergeId } = await merge(await ref(here, 'c1'), await ref(here, 'c2'));
      await page(here, [], [gone('c1', { tombstone: 'merged', intoRemoteId: 'c2' })]);
      expect(await people()).toMatchObject([{ name: 'Two', gone: null, places: ['a1', 'a2'] }]);
      await undo(mergeId);
      expect(await people()).toMatchObject([
        { gone: 'merged', places: [] },
        { name: 'Two', gone: null, places: ['a1', 'a2'] },
      ]);
    });

    it('merged there into a third: its applications follow it, the survivor keeps the rest', async () => {
      await page(
        here,
        [1, 2, 3].flatMap((n) => [aCandidate(`c${n}`, { name: `P${n}` }), anApplication(`a${n}`)]),
      );
      await merge(await ref(here, 'c1'), await ref(here, 'c2'));
      await page(here, [], [gone('c2', { tombstone: 'merged', intoRemoteId: 'c3' })]);
      expect(await people()).toMatchObject([
        { name: 'P1', gone: null, places: ['a1'] },
        { name: 'P3', gone: null, places: ['a2', 'a3'] },
      ]);
    });

    it('deleted there: the person is gone when all its records are', async () => {
      await twice();
      await merge(await ref(here, 'c1'), await ref(there, 'c2'), { headline: 'left' });
      await page(here, [], [gone('c1')]);
      expect(await people()).toMatchObject([{ gone: null, headline: 'New' }]);
      await page(there, [], [gone('c2')]);
      expect(await people()).toMatchObject([{ gone: 'deleted' }]);
      await page(there, [
        aCandidate('c2', { name: 'Back', updatedAt: after(90) }),
        anApplication('a2', { updatedAt: after(90) }),
      ]);
      expect(await people()).toMatchObject([{ name: 'Back', gone: null }]);
    });

    it('anonymised there: what came of that record is erased, and all of it with the last one', async () => {
      await twice();
      const own = await host.add(ats.database, workspaceId, { name: 'Zoë', headline: 'By hand' });
      await merge(await ref(here, 'c1'), await ref(there, 'c2'), { headline: 'right', company: 'left' });
      await merge(await ref(here, 'c1'), { kind: 'own', id: own }, { headline: 'left' });
      await page(there, [], [gone('c2', { tombstone: 'anonymised' })]);
      expect(await people()).toMatchObject([{ headline: 'Old', company: 'Initech' }]);
      expect(
        await ats.database.value(`select name from host.people where record_id = $1`, [await id(there, 'c2')]),
      ).toBe('');
      await page(here, [], [gone('c1', { tombstone: 'anonymised' })]);
      expect(await people()).toMatchObject([{ name: '', headline: null, company: null }]);
      const kept = `select count(*)::int from ats.candidate_merges where workspace_id = $1 and own_values is not null`;
      expect(await ats.database.value(kept, [workspaceId])).toBe(0);
      expect(await ats.database.value(`select name from host.people where id = $1`, [own])).toBe('');
    });
  });

  it('an app whose pipeline cannot merge says so, and nothing is written', async () => {
    await twice();
    const unable = Object.assign(host, { merge: undefined });
    try {
      await expect(merge(await ref(here, 'c1'), await ref(there, 'c2'))).rejects.toMatchObject({
        code: 'not-possible-now',
      });
    } finally {
      // The method of its class is there again.
      Reflect.deleteProperty(unable, 'merge');
    }
    expect(await people()).toHaveLength(2);
  });

  it('what goes to the host without anybody merged stays the very batch that it was', async () => {
    await twice();
    const batch = batchOf(
      { id: here, workspaceId },
      { id: 'scripted', name: 'Scripted' },
      {
        candidates: [{ id: await id(here, 'c1'), created: false, record: aCandidate('c1') }],
      },
    );
    await ats.database.em().transactional((em) => ats.get<HiringPipeline>(HiringPipeline).apply(batch, em));
    expect(host.batches.at(-1)).toBe(batch);
  });
});
