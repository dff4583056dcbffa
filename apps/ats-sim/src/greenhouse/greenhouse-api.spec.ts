import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi } from './test-api.js';

describe('the Greenhouse simulator', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ candidates: 700, knobs: { rateLimit: 'off', baseDate: '2026-06-01T00:00:00Z' } });
  });
  afterAll(async () => api.stop());

  it('walks every row exactly once, newest first, and ends without a link', async () => {
    for (const resource of [
      'jobs',
      'job_interview_stages',
      'applications',
      'application_stages',
      'candidates',
      'attachments',
      'rejection_details',
    ]) {
      const rows = await api.walk(`/${resource}?per_page=37`);
      const ids = rows.flatMap((row) => (typeof row['id'] === 'number' ? [row['id']] : []));
      expect(ids.length).toBeGreaterThan(10);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
      const created = rows.flatMap((row) => row['created_at'] ?? []).map(String);
      if (resource !== 'rejection_details') expect(created).toEqual(created.toSorted().reverse());
    }
  });

  it('counts what a walk through the API finds', async () => {
    const visible = api.account.visible();
    const jobs = await api.walk('/jobs?per_page=500');
    const applications = await api.walk('/applications?per_page=500');
    const candidates = await api.walk('/candidates?per_page=500');
    const attachments = await api.walk('/attachments?per_page=500&type=resume');
    const stages = await api.walk('/job_interview_stages?per_page=500');
    const people = candidates.filter((row) => row['message'] === undefined);
    expect(visible).toMatchObject({
      jobs: jobs.length,
      openJobs: jobs.filter((job) => job['status'] === 'open').length,
      stages: stages.length,
      applications: applications.length,
      candidates: people.length,
      resumes: attachments.length,
      withoutJob: applications.filter((row) => row['job_id'] === null).length,
    });
    const open = new Set(jobs.filter((job) => job['status'] === 'open').map((job) => job['id']));
    const known = new Set(people.map((row) => row['id']));
    const inScope = applications.filter((row) => open.has(row['job_id']) && known.has(row['candidate_id']));
    const owners = new Set(inScope.map((row) => row['candidate_id']));
    const withResume = new Set(attachments.map((row) => row['candidate_id']).filter((id) => owners.has(id)));
    expect(visible.inScope).toEqual({
      applications: inScope.length,
      candidates: owners.size,
      resumes: withResume.size,
    });
    expect(candidates.length).toBeGreaterThan(people.length);
    expect(api.account.counts().jobs).toBe(jobs.length + 1);
  });
});
