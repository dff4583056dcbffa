import type { VisibleCounts } from '../../simulator.js';
import type { TestApi } from './test-api.js';

/** The counts that a client arrives at who reads everything, to hold the account's own against. */
export async function visibleByWalking(api: TestApi): Promise<VisibleCounts> {
  const jobs = await api.walk('/jobs?per_page=500');
  const applications = await api.walk('/applications?per_page=500');
  const candidates = await api.walk('/candidates?per_page=500');
  const resumes = await api.walk('/attachments?per_page=500&type=resume');
  const stages = await api.walk('/job_interview_stages?per_page=500');
  const people = candidates.filter((row) => row['message'] === undefined);
  const open = new Set(jobs.filter((job) => job['status'] === 'open').map((job) => job['id']));
  const known = new Set(people.map((row) => row['id']));
  const inScope = applications.filter((row) => open.has(row['job_id']) && known.has(row['candidate_id']));
  const owners = new Set(inScope.map((row) => row['candidate_id']));
  const withResume = new Set(resumes.map((row) => row['candidate_id']).filter((id) => owners.has(id)));
  return {
    jobs: jobs.length,
    openJobs: open.size,
    stages: stages.length,
    applications: applications.length,
    candidates: people.length,
    resumes: resumes.length,
    withoutJob: applications.filter((row) => row['job_id'] === null).length,
    inScope: { applications: inScope.length, candidates: owners.size, resumes: withResume.size },
  };
}
