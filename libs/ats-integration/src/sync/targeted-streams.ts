import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { StreamRequest, StreamSpec } from '../contract/ats-provider.js';
import type { RecordKind } from '../contract/records.js';
import { query } from '../database/query.js';
import { FollowUps, IDS_AT_ONCE } from './follow-ups.js';
import { ReadStream } from './read-stream.js';
import { streamOfIds } from './targeted-plan.js';
import type { TargetedReading } from './targeted-reading.js';

/** Reads rows of streams by their ids, and what hangs on them. */
@Injectable()
export class TargetedStreams {
  #readings = 0;

  constructor(
    private readonly em: EntityManager,
    private readonly streams: ReadStream,
    private readonly followUps: FollowUps,
  ) {}

  async read(reading: TargetedReading, stream: StreamSpec<unknown>, ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const remoteIds = ids.slice(start, start + IDS_AT_ONCE);
      await this.#read(reading, stream, { mode: 'ids', remoteIds });
    }
  }

  async stagesOfJobs(reading: TargetedReading, jobRemoteIds: readonly string[]): Promise<void> {
    for (const stream of reading.sync.session.provider.streams) {
      if (stream.kinds[0] === 'stage' && stream.modes.includes('of-jobs'))
        await this.#read(reading, stream, { mode: 'of-jobs', jobRemoteIds });
    }
  }

  async peopleOfOpenedJobs({ sync }: TargetedReading): Promise<void> {
    const { streams } = sync.session.provider;
    for (const stream of streams)
      if (stream.kinds.includes('application')) await this.followUps.peopleOfOpenedJobs(sync, stream);
    for (const stream of streams)
      if (stream.kinds.includes('candidate')) await this.followUps.missingCandidates(sync, stream);
    for (const stream of streams)
      if (stream.kinds.includes('resume')) await this.followUps.resumesOfOpenedJobs(sync, stream);
  }

  /** Candidates of these applications who are not here yet. */
  async candidatesOf({ sync }: TargetedReading, applicationIds: readonly string[]): Promise<void> {
    const stream = streamOfIds(sync.session.provider, 'candidate');
    if (stream !== undefined) await this.followUps.missingCandidates(sync, stream, applicationIds);
  }

  /** Jobs for whose absence these applications were left out. */
  async unknownJobsOf({ sync }: TargetedReading, applicationIds: readonly string[]): Promise<string[]> {
    const rows = await query<{ id: string }>(
      this.em.fork(),
      `select distinct job_remote_id as id from ats.skipped_records where connection_id = $1 and kind = 'application'
         and remote_id = any($2) and reason = 'job-not-visible' and job_remote_id is not null`,
      [sync.run.connection.id, applicationIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Applications of these candidates, or the other way round, as far as they are here. */
  async partnersOf({ sync }: TargetedReading, kind: RecordKind, ids: readonly string[]): Promise<string[]> {
    const [wanted, given] =
      kind === 'candidate' ? ['remote_id', 'candidate_remote_id'] : ['candidate_remote_id', 'remote_id'];
    const rows = await query<{ id: string }>(
      this.em.fork(),
      `select distinct ${wanted} as id from ats.applications where connection_id = $1 and ${given} = any($2)`,
      [sync.run.connection.id, ids],
    );
    return rows.map(({ id }) => id);
  }

  /** Never continued at a cursor: whoever takes over after a crash asks for all of it again, to know who is missing. */
  async #read(reading: TargetedReading, stream: StreamSpec<unknown>, request: StreamRequest): Promise<void> {
    const { run, rules, index, session } = reading.sync;
    this.#readings += 1;
    await this.streams.read({
      run,
      rules,
      index,
      context: session.context,
      stream: reading.noting(stream),
      request,
      name: `${stream.name}+${request.mode}-${run.fence}.${this.#readings}`,
    });
  }
}
