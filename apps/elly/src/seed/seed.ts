import type { EntityManager } from '@mikro-orm/postgresql';
import { Credits } from '../billing/credits.js';
import { Candidate } from '../candidates/candidate.entity.js';
import { Job } from '../jobs/job.entity.js';
import { Application } from '../pipeline/application.entity.js';
import { defaultStages } from '../pipeline/default-stages.js';
import { User } from '../session/user.entity.js';
import { Workspace } from '../workspaces/workspace.entity.js';

/** Something to look at in an empty database: one workspace, two people, and jobs and candidates made by hand. */
export async function seed(em: EntityManager): Promise<void> {
  if ((await em.count(Workspace)) > 0) return;
  const workspace = new Workspace({ name: 'Acme', plan: 'starter' });
  em.persist(workspace);
  await em.flush();
  const workspaceId = workspace.id;
  const stages = defaultStages(workspaceId);
  const stage = (position: number): string => (stages[position] as (typeof stages)[number]).id;
  const engineer = new Job({
    workspaceId,
    title: 'Backend Engineer',
    description: '<p>Builds what the others promise.</p>',
    department: 'Engineering',
    location: 'Berlin',
  });
  const designer = new Job({
    workspaceId,
    title: 'Product Designer',
    description: '<p>Makes it plain.</p>',
    department: 'Design',
    location: 'Remote',
  });
  const office = new Job({
    workspaceId,
    title: 'Office Manager',
    status: 'closed',
    department: 'People',
    location: 'Berlin',
  });
  const noor = new Candidate({
    workspaceId,
    name: 'Noor Haddad',
    emails: ['noor.haddad@example.com'],
    headline: 'Go and Postgres',
    company: 'Initech',
  });
  const tomas = new Candidate({
    workspaceId,
    name: 'Tomás Vega',
    emails: ['tomas.vega@example.com'],
    phones: ['+34 600 000 000'],
  });
  const imani = new Candidate({
    workspaceId,
    name: 'Imani Okafor',
    emails: ['imani.okafor@example.com'],
    headline: 'Design systems',
    location: 'Lagos',
  });
  em.persist([
    new User({ workspaceId, name: 'Ada', email: 'ada@acme.example', role: 'admin' }),
    new User({ workspaceId, name: 'Rae', email: 'rae@acme.example', role: 'recruiter' }),
    ...stages,
    ...[engineer, designer, office],
    ...[noor, tomas, imani],
    new Application({ workspaceId, candidateId: noor.id, jobId: engineer.id, stageId: stage(2) }),
    new Application({ workspaceId, candidateId: tomas.id, jobId: engineer.id, stageId: stage(1) }),
    new Application({ workspaceId, candidateId: imani.id, jobId: designer.id, stageId: stage(3) }),
  ]);
  await em.flush();
  await new Credits(em).grant(`welcome:${workspaceId}`, { workspaceId, credits: 5, reason: 'Welcome to Elly' });
}
