import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import { Job } from './job.entity.js';
import type { CreateJobBody, ListJobsQuery, PatchJobBody } from './job.schemas.js';

@Injectable()
export class Jobs {
  constructor(private readonly em: EntityManager) {}

  /** One row more than the limit, when there is one. */
  list(workspaceId: string, { source, status, cursor, limit }: ListJobsQuery): Promise<readonly Job[]> {
    const where = {
      workspaceId,
      ...(source === undefined ? {} : { source }),
      ...(status === undefined ? {} : { status }),
      ...(cursor === undefined ? {} : { id: { $lt: cursor } }),
    };
    return this.em.find(Job, where, { orderBy: { id: 'desc' }, limit: limit + 1 });
  }

  /** @throws Problem 404. */
  async get(workspaceId: string, id: string): Promise<Job> {
    const job = await this.em.findOne(Job, { id, workspaceId });
    if (job === null) throw Problem.notFound('job');
    return job;
  }

  async create(workspaceId: string, body: CreateJobBody): Promise<Job> {
    const job = new Job({ workspaceId, ...definedOnly(body) });
    await this.em.persist(job).flush();
    return job;
  }

  /** @throws Problem 404; 409 for an imported job, whose fields are the ATS's. */
  async patch(workspaceId: string, id: string, body: PatchJobBody): Promise<Job> {
    const job = await this.get(workspaceId, id);
    if (job.source === 'ats') throw readOnly(job, Object.keys(body));
    Object.assign(job, definedOnly(body));
    await this.em.flush();
    return job;
  }
}

function readOnly(job: Job, fields: readonly string[]): Problem {
  const ats = job.providerName ?? 'the ATS';
  const named = fields.join(', ');
  const verb = fields.length === 1 ? 'comes' : 'come';
  return new Problem(
    409,
    'read-only-field',
    `${named} of this job ${verb} from ${ats} and cannot be changed in Elly. Change it in ${ats}: the next sync brings it here.`,
    {
      fields,
      ats: { provider: job.provider, name: job.providerName },
    },
  );
}

type Defined<Body> = { readonly [Key in keyof Body]: Exclude<Body[Key], undefined> };

function definedOnly<Body extends object>(body: Body): Defined<Body> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Defined<Body>;
}
