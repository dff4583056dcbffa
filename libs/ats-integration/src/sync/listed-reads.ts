import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { StreamSpec } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import { FollowUps } from './follow-ups.js';
import { ReadStream } from './read-stream.js';
import type { RunningSync } from './running-sync.js';
import { leaveOutStream, requestOf } from './stream-state.js';

/** Reads a stream as a whole or what changed in it, and then what such a list cannot show. */
@Injectable()
export class ListedReads {
  constructor(
    private readonly em: EntityManager,
    private readonly streams: ReadStream,
    private readonly followUps: FollowUps,
  ) {}

  /** False: the connection may not read it, and goes without. */
  async read(sync: RunningSync, stream: StreamSpec<unknown>): Promise<boolean> {
    const { run, session, rules, index } = sync;
    const { overlapSeconds } = session.provider.manifest.incremental;
    const request = await requestOf(this.em.fork(), run, stream, overlapSeconds);
    try {
      await this.streams.read({ run, rules, index, context: session.context, stream, request, name: stream.name });
    } catch (error) {
      if (stream.optional !== true || !isNotAllowed(error)) throw error;
      await leaveOutStream(this.em.fork(), run, stream.name);
      return false;
    }
    if (stream.kinds.includes('application')) await this.followUps.peopleOfOpenedJobs(sync, stream);
    if (stream.kinds.includes('resume')) await this.followUps.resumesOfOpenedJobs(sync, stream);
    if (stream.kinds.includes('candidate')) await this.followUps.missingCandidates(sync, stream);
    return true;
  }
}

function isNotAllowed(error: unknown): boolean {
  return error instanceof ProviderFault && (error.code === 'forbidden-scope' || error.code === 'not-found');
}
