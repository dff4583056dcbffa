import { afterEach, describe, expect, it } from '@jest/globals';
import { closeSandboxes, sandbox, type Row } from './testing/api-sandbox.js';

afterEach(closeSandboxes);

async function made(count = 3) {
  const api = await sandbox({ candidates: 120 });
  const rows = await api.walk('/opportunities?archived=false');
  const usable = rows.filter(({ isAnonymized, applications }) => !isAnonymized && applications.length > 0);
  const people = [...new Map(usable.map((row) => [row.contact, row])).values()].slice(0, count);
  const operate = (...operations: Readonly<Record<string, unknown>>[]) => api.account.change({ operations }).operations;
  return { ...api, people, operate, first: people[0] as Row, second: people[1] as Row };
}

describe('what is gone from Lever', () => {
  it('is listed apart with who deleted it and when, a page at a time, within the times that are asked for', async () => {
    const { clock, first, get, one, operate, people, walk } = await made(5);
    for (const { id } of people) {
      operate({ op: 'delete-application', application: id });
      clock.advance(60);
    }
    expect((await one(`/opportunities/${first.id}`)).status).toBe(404);
    const deleted = await walk('/opportunities/deleted?limit=2');
    expect(deleted.map(({ id }) => id)).toEqual(people.map(({ id }) => id).toReversed());
    expect(deleted[0]).toMatchObject({ deletedBy: expect.any(String), deletedAt: expect.any(Number) });
    const [, second, third] = deleted;
    const within = `deleted_at_start=${third?.deletedAt}&deleted_at_end=${second?.deletedAt}`;
    expect((await get(`/opportunities/deleted?${within}`)).body.data).toHaveLength(2);
    expect((await get(`/applications/deleted?${within}`)).body.data).toHaveLength(2);
    expect((await get('/opportunities/deleted', 'only-stages')).status).toBe(403);
  });

  it('are postings as well, of which a month can be asked for at once; their opportunities stay', async () => {
    const { account, clock, get, one, operate, walk } = await made();
    const [posting, other] = await walk('/postings?state=published');
    operate({ op: 'delete-job', job: posting?.id });
    clock.advance(86_400);
    operate({ op: 'delete-job', job: other?.id });
    expect((await one(`/postings/${posting?.id}`)).status).toBe(404);
    expect((await walk('/postings')).some(({ id }) => id === posting?.id)).toBe(false);
    const deleted = await walk('/postings/deleted?limit=1');
    expect(deleted.map(({ id, text }) => [id, text])).toEqual([
      [other?.id, other?.text],
      [posting?.id, posting?.text],
    ]);
    const start = account.state.now() - 40 * 86_400_000;
    expect((await get(`/postings/deleted?deleted_at_start=${start}`)).status).toBe(400);
    account.setKnobs({ deletedWindowDays: null });
    expect((await get(`/postings/deleted?deleted_at_start=${start}`)).body.data).toHaveLength(2);
    expect((await get('/postings/deleted', 'only-stages')).status).toBe(403);
  });

  it('lives on as another contact when it was merged', async () => {
    const { first, get, one, operate, second, walk } = await made();
    operate({ op: 'merge-candidates', primary: first.contact, secondary: second.contact });
    expect((await one(`/contacts/${second.contact}`)).status).toBe(404);
    expect((await get(`/opportunities?contact_id=${second.contact}`)).body.data).toEqual([]);
    const moved = (await one(`/opportunities/${second.id}`)).body.data;
    expect([moved.contact, moved.name]).toEqual([first.contact, first.name]);
    expect(moved.updatedAt).toBeGreaterThan(second.updatedAt ?? 0);
    const ids = (await walk(`/opportunities?contact_id=${first.contact}`)).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([first.id, second.id]));
    const { emails } = (await one(`/contacts/${first.contact}`)).body.data;
    expect(emails).toEqual([...first.emails, ...second.emails]);
  });

  it('is a contact without personal data when it was anonymised, which nobody can write to', async () => {
    const { first, one, operate, send, walk } = await made();
    operate({ op: 'anonymize-candidate', candidate: first.contact });
    const { data } = (await one(`/contacts/${first.contact}`)).body;
    expect(data).toMatchObject({ isAnonymized: true, name: '', emails: [], phones: [] });
    expect((await one(`/opportunities/${first.id}`)).body.data).toMatchObject({
      isAnonymized: true,
      name: '',
      links: [],
    });
    expect(await walk(`/opportunities/${first.id}/resumes`)).toEqual([]);
    expect((await send('PUT', `/contacts/${first.contact}`, { name: 'Back' })).status).toBe(400);
  });

  it('is what became confidential, for who may not see it', async () => {
    const { first, one, operate, walk } = await made();
    operate({ op: 'set-confidential', application: first.id, confidential: true });
    expect((await one(`/opportunities/${first.id}`)).status).toBe(403);
    expect((await one(`/opportunities/${first.id}`, 'confidential')).status).toBe(200);
    expect((await walk('/opportunities')).some(({ id }) => id === first.id)).toBe(false);
  });

  it('is counted as it is seen, also after random changes of every sort', async () => {
    const { account, walk } = await made();
    const asked = { merges: 4, anonymized: 3, deletedCandidates: 4, deletedApplications: 4, unrejections: 3, moves: 5 };
    expect(account.change({ seed: 3, ...asked }).made).toMatchObject(asked);
    const rows = await walk('/opportunities');
    expect(account.visible()).toMatchObject({
      applications: rows.length,
      candidates: new Set(rows.map(({ contact }) => contact)).size,
    });
  });
});

describe('the history of stages at Lever', () => {
  it('has every move, in order, by whom it was made', async () => {
    const { first, one, operate, send, walk } = await made();
    const [user] = await walk('/users');
    const path = `/opportunities/${first.id}`;
    const before = first.stageChanges.map(({ toStageId }) => toStageId);
    await send('PUT', `${path}/stage?perform_as=${user?.id}`, { stage: 'offer' });
    operate({ op: 'move', application: first.id, toStage: 'applicant-new' });
    await send('PUT', `${path}/stage`, { stage: 'lead-responded' });
    const { stageChanges, lastAdvancedAt } = (await one(path)).body.data;
    expect(stageChanges.map(({ toStageId }) => toStageId)).toEqual([
      ...before,
      'offer',
      'applicant-new',
      'lead-responded',
    ]);
    expect(stageChanges.at(-3)).toMatchObject({ userId: user?.id });
    expect(stageChanges.at(-1)).not.toHaveProperty('userId');
    const times = stageChanges.map(({ updatedAt }) => updatedAt);
    expect([times, times.at(-1)]).toEqual([times.toSorted((a, b) => a - b), lastAdvancedAt]);
  });
});

describe('the ledger of writes at Lever', () => {
  it('has each request that took effect, in whose name, and none that was refused', async () => {
    const { account, first, send, walk } = await made();
    const [user] = await walk('/users');
    const path = `/opportunities/${first.id}/stage?perform_as=${user?.id}`;
    await send('PUT', path, { stage: 'offer' });
    await send('PUT', path, { stage: 'nowhere' });
    await send('PUT', path, { stage: 'offer' });
    expect(account.writes.list()).toHaveLength(2);
    const route = 'PUT /opportunities/:id/stage';
    expect(account.writes.effects()).toMatchObject([
      { route, record: first.id, value: { stage: 'offer' }, times: 2, sequences: [1, 2] },
    ]);
    expect(account.writes.list()[0]).toMatchObject({ performer: user?.id, clientId: null });
  });
});

describe('a Lever that wants to know who acts', () => {
  it('refuses writes without perform_as', async () => {
    const { account, first, send, walk } = await made();
    account.setKnobs({ performAs: 'required' });
    const refused = await send('PUT', `/opportunities/${first.id}/stage`, { stage: 'offer' });
    expect([refused.status, refused.body]).toEqual([
      400,
      { code: 'BadRequestError', message: 'Missing required parameter: perform_as' },
    ]);
    const [user] = await walk('/users');
    expect(
      (await send('PUT', `/opportunities/${first.id}/stage?perform_as=${user?.id}`, { stage: 'offer' })).status,
    ).toBe(200);
    expect((await send('PUT', `/contacts/${first.contact}`, { headline: 'Cook' })).status).toBe(200);
    expect(account.writes.list()).toHaveLength(2);
  });
});

describe('a Lever whose clock goes wrong', () => {
  it('stamps what happens by its own clock and says so in every reply', async () => {
    const { account, first, send } = await made();
    account.setKnobs({ clockSkewMs: 900_000 });
    const { body, headers } = await send('PUT', `/opportunities/${first.id}/stage`, { stage: 'offer' });
    const ahead = (time: number): number => time - Date.now();
    expect(ahead(body.data.updatedAt ?? 0)).toBeGreaterThan(890_000);
    expect(ahead(Date.parse(headers.get('date') ?? ''))).toBeGreaterThan(880_000);
  });
});
