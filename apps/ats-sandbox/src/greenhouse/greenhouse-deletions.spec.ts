import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi, type Body } from './testing/test-api.js';
import { visibleByWalking } from './testing/visible-by-walking.js';

describe('what is gone from Greenhouse', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ candidates: 120, knobs: { rateLimit: 'off' } });
  });
  afterAll(async () => api.stop());

  const operate = (...operations: Readonly<Record<string, unknown>>[]) => api.account.change({ operations }).operations;
  const rows = async (path: string): Promise<readonly Body[]> => (await api.get(path)).rows;
  const applications = async (count: number): Promise<readonly Body[]> => {
    const people = new Set((await api.walk('/candidates')).map((row) => row['id']));
    const all = await api.walk('/applications?status=active&prospect=false');
    const seen = new Set<unknown>();
    return all
      .filter(({ candidate_id: id }) => people.has(id) && !seen.has(id) && seen.add(id) !== undefined)
      .slice(0, count);
  };

  it('is in no list and is found by no id, with nothing left in its place', async () => {
    const [first, second] = await applications(2);
    const removed = await api.send('DELETE', `/applications/${String(first?.['id'])}`, undefined);
    expect([removed.status, removed.body]).toEqual([
      200,
      { message: `Application ${String(first?.['id'])} deleted successfully` },
    ]);
    expect(await rows(`/applications?ids=${String(first?.['id'])}`)).toEqual([]);
    expect(await rows(`/application_stages?application_ids=${String(first?.['id'])}`)).toEqual([]);
    expect(await rows(`/candidates?ids=${String(first?.['candidate_id'])}`)).toHaveLength(1);
    const person = String(second?.['candidate_id']);
    expect((await api.send('DELETE', `/candidates/${person}`, undefined)).status).toBe(200);
    expect(await rows(`/candidates?ids=${person}`)).toEqual([]);
    expect(await rows(`/applications?candidate_ids=${person}`)).toEqual([]);
    expect((await api.send('DELETE', `/candidates/${person}`, undefined)).status).toBe(404);
    expect((await api.send('DELETE', `/applications/${String(first?.['id'])}`, undefined)).status).toBe(404);
    expect((await api.send('DELETE', `/applications/${String(second?.['id'])}`, undefined, 'narrow')).status).toBe(403);
  });

  it('lives on as another person when it was merged', async () => {
    const [first, second] = await applications(2);
    const [primary, secondary] = [first?.['candidate_id'], second?.['candidate_id']];
    const files = await rows(`/attachments?candidate_ids=${String(secondary)}`);
    const merged = await api.send('POST', `/candidates/${String(primary)}/merge`, {
      secondary_candidate_id: secondary,
    });
    expect([merged.status, merged.body['id']]).toEqual([201, primary]);
    expect(await rows(`/candidates?ids=${String(secondary)}`)).toEqual([]);
    expect(await rows(`/applications?candidate_ids=${String(secondary)}`)).toEqual([]);
    const ids = (await rows(`/applications?candidate_ids=${String(primary)}`)).map((row) => row['id']);
    expect(ids).toEqual(expect.arrayContaining([first?.['id'], second?.['id']]));
    const moved = (await rows(`/attachments?candidate_ids=${String(primary)}`)).map((row) => row['id']);
    expect(moved).toEqual(expect.arrayContaining(files.map((row) => row['id'])));
    const again = await api.send('POST', `/candidates/${String(primary)}/merge`, { secondary_candidate_id: secondary });
    expect(again.status).toBe(404);
    const self = await api.send('POST', `/candidates/${String(primary)}/merge`, { secondary_candidate_id: primary });
    expect(self.status).toBe(422);
  });

  it('is a person without personal data when it was anonymised', async () => {
    const [{ candidate_id: id, id: application } = {}] = await applications(1);
    const fields = ['full_name', 'email_addresses', 'phone_numbers', 'attachments', 'source'];
    expect((await api.send('PATCH', `/candidates/${String(id)}/anonymize`, { fields: ['shoes'] })).status).toBe(422);
    expect((await api.send('PATCH', `/candidates/${String(id)}/anonymize`, { fields })).status).toBe(200);
    expect(await rows(`/candidates?ids=${String(id)}`)).toMatchObject([
      { id, first_name: null, last_name: null, email_addresses: [], phone_numbers: [] },
    ]);
    expect(await rows(`/attachments?candidate_ids=${String(id)}`)).toEqual([]);
    expect(await rows(`/applications?ids=${String(application)}`)).toMatchObject([{ source_id: null }]);
  });

  it('is a stub, or left out, when a person became private, and back when they are so no longer', async () => {
    const [{ candidate_id: id } = {}] = await applications(1);
    operate({ op: 'set-private', candidate: id, private: true });
    expect(await rows(`/candidates?ids=${String(id)}`)).toEqual([{ message: expect.any(String) }]);
    expect((await api.send('PATCH', `/candidates/${String(id)}`, { title: 'x' })).status).toBe(404);
    api.account.setKnobs({ privateStub: false });
    expect(await rows(`/candidates?ids=${String(id)}`)).toEqual([]);
    api.account.setKnobs({ privateStub: true });
    operate({ op: 'set-private', candidate: id, private: false });
    expect(await rows(`/candidates?ids=${String(id)}`)).toMatchObject([{ id }]);
  });

  it('is everything of a job that became confidential', async () => {
    const [{ job_id: job } = {}] = await applications(1);
    operate({ op: 'set-job-confidential', job, confidential: true });
    expect(await rows(`/jobs?ids=${String(job)}`)).toEqual([]);
    expect(await rows(`/applications?job_ids=${String(job)}`)).toEqual([]);
    operate({ op: 'set-job-confidential', job, confidential: false });
    expect(await rows(`/jobs?ids=${String(job)}`)).toHaveLength(1);
  });

  it('is a stage that nobody is in; one that was retired is still listed', async () => {
    const [{ job_interview_stage_id: occupied } = {}] = await applications(1);
    expect(() => operate({ op: 'delete-stage', stage: occupied })).toThrow('Somebody is in the stage.');
    operate({ op: 'set-stage-active', stage: occupied, active: false });
    expect(await rows(`/job_interview_stages?ids=${String(occupied)}`)).toMatchObject([{ active: false }]);
    const [made] = operate({ op: 'create-job', name: 'Cook', status: 'open' });
    const [, stage] = await rows(`/job_interview_stages?job_ids=${made?.id}`);
    operate({ op: 'delete-stage', stage: stage?.['id'] });
    expect(await rows(`/job_interview_stages?ids=${String(stage?.['id'])}`)).toEqual([]);
  });

  it('is counted as it is seen, also after random changes of every sort', async () => {
    const asked = { merges: 4, anonymized: 3, deletedCandidates: 4, deletedApplications: 4, unrejections: 3, moves: 5 };
    expect(api.account.change({ seed: 3, ...asked }).made).toMatchObject(asked);
    expect(api.account.visible()).toEqual(await visibleByWalking(api));
  });
});

describe('the history of stages at Greenhouse', () => {
  it('has every move: one row for each stage that was entered, and one of them current', async () => {
    const api = await TestApi.start({ candidates: 80, knobs: { rateLimit: 'off' } });
    const [row] = await api.walk('/applications?status=active&prospect=false&stage_name=Application Review');
    const id = String(row?.['id']);
    const history = async (): Promise<readonly Body[]> =>
      (await api.get(`/application_stages?application_ids=${id}`)).rows;
    const current = async (): Promise<Body | undefined> => (await history()).find((one) => one['current'] === true);
    const visited: unknown[] = [row?.['job_interview_stage_id']];
    for (const by of ['api', 'person'] as const) {
      api.clock.advance(86_400);
      const from = (await current())?.['job_interview_stage_id'];
      if (by === 'api') await api.send('POST', `/applications/${id}/move`, { from_stage_id: from });
      else api.account.actions.applications.move(Number(id), {});
      const now = await current();
      visited.push(now?.['job_interview_stage_id']);
      expect((await api.get(`/applications?ids=${id}`)).rows[0]).toMatchObject({ stage_id: now?.['id'] });
      const left = (await history()).find((one) => one['job_interview_stage_id'] === from);
      expect(left).toMatchObject({ current: false, exited_at: now?.['entered_at'] });
      expect(Date.parse(String(left?.['exited_at']))).toBeGreaterThan(Date.parse(String(left?.['entered_at'])));
    }
    expect((await history()).map((one) => one['job_interview_stage_id'])).toEqual(expect.arrayContaining(visited));
    api.account.actions.applications.reject(Number(id));
    expect(await current()).toBeUndefined();
    api.account.actions.applications.unreject(Number(id));
    expect((await current())?.['job_interview_stage_id']).toBe(visited.at(-1));
    await api.stop();
  });
});

describe('the ledger of writes at Greenhouse', () => {
  it('has each request that took effect, in whose name, and none that was refused', async () => {
    const api = await TestApi.start({ candidates: 80, knobs: { rateLimit: 'off' } });
    const [row] = await api.walk('/applications?status=active&prospect=false&stage_name=Application Review');
    const path = `/applications/${String(row?.['id'])}`;
    const move = { from_stage_id: row?.['stage_id'] };
    expect((await api.send('POST', `${path}/move`, move)).status).toBe(204);
    expect((await api.send('POST', `${path}/move`, move)).status).toBe(422);
    const title = { title: 'Cook' };
    await api.send('PATCH', `/candidates/${String(row?.['candidate_id'])}`, title);
    await api.send('PATCH', `/candidates/${String(row?.['candidate_id'])}`, title);
    const performer = api.account.users().find(({ admin }) => admin)?.id;
    const route = 'POST /applications/:id/move';
    expect(api.account.writes.list()[0]).toMatchObject({
      sequence: 1,
      route,
      record: String(row?.['id']),
      value: move,
      performer,
    });
    expect(api.account.writes.effects()).toMatchObject([
      { route: 'PATCH /candidates/:id', value: title, times: 2, sequences: [2, 3] },
      { route, times: 1 },
    ]);
    await api.stop();
  });

  it('and the rejection carry the user who acted; its reason can be changed', async () => {
    const api = await TestApi.start({ candidates: 80, knobs: { rateLimit: 'off' } });
    const [row] = await api.walk('/applications?status=active&prospect=false');
    const [first, second] = await api.walk('/rejection_reasons');
    const path = `/applications/${String(row?.['id'])}/reject`;
    await api.send('POST', path, { rejection_reason_id: first?.['id'] });
    const find = `/rejection_details?application_ids=${String(row?.['id'])}`;
    const [detail] = (await api.get(find)).rows;
    expect(detail).toMatchObject({ rejected_by_id: Number(api.account.writes.list()[0]?.performer) });
    const change = { rejection_reason_id: second?.['id'] };
    expect((await api.send('PATCH', `/rejection_details/${String(detail?.['id'])}`, change)).status).toBe(200);
    expect((await api.get(find)).rows[0]).toMatchObject(change);
    await api.stop();
  });
});

describe('a Greenhouse whose clock goes wrong', () => {
  it('stamps what happens by its own clock and says so in every reply', async () => {
    const api = await TestApi.start({ candidates: 40, knobs: { rateLimit: 'off', clockSkewMs: -600_000 } });
    const [row] = await api.walk('/applications?status=active&prospect=false');
    api.account.actions.applications.move(Number(row?.['id']), {});
    const reply = await api.get(`/applications?ids=${String(row?.['id'])}`);
    const behind = (text: unknown): number => Date.now() - Date.parse(String(text));
    expect(behind(reply.rows[0]?.['updated_at'])).toBeGreaterThan(590_000);
    expect(behind(reply.headers.get('date'))).toBeGreaterThan(590_000);
    await api.stop();
  });
});
