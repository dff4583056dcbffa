import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import PQueue from 'p-queue';
import { ProviderSessions } from '../connections/provider-sessions.js';
import type { ProviderSession } from '../connections/session-transport.js';
import { ProviderFault } from '../contract/fault.js';
import { query } from '../database/query.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import { AtsError } from '../support/ats-error.js';
import { AFTER_A_REFUSAL_MS, ResumeClaims } from './resume-claims.js';
import { ResumeFiles } from './resume-files.js';
import type { PendingResume, ResumeOwner } from './resume-files.js';
import { ResumeListing } from './resume-listing.js';
import { RESUME_WORK } from './work-kinds.js';

/** Looked up, or fetched, before the lease is renewed and other connections get their turn. */
const SLICE = 25;
const AT_ONCE = 3;
/** Connections whose résumés one process fetches at once. */
const CONNECTIONS_AT_ONCE = 2;
const AFTER_A_FAULT_MS = 60_000;

/**
 * Résumés come behind everything else: a listing that costs a request a person, then the files. It goes in slices, so
 * a large account does not hold up small ones, and stands in the database, so a killed process loses nothing.
 */
@Injectable()
export class ResumeProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsResumes');
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly em: EntityManager,
    private readonly claims: ResumeClaims,
    private readonly sessions: ProviderSessions,
    private readonly listing: ResumeListing,
    private readonly files: ResumeFiles,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.process(RESUME_WORK, (item) => this.process(item.id), CONNECTIONS_AT_ONCE);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
  }

  async process(connectionId: string): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const running = this.#slice(connectionId);
    this.#running.add(running);
    await running.finally(() => this.#running.delete(running));
  }

  async #slice(connectionId: string): Promise<void> {
    const connection = await this.claims.claim(connectionId);
    if (connection === null) return;
    let again: number | null = null;
    let restMs = 0;
    try {
      const session = this.sessions.open(connection, this.#stopping.signal);
      // A sign-in that fails is no attempt at any of the files.
      await session.authoriser.header(this.#stopping.signal);
      const looking = this.listing.look(connection, session, SLICE);
      await looking.catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      // What is listed already is fetched whatever became of the listing.
      const { pending, waiting } = await this.#fetch(connection, session);
      const listed = await looking.catch((error: unknown) => {
        // While files come they go on; the listing's fault rests the connection once there are none left.
        if (pending > 0 && error instanceof ProviderFault && error.code !== 'rate-limited') return 0;
        throw error;
      });
      // An ATS that is away for a minute must not use up every file's attempts within a second.
      if (waiting > 0) again = AFTER_A_FAULT_MS;
      else if (listed + pending > 0) again = 0;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      if (error instanceof AtsError && error.code === 'not-connected') return;
      if (!(error instanceof ProviderFault)) throw error;
      this.#logger.warn(`Résumés of connection ${connectionId} wait: ${error.message}`);
      if (error.retryable) again = error.retryAfterMs ?? AFTER_A_FAULT_MS;
      else restMs = AFTER_A_REFUSAL_MS;
    } finally {
      await this.claims.release(connectionId, again ?? restMs);
    }
    if (again !== null)
      await this.queue.enqueue(
        { kind: RESUME_WORK, id: connectionId, lane: 'initial' },
        { delayMs: again === 0 ? 0 : again + 50 },
      );
  }

  async #fetch(connection: ResumeOwner, session: ProviderSession): Promise<{ pending: number; waiting: number }> {
    const pending = await query<PendingResume>(
      this.em.fork(),
      `select r.id, r.remote_id, r.filename, r.locator, r.hash, r.file_attempts, c.id as candidate_id
       from ats.resumes r join ats.candidates c on c.connection_id = r.connection_id and c.remote_id = r.candidate_remote_id
       where r.connection_id = $1 and r.file_state = 'pending' and r.tombstone is null and c.tombstone is null
       order by r.file_attempts, r.id limit $2`,
      [connection.id, SLICE],
    );
    const queue = new PQueue({ concurrency: AT_ONCE });
    const settled = await queue.addAll(pending.map((resume) => () => this.files.fetch(connection, session, resume)));
    return { pending: pending.length, waiting: settled.filter((done) => !done).length };
  }
}
