import { createHash } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { StreamRequest, StreamSpec } from '../contract/ats-provider.js';
import { execute, query } from '../database/query.js';
import { ReadStream } from './read-stream.js';
import type { RunningSync } from './running-sync.js';
import type { RunKind } from './sync-run-status.js';

/** Asked for at once: what every ATS's list of ids takes. */
export const IDS_AT_ONCE = 500;

/** Runs that do not list everything. */
const NARROW_RUNS: readonly RunKind[] = ['incremental', 'targeted'];

/** What a stream of changes cannot show: people of a job that opened, and candidates whose application came in without them. */
@Injectable()
export class FollowUps {
  constructor(
    private readonly em: EntityManager,
    private readonly streams: ReadStream,
  ) {}

  /** People apply while a job is a draft or closed; when it opens they are imported although nothing of them changed. */
  async peopleOfOpenedJobs(sync: RunningSync, stream: StreamSpec<unknown>): Promise<void> {
    const jobs = await this.#openedJobs(sync);
    await this.#readOfJobs(sync, stream, jobs);
    // Where résumés are a list of their own, the job is only done with when they are here too.
    if (!sync.session.provider.streams.some(listsResumesOfJobs)) await this.#imported(sync, jobs);
  }

  /** Nor do the résumés of those people change; they come once the people are here. */
  async resumesOfOpenedJobs(sync: RunningSync, stream: StreamSpec<unknown>): Promise<void> {
    if (!listsResumesOfJobs(stream)) return;
    const jobs = await this.#openedJobs(sync);
    await this.#readOfJobs(sync, stream, jobs);
    await this.#imported(sync, jobs);
  }

  async #openedJobs({ run }: RunningSync): Promise<string[]> {
    const jobs = await query<{ remote_id: string }>(
      this.em.fork(),
      `select remote_id from ats.jobs where connection_id = $1 and open and not people_imported and tombstone is null order by remote_id`,
      [run.connection.id],
    );
    return jobs.map((job) => job.remote_id);
  }

  async #readOfJobs(sync: RunningSync, stream: StreamSpec<unknown>, jobs: readonly string[]): Promise<void> {
    const readInFull = !NARROW_RUNS.includes(sync.run.kind) || !stream.modes.includes('changes');
    if (jobs.length === 0 || readInFull || !sync.rules.openJobsOnly || !stream.modes.includes('of-jobs')) return;
    await this.#read(sync, stream, { mode: 'of-jobs', jobRemoteIds: jobs }, jobs);
  }

  async #imported({ run }: RunningSync, jobs: readonly string[]): Promise<void> {
    if (jobs.length === 0) return;
    await execute(
      this.em.fork(),
      `update ats.jobs set people_imported = true where connection_id = $1 and remote_id = any($2) and open`,
      [run.connection.id, jobs],
    );
  }

  /** Candidates of imported applications whom no page brought; whom the ATS does not show is remembered and not asked for again. `ofApplications`: only of these. */
  async missingCandidates(
    sync: RunningSync,
    stream: StreamSpec<unknown>,
    ofApplications: readonly string[] | null = null,
  ): Promise<void> {
    if (stream.kinds[0] !== 'candidate' || !stream.modes.includes('ids')) return;
    for (;;) {
      const missing = await this.#missing(sync, ofApplications);
      if (missing.length === 0) return;
      await this.#read(sync, stream, { mode: 'ids', remoteIds: missing }, missing);
      await this.#markInvisible(sync, missing);
    }
  }

  /** These records by their ids, of a stream whose first kind they are. */
  readIds(sync: RunningSync, stream: StreamSpec<unknown>, remoteIds: readonly string[]): Promise<void> {
    return this.#read(sync, stream, { mode: 'ids', remoteIds }, remoteIds);
  }

  async #missing({ run }: RunningSync, ofApplications: readonly string[] | null): Promise<string[]> {
    const rows = await query<{ id: string }>(
      this.em.fork(),
      `select distinct a.candidate_remote_id as id from ats.applications a
       where a.connection_id = $1 and a.tombstone is null and ($3::text[] is null or a.remote_id = any($3))
         and not exists (select 1 from ats.candidates c where c.connection_id = a.connection_id and c.remote_id = a.candidate_remote_id)
         and not exists (select 1 from ats.skipped_records s where s.connection_id = a.connection_id and s.kind = 'candidate'
           and s.remote_id = a.candidate_remote_id and s.reason = 'not-visible')
         and not exists (select 1 from ats.quarantined_records q where q.connection_id = a.connection_id and q.kind = 'candidate'
           and q.row_key = a.candidate_remote_id)
       order by id limit $2`,
      [run.connection.id, IDS_AT_ONCE, ofApplications],
    );
    return rows.map((row) => row.id);
  }

  async #markInvisible({ run }: RunningSync, asked: readonly string[]): Promise<void> {
    await execute(
      this.em.fork(),
      `insert into ats.skipped_records (connection_id, kind, remote_id, reason)
       select $1::uuid, 'candidate', asked.remote_id, 'not-visible' from unnest($2::text[]) as asked(remote_id)
       where not exists (select 1 from ats.candidates c where c.connection_id = $1 and c.remote_id = asked.remote_id)
         and not exists (select 1 from ats.quarantined_records q
           where q.connection_id = $1 and q.kind = 'candidate' and q.row_key = asked.remote_id)
       on conflict (connection_id, kind, remote_id) do update set reason = excluded.reason, seen_at = now()`,
      [run.connection.id, asked],
    );
  }

  /** `asked`: what tells this reading from others; a cursor that belongs to other ids must not be taken for its own. */
  #read(
    sync: RunningSync,
    stream: StreamSpec<unknown>,
    request: StreamRequest,
    asked: readonly string[],
  ): Promise<void> {
    const { run, rules, index, session } = sync;
    const digest = createHash('sha1').update(JSON.stringify(asked)).digest('base64url');
    return this.streams.read({
      run,
      rules,
      index,
      context: session.context,
      stream,
      request,
      name: `${stream.name}+${request.mode}-${digest.slice(0, 12)}`,
    });
  }
}

/** People and résumés in one row come together. */
function listsResumesOfJobs({ kinds, modes }: StreamSpec<unknown>): boolean {
  return kinds.includes('resume') && !kinds.includes('application') && modes.includes('of-jobs');
}
