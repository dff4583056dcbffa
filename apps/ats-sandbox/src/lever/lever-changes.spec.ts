import { afterEach, describe, expect, it } from '@jest/globals';
import { SandboxClock } from '../server/sandbox-clock.js';
import { LeverAccount } from './lever-account.js';
import { LeverState } from './lever-state.js';
import { applyOperation, type Operation } from './operations.js';
import { indexOfId, recordId } from './record-ids.js';
import { BASE, closeSandboxes, sandbox, type Row } from './testing/api-sandbox.js';

afterEach(closeSandboxes);

async function withApplicant(): Promise<Awaited<ReturnType<typeof sandbox>> & { readonly row: Row }> {
  const made = await sandbox();
  const rows = await made.walk('/opportunities?archived=false&stage_id=applicant-new');
  const row = rows.find(({ isAnonymized, updatedAt }) => !isAnonymized && updatedAt === null);
  if (row === undefined) throw new Error('There is no applicant.');
  return { ...made, row };
}

describe('changes', () => {
  it('that move an opportunity add a stage change and move its times', async () => {
    const { account, clock, one, row } = await withApplicant();
    clock.advance(10);
    account.change({ operations: [{ op: 'move', application: row.id, toStage: 'offer' }] });
    const { data } = (await one(`/opportunities/${row.id}`)).body;
    expect(data).toMatchObject({ stage: 'offer', archived: null });
    expect(data.stageChanges).toHaveLength(row.stageChanges.length + 1);
    expect(data.stageChanges.at(-1)).toMatchObject({ toStageId: 'offer', toStageIndex: 9, updatedAt: data.updatedAt });
    expect([data.lastAdvancedAt, data.lastInteractionAt]).toEqual([data.updatedAt, data.updatedAt]);
  });

  it('have one time wherever they show, although the clock goes on while they are made', () => {
    let time = BASE;
    const state = new LeverState(7, 300, BASE, () => (time += 1));
    const slots = Array.from({ length: state.slotsEnd }, (_, slot) => state.opportunity(slot) ?? []).flat();
    const inProcess = slots.find(({ archived, posting }) => archived === null && posting >= 0);
    const application = recordId(7, inProcess?.slot ?? -1, 'opportunity');
    const candidate = recordId(7, inProcess?.contact ?? -1, 'contact');
    const operations: Operation[] = [
      { op: 'move', application, toStage: 'offer' },
      { op: 'reject', application },
      { op: 'unarchive', application },
      { op: 'add-resume', candidate },
      { op: 'create-candidate', job: state.posting(0).id, name: 'New Name', resume: true },
      { op: 'delete-candidate', candidate },
    ];
    for (const operation of operations) {
      const before = state.log.length;
      applyOperation(state, operation);
      const entries = state.log.slice(before);
      const times = new Set<number | null | undefined>(entries.map(({ at }) => at));
      for (const entry of entries) {
        const record = 'opportunity' in entry ? state.opportunity(entry.opportunity) : undefined;
        if (record === undefined) continue;
        times.add(record.updatedAt);
        if (operation.op === 'move') times.add(record.advancedAt).add(record.stageChanges.at(-1)?.at);
        if (operation.op === 'reject') times.add(record.archived?.at);
        if (operation.op === 'add-resume') times.add(record.resumes.at(-1)?.at);
      }
      expect([operation.op, times.size]).toEqual([operation.op, 1]);
    }
  });

  it('to a person show on each of their opportunities', async () => {
    const { account, walk } = await sandbox();
    const rows = await walk('/opportunities');
    const twice = rows.find(
      (row) => !row.isAnonymized && rows.filter(({ contact }) => contact === row.contact).length > 1,
    );
    const set = { name: 'New Name', headline: 'New headline', email: 'new@example.test', phone: '+1 555 0199' };
    account.change({ operations: [{ op: 'edit-candidate', candidate: twice?.contact, set }] });
    const changed = await walk(`/opportunities?updated_at_start=${BASE + 1}`);
    expect(changed.map(({ id }) => id).sort()).toEqual(
      rows
        .filter(({ contact }) => contact === twice?.contact)
        .map(({ id }) => id)
        .sort(),
    );
    for (const row of changed)
      expect([row.name, row.headline, row.emails[0], row.phones[0]?.value]).toEqual(Object.values(set));
    expect(await walk('/opportunities?email=new%40example.test')).toHaveLength(changed.length);
  });

  it('archive, hire and bring back', async () => {
    const { account, one, row, walk } = await withApplicant();
    const [hired] = await walk('/archive_reasons?type=hired');
    account.change({ operations: [{ op: 'reject', application: row.id }] });
    const rejected = (await one(`/opportunities/${row.id}`)).body.data;
    expect(rejected.archived?.archivedAt).toBe(rejected.updatedAt);
    expect((await walk(`/opportunities/${row.id}/applications`))[0]?.archived).toEqual(rejected.archived);
    account.change({ operations: [{ op: 'hire', application: row.id }] });
    expect((await one(`/opportunities/${row.id}`)).body.data.archived?.reason).toBe(hired?.id);
    account.change({ operations: [{ op: 'unarchive', application: row.id }] });
    expect((await one(`/opportunities/${row.id}`)).body.data.archived).toBeNull();
    expect(account.state.log.map(({ type }) => type)).toEqual([
      'candidateArchiveChange',
      'candidateHired',
      'candidateArchiveChange',
    ]);
  });

  it('make people with a résumé, and postings that open and close', async () => {
    const { account, one, get } = await sandbox();
    const before = account.visible();
    const job = account.change({ operations: [{ op: 'create-job', name: 'Lighthouse keeper', status: 'published' }] })
      .operations[0]?.id;
    const made = account.change({
      operations: [{ op: 'create-candidate', job, name: 'Åse Nyström', email: 'ase@example.test', resume: true }],
    });
    const id = String(made.operations[0]?.detail['application']);
    const row = (await one(`/opportunities/${id}`)).body.data;
    expect(row).toMatchObject({
      name: 'Åse Nyström',
      stage: 'applicant-new',
      contact: made.operations[0]?.id,
      origin: 'applied',
    });
    expect(row.tags).toContain('Lighthouse keeper');
    expect((await get(`/opportunities/${id}/resumes`)).body.data).toHaveLength(1);
    const plusOne = {
      candidates: before.inScope.candidates + 1,
      applications: before.inScope.applications + 1,
      resumes: before.inScope.resumes + 1,
    };
    expect(account.visible().inScope).toEqual(plusOne);
    account.change({ operations: [{ op: 'add-resume', candidate: row.contact }] });
    expect((await get(`/opportunities/${id}/resumes`)).body.data).toHaveLength(2);
    account.change({ operations: [{ op: 'close-job', job }] });
    expect([(await one(`/postings/${job}`)).body.data.state, account.visible().inScope]).toEqual([
      'closed',
      before.inScope,
    ]);
    account.change({ operations: [{ op: 'open-job', job }] });
    expect(account.visible().inScope).toEqual(plusOne);
  });

  it('that delete put the opportunity into the feed of deletions', async () => {
    const { account, one, row, walk } = await withApplicant();
    const before = account.visible().applications;
    account.change({ operations: [{ op: 'delete-application', application: row.id }] });
    expect((await one(`/opportunities/${row.id}`)).status).toBe(404);
    expect((await walk('/opportunities')).map(({ id }) => id)).not.toContain(row.id);
    expect(account.visible().applications).toBe(before - 1);
    const [deleted] = await walk(`/opportunities/deleted?deleted_at_start=${BASE}`);
    expect(deleted).toMatchObject({ id: row.id, deletedAt: expect.any(Number), deletedBy: expect.any(String) });
    expect(await walk(`/opportunities/deleted?deleted_at_end=${BASE}`)).toEqual([]);
    expect(await walk('/applications/deleted')).toHaveLength(1);
    expect(await walk('/postings/deleted')).toEqual([]);
    const person = (await walk('/opportunities'))[0]?.contact;
    account.change({ operations: [{ op: 'delete-candidate', candidate: person }] });
    expect((await one(`/contacts/${person}`)).status).toBe(404);
  });

  it('at random are as many as asked for, on open postings, and the same for the same seed', () => {
    const asked = {
      moves: 5,
      edits: 4,
      newCandidates: 3,
      rejections: 2,
      hires: 1,
      jobsOpened: 1,
      jobsClosed: 1,
      newJobs: 2,
    };
    const account = (): LeverAccount =>
      new LeverAccount('a', { name: 'A', seed: 1, candidates: 400, knobs: { baseDate: BASE } }, new SandboxClock());
    const [first, second] = [account().change({ ...asked, seed: 3 }), account().change({ ...asked, seed: 3 })];
    expect(first).toEqual(second);
    expect(first.made).toEqual(asked);
    expect(first.operations).toHaveLength(19);
  });

  it('that nobody knows are refused with a sentence and change nothing', async () => {
    const { account } = await sandbox();
    expect(() => account.change({ operations: [{ op: 'promote' }] })).toThrow(/no change that Lever knows/);
    expect(() => account.change({ operations: [{ op: 'move', application: 'x', toStage: 'offer' }] })).toThrow(
      /no opportunity x/,
    );
    expect(account.state.version).toBe(0);
  });
});

describe('the neutral records', () => {
  it('are as many as are counted, each once, in the order of ids', async () => {
    const { account } = await sandbox();
    account.change({ moves: 5, newCandidates: 5, newJobs: 1 });
    const counts = account.counts();
    for (const kind of ['jobs', 'stages', 'candidates', 'applications', 'resumes'] as const) {
      const ids = Array.from({ length: 60 }, (_, page) => account.records(kind, page * 10, 10))
        .flat()
        .map(({ id }) => String(id));
      expect([kind, ids.length]).toEqual([kind, counts[kind]]);
      expect(ids).toEqual([...new Set(ids)].sort());
    }
    expect(account.users().filter(({ admin }) => admin).length).toBeGreaterThanOrEqual(1);
  });
});

describe('a million people', () => {
  it('can each be looked up by id', async () => {
    const { account, one } = await sandbox({ candidates: 1_000_000 });
    for (const index of [0, 1, 499_999, 765_432, 999_999]) {
      const contact = recordId(7, index, 'contact');
      expect(indexOfId(7, contact, 'contact')).toBe(index);
      const slot = account.state
        .slotsOf(index)
        .find((candidate) => account.state.row(candidate)?.confidential === false);
      if (slot === undefined) continue;
      const { data } = (await one(`/opportunities/${recordId(7, slot, 'opportunity')}`)).body;
      expect(data.contact).toBe(contact);
      const email = data.emails[0];
      if (email !== undefined) expect(account.state.contact(index).emails).toContain(email);
    }
    expect((await one(`/contacts/${recordId(7, 1_000_000, 'contact')}`)).status).toBe(404);
    expect((await one(`/contacts/${recordId(8, 5, 'contact')}`)).status).toBe(404);
  });

  it('can be searched by address and by what changed since', async () => {
    const { account, walk } = await sandbox({ candidates: 1_000_000 });
    account.change({ moves: 3, newCandidates: 2, edits: 1 });
    const changed = await walk(`/opportunities?updated_at_start=${BASE + 1}`);
    expect(changed.length).toBeGreaterThanOrEqual(6);
    const address = changed.find(({ emails }) => emails.length > 0);
    const found = await walk(`/opportunities?email=${encodeURIComponent(address?.emails[0] ?? '')}`);
    expect(found.map(({ id }) => id)).toContain(address?.id);
  });
});
