import type {
  HiringPipeline,
  HostPerson,
  HostStage,
  PeopleQuery,
  PersonMerge,
  PersonUnmerge,
  PipelineBatch,
} from '@elly/ats-integration';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { boundQuery } from '../database/bound-query.js';
import { importApplications } from './import-applications.js';
import { importCandidates } from './import-candidates.js';
import { importGone } from './import-gone.js';
import { importJobs } from './import-jobs.js';
import { importResumes } from './import-resumes.js';
import { mergePeople, unmergePeople } from './merge-people.js';
import { ownPeople } from './own-people.js';

/** Imported records as Elly's own rows: one statement for each kind of a page, in the transaction of the page. */
@Injectable()
export class EllyHiringPipeline implements HiringPipeline {
  constructor(private readonly em: EntityManager) {}

  async stages(workspaceId: string): Promise<readonly HostStage[]> {
    const { rows } = await boundQuery<HostStage>(
      this.em,
      `select id, name, kind, position from elly.stages where workspace_id = $1 order by position`,
      [workspaceId],
    );
    return rows;
  }

  async apply(batch: PipelineBatch, em: EntityManager): Promise<void> {
    if (batch.jobs.length > 0) demandAll('jobs', batch.jobs.length, await importJobs(batch, em));
    if (batch.candidates.length > 0)
      demandAll('candidates', batch.candidates.length, await importCandidates(batch, em));
    if (batch.applications.length > 0)
      demandAll('applications', batch.applications.length, await importApplications(batch, em));
    if (batch.resumes.length > 0) await importResumes(batch, em);
    if (batch.gone.length > 0) await importGone(batch, em);
  }

  async findByEmail(
    workspaceId: string,
    emails: readonly string[],
    { notOfConnection }: { readonly notOfConnection: string },
  ): Promise<readonly { readonly email: string; readonly candidateId: string }[]> {
    const { rows } = await boundQuery<{ email: string; candidateId: string }>(
      this.em,
      `select distinct on (email) lower(btrim(e)) as email, c.id as "candidateId"
       from elly.candidates c cross join lateral unnest(c.emails) as e
       where c.workspace_id = $1 and c.connection_id is distinct from $3 and lower(btrim(e)) = any($2)
       order by email, c.created_at`,
      [workspaceId, emails, notOfConnection],
    );
    return rows;
  }

  people(workspaceId: string, query: PeopleQuery, em: EntityManager): Promise<readonly HostPerson[]> {
    return ownPeople(workspaceId, query, em);
  }

  merge(merge: PersonMerge, em: EntityManager): Promise<void> {
    return mergePeople(merge, em);
  }

  unmerge(merge: PersonUnmerge, em: EntityManager): Promise<void> {
    return unmergePeople(merge, em);
  }
}

/** A row that was left out would be lost without a word: fail the page instead, so that it is tried again and seen. */
function demandAll(kind: string, given: number, written: number): void {
  if (written === given) return;
  throw new Error(
    `${given - written} of ${given} ${kind} could not be written: they belong to another workspace, or to a candidate or job that was never imported.`,
  );
}
