import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';
import type { HiringPipeline, HostStage, PipelineBatch } from '../host/hiring-pipeline.port.js';
import type { AtsDatabase } from './ats-database.js';
import { ELLY_STAGES } from './elly-stages.js';

/** A host that keeps what it is given in tables of its own, in the transaction of the page. */
export class TablePipeline implements HiringPipeline {
  readonly batches: PipelineBatch[] = [];
  hostStages: readonly HostStage[] = ELLY_STAGES;
  /** Called in the transaction, before anything is written. */
  before: (batch: PipelineBatch, em: EntityManager) => Promise<void> | void = () => undefined;

  static async createTables(database: AtsDatabase): Promise<void> {
    await database.rows(`create schema host`);
    await database.rows(`create table host.jobs (id uuid primary key, title text not null)`);
    await database.rows(`create table host.candidates (id uuid primary key, name text not null, record jsonb)`);
    // The keys make the database refuse an application that comes before its candidate or its job.
    await database.rows(`create table host.applications (id uuid primary key, remote_id text not null, stage text,
      candidate_id uuid not null references host.candidates (id), job_id uuid references host.jobs (id))`);
    await database.rows(
      `create table host.resumes (candidate_id uuid primary key references host.candidates (id), reference text not null)`,
    );
  }

  stages(): Promise<readonly HostStage[]> {
    return Promise.resolve(this.hostStages);
  }

  async apply(batch: PipelineBatch, em: EntityManager): Promise<void> {
    await this.before(batch, em);
    for (const { id, record } of batch.jobs) {
      await execute(em, `insert into host.jobs values ($1, $2) on conflict (id) do update set title = excluded.title`, [
        id,
        record.title,
      ]);
    }
    for (const { id, record } of batch.candidates) {
      await execute(
        em,
        `insert into host.candidates values ($1, $2, $3::jsonb)
         on conflict (id) do update set name = excluded.name, record = excluded.record`,
        [id, record.name, JSON.stringify(record)],
      );
    }
    for (const { id, record, candidateId, jobId, placement } of batch.applications) {
      await execute(
        em,
        `insert into host.applications (id, remote_id, stage, candidate_id, job_id) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set stage = excluded.stage`,
        [id, record.remoteId, placement?.stageId ?? null, candidateId, jobId],
      );
    }
    for (const { candidateId, reference } of batch.resumes) {
      await execute(
        em,
        `insert into host.resumes values ($1, $2) on conflict (candidate_id) do update set reference = excluded.reference`,
        [candidateId, reference],
      );
    }
    this.batches.push(batch);
  }
}
