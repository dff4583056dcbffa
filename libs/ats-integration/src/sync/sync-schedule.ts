import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { query } from '../database/query.js';
import { EVENT_WORK } from '../events/event-processor.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { SyncRuns } from './sync-runs.js';
import type { RunKind } from './sync-run-status.js';
import { RESUME_WORK } from './work-kinds.js';

const SWEEP_MS = 5_000;
const MOST_AT_ONCE = 200;

/**
 * Finds in Postgres what is due and queues it: connections whose time has come, runs that wait or whose worker died,
 * résumés, events. The queue may forget everything; the next sweep finds it again.
 */
@Injectable()
export class SyncSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsSchedule');
  readonly #sweep: Sweep;

  constructor(
    private readonly em: EntityManager,
    private readonly runs: SyncRuns,
    private readonly providers: ProviderRegistry,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    sweeps: Sweeps,
  ) {
    this.#sweep = sweeps.every(SWEEP_MS, this.#logger, () => this.#look());
  }

  onApplicationBootstrap(): void {
    this.#sweep.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#sweep.end();
  }

  /** One sweep; a call while another one runs joins it. Never throws: the database may be away for a moment. */
  sweep(): Promise<void> {
    return this.#sweep.now();
  }

  async #look(): Promise<void> {
    const em = this.em.fork();
    await this.runs.abortStranded();
    const due = await query<{ id: string; kind: RunKind }>(
      em,
      `select c.id, case when c.last_synced_at is null then 'initial' when c.next_reconcile_at <= now() then 'reconcile' else 'incremental' end as kind from ats.connections c
       where c.status = 'active' and c.next_run_at <= now() and not c.awaits_start
         and not exists (select 1 from ats.sync_runs r where r.connection_id = c.id and r.status in ('queued', 'running') and r.kind <> 'targeted')
       order by c.next_run_at limit $1`,
      [MOST_AT_ONCE],
    );
    for (const { id, kind } of due) await this.#request(id, kind);
    // What a worker that died holds is taken up when its lease ends, not a sweep later; of a living one nothing comes of it.
    const waiting = await query<{ id: string; kind: RunKind; delay_ms: number }>(
      em,
      `select id, kind, greatest(0, ceil(extract(epoch from lease_until - now()) * 1000))::int as delay_ms from ats.sync_runs
       where status in ('queued', 'running') and (lease_until is null or lease_until < now() + make_interval(secs => $2))
         and (not_before is null or not_before <= now())
       order by queued_at limit $1`,
      [MOST_AT_ONCE, SWEEP_MS / 1000],
    );
    for (const { id, kind, delay_ms: delayMs } of waiting) await this.runs.wake(id, kind, delayMs);
    const resumes = await query<{ id: string; delay_ms: number }>(
      em,
      `select c.id, greatest(0, ceil(extract(epoch from c.resumes_lease_until - now()) * 1000))::int as delay_ms from ats.connections c
       where c.status = 'active' and (c.resumes_lease_until is null or c.resumes_lease_until < now() + make_interval(secs => $3)) and (
         exists (select 1 from ats.resumes r where r.connection_id = c.id and r.file_state = 'pending' and r.tombstone is null)
         or c.provider = any($2) and exists (select 1 from ats.applications a where a.connection_id = c.id and a.tombstone is null
           and (a.resume_checked_version is null or a.resume_checked_version < a.version)))
       limit $1`,
      [MOST_AT_ONCE, this.providers.listingResumesByApplication(), SWEEP_MS / 1000],
    );
    for (const { id, delay_ms: delayMs } of resumes)
      await this.queue.enqueue({ kind: RESUME_WORK, id, lane: 'initial' }, { delayMs });
    const [events] = await query<{ any: boolean }>(em, `select exists (select 1 from ats.outbox_events) as any`);
    if (events?.any === true) await this.queue.enqueue({ kind: EVENT_WORK, id: 'outbox', lane: 'outbound' });
  }

  async #request(connectionId: string, kind: RunKind): Promise<void> {
    try {
      await this.runs.request(connectionId, kind, 'schedule');
    } catch (error) {
      // Disconnected between the two statements, or its provider is no longer registered: the others go on.
      this.#logger.warn(
        `Connection ${connectionId} was due but could not be queued: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
    }
  }
}
