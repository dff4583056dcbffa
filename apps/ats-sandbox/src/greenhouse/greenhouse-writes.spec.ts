import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi, type Body } from './testing/test-api.js';

describe('writes to the Greenhouse simulator', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ candidates: 200, knobs: { rateLimit: 'off' } });
  });
  afterAll(async () => api.stop());

  const one = async (id: unknown): Promise<Body> => (await api.get(`/applications?ids=${String(id)}`)).rows[0] ?? {};
  const inProcess = async (): Promise<Body> => {
    const rows = await api.walk('/applications?status=active&prospect=false&stage_name=Application Review');
    if (rows[0] === undefined) throw new Error('Nobody is in process.');
    return rows[0];
  };
  const post = async (id: unknown, verb: string, body: unknown): Promise<number> =>
    (await api.send('POST', `/applications/${String(id)}/${verb}`, body)).status;

  it('move one stage on, to a named stage and to another job, each guarded by the stage that it starts from', async () => {
    const before = await inProcess();
    const { id, job_interview_stage_id: from } = before;
    expect(await post(id, 'move', {})).toBe(422);
    expect(await post(id, 'move', { from_stage_id: 1 })).toBe(422);
    expect(await post(id, 'move', { from_stage_id: from })).toBe(204);
    const after = await one(id);
    expect(after['job_interview_stage_id']).not.toBe(from);
    expect(await post(id, 'move', { from_stage_id: from })).toBe(422);
    expect(await one(id)).toEqual(after);
    expect(await post(id, 'move', { from_stage_id: after['stage_id'], to_stage_id: from })).toBe(204);
    expect((await one(id))['stage_id']).toBe(before['stage_id']);
    const [job] = (await api.walk('/jobs?status=open')).filter((row) => row['id'] !== before['job_id']);
    expect(await post(id, 'move', { from_stage_id: from, to_job_id: job?.['id'], to_stage_id: from })).toBe(422);
    expect(await post(id, 'move', { from_stage_id: from, to_job_id: job?.['id'] })).toBe(204);
    expect(await one(id)).toMatchObject({ job_id: job?.['id'], stage_name: 'Application Review' });
  });

  it('take only one of the two ids of a stage when told to', async () => {
    const { id, job_interview_stage_id: stage, stage_id: row } = await inProcess();
    api.account.setKnobs({ fromStageId: 'stage_id' });
    expect(await post(id, 'move', { from_stage_id: stage })).toBe(422);
    api.account.setKnobs({ fromStageId: 'job_interview_stage_id' });
    expect(await post(id, 'move', { from_stage_id: row })).toBe(422);
    expect(await post(id, 'move', { from_stage_id: stage })).toBe(204);
    api.account.setKnobs({ fromStageId: 'either' });
  });

  it('reject, take back and hire once, and refuse it the second time', async () => {
    const { id } = await inProcess();
    const [reason] = await api.walk('/rejection_reasons');
    expect(await post(id, 'reject', {})).toBe(422);
    expect(await post(id, 'reject', { rejection_reason_id: 1 })).toBe(422);
    const rejection = {
      rejection_reason_id: reason?.['id'],
      notes: 'Too far',
      custom_fields: [{ name_key: 'keep_warm', value: true }],
    };
    expect(await post(id, 'reject', rejection)).toBe(204);
    expect(await post(id, 'reject', rejection)).toBe(422);
    const [detail] = await api.walk(`/rejection_details?application_ids=${String(id)}`);
    expect(detail).toMatchObject({ question_custom_fields: { keep_warm: { type: 'boolean', value: true } } });
    expect(await post(id, 'unreject', {})).toBe(204);
    expect(await post(id, 'unreject', {})).toBe(422);
    expect(await post(id, 'hire', { start_date: '2026-05-04' })).toBe(422);
    expect(await post(id, 'hire', { start_date: '2026-05-04T00:00:00Z' })).toBe(204);
    expect(await post(id, 'hire', {})).toBe(422);
    expect(
      api.account.log
        .since(0)
        .map(({ op }) => op)
        .slice(-3),
    ).toEqual(['reject', 'unreject', 'hire']);
  });

  it('change a person and answer with the person', async () => {
    const people = await api.walk('/candidates');
    const person = people.find((row) => row['id'] !== undefined);
    const path = `/candidates/${String(person?.['id'])}`;
    const changed = await api.send('PATCH', path, {
      last_name: 'Changed',
      tags: ['new'],
      email_addresses: [{ value: 'changed@example.test', type: 'work' }],
      custom_fields: [{ name_key: 'pronouns', value: 'they/them' }],
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ last_name: 'Changed', first_name: person?.['first_name'], tags: ['new'] });
    expect(Object.keys(changed.body['custom_fields'] as object)).toEqual(['pronouns']);
    expect((await api.get(`/candidates?ids=${String(person?.['id'])}`)).rows).toEqual([changed.body]);
    expect((await api.send('PATCH', path, { private: true })).status).toBe(422);
    expect((await api.send('PATCH', '/candidates/50099999904', {})).status).toBe(404);
  });

  it('need their own scope', async () => {
    const { id } = await inProcess();
    expect((await api.send('POST', `/applications/${String(id)}/unreject`, {}, 'narrow')).status).toBe(403);
    expect((await api.send('POST', `/applications/${String(id)}/unreject`, {}, '')).status).toBe(401);
    expect((await api.send('POST', '/applications/1/unreject', {})).status).toBe(404);
  });
});
