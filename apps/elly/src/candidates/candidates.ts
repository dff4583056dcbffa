import { AtsCandidate } from '@elly/ats-integration';
import { EntityManager, raw } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Job } from '../jobs/job.entity.js';
import { Application } from '../pipeline/application.entity.js';
import { Stage } from '../pipeline/stage.entity.js';
import { Problem } from '../problems/problem.js';
import { Candidate } from './candidate.entity.js';
import type {
  ApplicationView,
  CandidateProfile,
  CreateCandidateBody,
  ListCandidatesQuery,
} from './candidate.schemas.js';
import { viewCandidate } from './candidate.schemas.js';
import { Resume } from './resume.entity.js';

@Injectable()
export class Candidates {
  constructor(private readonly em: EntityManager) {}

  /** One row more than the limit, when there is one. A search reads the workspace's candidates in order: no index serves `%…%`. */
  list(workspaceId: string, { search, source, cursor, limit }: ListCandidatesQuery): Promise<readonly Candidate[]> {
    const like = { $ilike: `%${(search ?? '').replace(/[\\%_]/g, '\\$&')}%` };
    const where = {
      workspaceId,
      mergedInto: null,
      ...(source === undefined ? {} : { source }),
      ...(cursor === undefined ? {} : { id: { $lt: cursor } }),
      ...(search === undefined ? {} : { $or: [{ name: like }, { [raw(`array_to_string(emails, ' ')`)]: like }] }),
    };
    return this.em.find(Candidate, where, { orderBy: { id: 'desc' }, limit: limit + 1 });
  }

  /** Of one who was merged: who it is now, so that an old address leads there. @throws Problem 404. */
  async get(workspaceId: string, id: string): Promise<Candidate> {
    const candidate = await this.em.findOne(Candidate, { id, workspaceId });
    if (candidate === null) throw Problem.notFound('candidate');
    return candidate.mergedInto === null ? candidate : this.get(workspaceId, candidate.mergedInto);
  }

  async resumeOf(candidate: Candidate): Promise<Resume | null> {
    return this.em.findOne(Resume, { candidateId: candidate.id });
  }

  async profile(workspaceId: string, id: string): Promise<CandidateProfile> {
    const candidate = await this.get(workspaceId, id);
    const resume = await this.resumeOf(candidate);
    return {
      ...viewCandidate(candidate),
      customFields: await this.#customFieldsOf(candidate),
      resume: resume && {
        filename: resume.filename,
        contentType: resume.contentType,
        size: resume.size,
        storedAt: resume.storedAt.toISOString(),
        href: `/api/candidates/${candidate.id}/resume`,
      },
      applications: await this.#applicationsOf(candidate),
    };
  }

  async create(workspaceId: string, { jobId, ...values }: CreateCandidateBody): Promise<Candidate> {
    const candidate = new Candidate({ workspaceId, ...values });
    this.em.persist(candidate);
    if (jobId !== undefined) this.em.persist(await this.#apply(workspaceId, candidate.id, jobId));
    await this.em.flush();
    return candidate;
  }

  async #apply(workspaceId: string, candidateId: string, jobId: string): Promise<Application> {
    if ((await this.em.count(Job, { id: jobId, workspaceId })) === 0) throw Problem.notFound('job');
    const stage = await this.em.findOne(Stage, { workspaceId, kind: 'applied' }, { orderBy: { position: 'asc' } });
    if (stage === null)
      throw new Problem(409, 'not-possible-now', 'The pipeline has no stage of kind "applied": add one first.');
    return new Application({ workspaceId, candidateId, jobId, stageId: stage.id });
  }

  /** The library keeps what it imported; a copy here would double what every imported page costs. */
  async #customFieldsOf({ atsRecordId }: Candidate): Promise<CandidateProfile['customFields']> {
    const imported = atsRecordId === null ? null : await this.em.findOne(AtsCandidate, { id: atsRecordId });
    return (imported?.customFields ?? {}) as CandidateProfile['customFields'];
  }

  async #applicationsOf({ id, workspaceId }: Candidate): Promise<ApplicationView[]> {
    const applications = await this.em.find(Application, { candidateId: id, workspaceId }, { orderBy: { id: 'desc' } });
    const jobs = await this.em.find(Job, { workspaceId, id: { $in: present(applications.map(({ jobId }) => jobId)) } });
    const stages = await this.em.find(Stage, { workspaceId });
    return applications.map((application) => {
      const job = jobs.find((one) => one.id === application.jobId);
      const stage = stages.find((one) => one.id === application.stageId);
      return {
        id: application.id,
        job: job ? { id: job.id, title: job.title } : null,
        stage: stage ? { id: stage.id, name: stage.name, kind: stage.kind } : null,
        status: application.status,
        statusReason: application.statusReason,
        placement: application.placement,
        source: application.source,
        atsRecordId: application.atsRecordId,
        gone: application.gone,
        appliedAt: application.appliedAt?.toISOString() ?? null,
        movedAt: application.movedAt.toISOString(),
      };
    });
  }
}

function present(ids: readonly (string | null)[]): string[] {
  return ids.filter((id) => id !== null);
}
