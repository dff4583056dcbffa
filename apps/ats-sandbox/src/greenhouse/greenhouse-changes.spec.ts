import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi, type Body } from './testing/test-api.js';
import { visibleByWalking } from './testing/visible-by-walking.js';

const KNOBS = { rateLimit: 'off', baseDate: '2026-06-01T00:00:00Z' } as const;

describe('changes in a Greenhouse account', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ candidates: 300, knobs: KNOBS });
  });
  afterAll(async () => api.stop());

  const one = async (resource: string, id: unknown): Promise<Body | undefined> =>
    (await api.get(`/${resource}?ids=${String(id)}`)).rows[0];
  const open = async (): Promise<Body> => {
    const jobs = await api.walk('/jobs?status=open');
    const rows = await api.walk(
      `/applications?status=active&job_ids=${jobs.map((job) => String(job['id'])).join(',')}`,
    );
    const known = new Set((await api.walk('/candidates')).map((row) => row['id']));
    const row = rows.find((candidate) => known.has(candidate['candidate_id']));
    if (row === undefined) throw new Error('Nobody is in process.');
    return row;
  };
  const change = (operation: Body): Body => {
    const [applied] = api.account.change({ operations: [operation] }).operations;
    if (applied === undefined) throw new Error('Nothing was changed.');
    return { ...applied };
  };

  it('move an application to another stage, with its rows and its times', async () => {
    const before = await open();
    const person = await one('candidates', before['candidate_id']);
    const stages = await api.walk(`/job_interview_stages?active=true&job_ids=${String(before['job_id'])}`);
    const target = stages.find((stage) => stage['id'] !== before['job_interview_stage_id']);
    change({ op: 'move', application: before['id'], toStage: target?.['id'] });
    const after = await one('applications', before['id']);
    expect(after).toMatchObject({
      job_interview_stage_id: target?.['id'],
      stage_name: target?.['name'],
      status: 'in_process',
    });
    expect(after?.['stage_id']).not.toBe(before['stage_id']);
    expect(String(after?.['updated_at']) > String(before['updated_at'])).toBe(true);
    expect(after?.['last_activity_at']).toBe(after?.['updated_at']);
    const rows = await api.walk(`/application_stages?application_ids=${String(before['id'])}`);
    expect(rows.filter((row) => row['current'] === true)).toEqual([
      expect.objectContaining({
        id: after?.['stage_id'],
        exited_at: null,
        entered_at: after?.['updated_at'],
        days_in_stage: 0,
      }),
    ]);
    expect(rows.find((row) => row['id'] === before['stage_id'])).toMatchObject({
      exited_at: after?.['updated_at'],
      current: false,
    });
    const moved = await one('candidates', before['candidate_id']);
    expect(moved?.['last_activity_at']).toBe(after?.['updated_at']);
    expect(moved?.['updated_at']).toBe(person?.['updated_at']);
    change({ op: 'move', application: before['id'], toStage: before['job_interview_stage_id'] });
    expect(await one('applications', before['id'])).toMatchObject({ stage_id: before['stage_id'] });
  });

  it('reject, take back and hire', async () => {
    const before = await open();
    change({ op: 'reject', application: before['id'] });
    const rejected = await one('applications', before['id']);
    expect(rejected).toMatchObject({
      status: 'rejected',
      stage_id: null,
      stage_name: null,
      job_interview_stage_id: null,
    });
    const details = await api.walk(`/rejection_details?application_ids=${String(before['id'])}`);
    expect(details).toEqual([expect.objectContaining({ rejected_at: rejected?.['rejected_at'] })]);
    expect(() => change({ op: 'reject', application: before['id'] })).toThrow('The application is rejected.');
    change({ op: 'unreject', application: before['id'] });
    const { stage_id, stage_name, job_interview_stage_id } = before;
    expect(await one('applications', before['id'])).toMatchObject({
      status: 'in_process',
      rejected_at: null,
      stage_id,
      stage_name,
      job_interview_stage_id,
    });
    expect(await api.walk(`/rejection_details?application_ids=${String(before['id'])}`)).toEqual([]);
    change({ op: 'hire', application: before['id'] });
    expect(await one('applications', before['id'])).toMatchObject({ status: 'hired', stage_id: null });
  });

  it('edit a person, who is then updated and can be found by the new address', async () => {
    const { candidate_id: id } = await open();
    change({
      op: 'edit-candidate',
      candidate: id,
      set: { first_name: 'Renée', title: null, email: 'renee@example.test' },
    });
    const person = await one('candidates', id);
    expect(person).toMatchObject({ first_name: 'Renée', title: null });
    expect((await api.get('/candidates?email=renee@example.test')).rows).toEqual([person]);
    const since = new Date(api.clock.now().getTime() - 60_000).toISOString();
    const ids = (await api.walk(`/candidates?updated_at=gte|${since}`)).map((row) => row['id']);
    expect(ids).toEqual([id]);
  });

  it('add a person with an application and a résumé, all newest in their lists', async () => {
    const { job_id: job } = await open();
    const made = change({
      op: 'create-candidate',
      job,
      first_name: 'New',
      last_name: 'Person',
      email: 'n@example.test',
      resume: true,
    });
    const [person] = (await api.get('/candidates?per_page=1')).rows;
    expect(String(person?.['id'])).toBe(made['id']);
    const [application] = (await api.get('/applications?per_page=1')).rows;
    expect(application).toMatchObject({ candidate_id: person?.['id'], job_id: job, stage_name: 'Application Review' });
    const stages = await api.walk(`/application_stages?application_ids=${String(application?.['id'])}`);
    expect(stages).toEqual([expect.objectContaining({ id: application?.['stage_id'], current: true })]);
    expect((await api.get('/application_stages?per_page=1')).rows).toEqual(stages);
    const [file] = (await api.get('/attachments?per_page=1')).rows;
    expect(file).toMatchObject({ candidate_id: person?.['id'], application_id: application?.['id'], type: 'resume' });
    expect((await fetch(String(file?.['url']))).status).toBe(200);
    change({ op: 'add-resume', candidate: person?.['id'] });
    const files = await api.walk(`/attachments?candidate_ids=${String(person?.['id'])}`);
    expect(files.map((row) => row['type'])).toEqual(['resume', 'other']);
  });

  it('open, close and add jobs', async () => {
    const { id } = change({ op: 'create-job', name: 'Gardener', status: 'draft' });
    expect(await api.walk(`/job_interview_stages?job_ids=${String(id)}`)).toHaveLength(7);
    expect(await one('jobs', id)).toMatchObject({ name: 'Gardener', status: 'draft', opened_at: null });
    change({ op: 'open-job', job: id });
    const opened = await one('jobs', id);
    expect(opened).toMatchObject({ status: 'open', opened_at: opened?.['updated_at'] });
    change({ op: 'close-job', job: id });
    expect(await one('jobs', id)).toMatchObject({ status: 'closed' });
    const second = change({ op: 'create-job', name: 'Cook', status: 'open' });
    expect(second['id']).not.toBe(id);
  });

  it('delete without a trace, with all that hangs on the deleted', async () => {
    const { id: applicationId, candidate_id: candidateId } = await open();
    change({ op: 'delete-candidate', candidate: candidateId });
    for (const path of [
      `/candidates?ids=${String(candidateId)}`,
      `/applications?candidate_ids=${String(candidateId)}`,
      `/attachments?candidate_ids=${String(candidateId)}`,
      `/application_stages?application_ids=${String(applicationId)}`,
    ]) {
      expect((await api.get(path)).rows).toEqual([]);
    }
    const next = await open();
    change({ op: 'delete-application', application: next['id'] });
    expect(await one('applications', next['id'])).toBeUndefined();
    expect(await one('candidates', next['candidate_id'])).toBeDefined();
    change({ op: 'delete-job', job: next['job_id'] });
    expect(await one('jobs', next['job_id'])).toBeUndefined();
    expect((await api.get(`/applications?job_ids=${String(next['job_id'])}`)).rows).toEqual([]);
    expect(api.account.visible()).toEqual(await visibleByWalking(api));
  });

  it('refuse what cannot be done, in a sentence', () => {
    expect(() => change({ op: 'dance' })).toThrow('Greenhouse cannot do');
    expect(() => change({ op: 'move', application: 1 })).toThrow('There is no such application.');
    expect(() => change({ op: 'close-job', job: '1' })).toThrow('There is no such job.');
  });

  it('at random are as many as asked for, the same for one seed, to records in scope, and counted', async () => {
    const counts = {
      moves: 12,
      edits: 6,
      newCandidates: 4,
      rejections: 3,
      hires: 2,
      jobsOpened: 1,
      jobsClosed: 1,
      newJobs: 1,
    };
    const twins = await Promise.all([1, 2].map(async () => TestApi.start({ candidates: 300, knobs: KNOBS })));
    const [first, second] = twins.map((twin) => twin.account.change({ seed: 5, ...counts }));

    expect(first?.made).toEqual(counts);
    expect(second).toEqual(first);
    const moved = first?.operations.filter(({ op }) => op === 'move').map(({ id }) => id) ?? [];
    expect(new Set(moved).size).toBe(12);
    for (const twin of twins) {
      expect(twin.account.visible()).toEqual(await visibleByWalking(twin));
      expect(twin.account.log.length).toBe(30);
      await twin.stop();
    }
  });

  it('at random are fewer when there is nobody left', () => {
    const { made } = api.account.change({ hires: 100_000 });
    expect(made['hires']).toBeGreaterThan(10);
    expect(api.account.change({ moves: 5 }).made['moves']).toBe(0);
  });
});
