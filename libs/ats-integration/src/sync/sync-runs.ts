import { randomUUID } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { ownedConnection } from '../connections/owned-connection.js';
import { refuseSuspended } from '../connections/suspension.js';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import type { Lane } from '../queue/work-queue.port.js';
import { inheritSeen } from '../records/seen-records.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { AtsOptions } from '../support/options-token.js';
import { sweepsDeletions } from './sync-run-status.js';
import type { RunKind } from './sync-run-status.js';
import { NAMED_WORK, RESUME_WORK, SYNC_WORK, TARGETED_WORK } from './work-kinds.js';

/** An unfinished full run this young is continued by the next one instead of begun again. */
const CONTINUED_WITHIN_HOURS = 24;

const LANE_OF: Readonly<Record<RunKind, Lane>> = {
  initial: 'initial',
  resync: 'initial',
  reconcile: 'initial',
  incremental: 'incremental',
  targeted: 'webhook',
};

export type RunTrigger = 'connect' | 'schedule' | 'person' | 'webhook';

interface ConnectionRow {
  readonly provider: string;
  readonly epoch: number;
  readonly status: string;
  readonly status_reason: string | null;
  readonly workspace_id: string;
  readonly awaits_start: boolean;
}

/** Whether a run that is asked for does what the active one does not. What a targeted run has not read yet, every other one reads as well. */
function isMore(kind: RunKind, active: RunKind): boolean {
  if (active === 'targeted') return kind !== 'targeted';
  return kind === 'resync' && active === 'incremental';
}

/** Asks for runs. At most one is active on a connection: the database says so, whoever asks at once. */
@Injectable()
export class SyncRuns {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** A run of this kind, or the one that is active already. A full run that a person asks for takes the place of a smaller one. Scoped by nothing: `requestIn` is for ids from outside. */
  async request(connectionId: string, kind: RunKind, trigger: RunTrigger): Promise<string> {
    const runId = await this.em.fork().transactional((em) => this.create(em, connectionId, kind, trigger));
    await this.wake(runId, kind);
    return runId;
  }

  /**
   * As `request`, for an id that a person gave.
   * @throws AtsError `not-found` for another workspace's connection, `suspended`, `not-connected`
   */
  async requestIn(workspaceId: string, connectionId: string, kind: RunKind): Promise<string> {
    await ownedConnection(this.em.fork(), workspaceId, connectionId);
    return this.request(connectionId, kind, 'person');
  }

  /**
   * Starts the first import, where connecting left it to a person who has seen its preview. One that runs already is that one.
   * @throws AtsError `not-found` for another workspace's connection, `already-imported`, `suspended`, `not-connected`
   */
  async startImport(workspaceId: string, connectionId: string): Promise<string> {
    await ownedConnection(this.em.fork(), workspaceId, connectionId);
    const [done] = await query(
      this.em.fork(),
      `select 1 from ats.connections where id = $1 and last_synced_at is not null`,
      [connectionId],
    );
    if (done !== undefined) {
      throw new AtsError(
        'already-imported',
        'The first import of this connection is complete. Re-sync to read everything again.',
      );
    }
    return this.request(connectionId, 'initial', 'person');
  }

  /** The first run of a connection that became active, in its transaction; null where a person starts it after a preview. */
  async createFirst(em: EntityManager, connectionId: string): Promise<string | null> {
    if (this.options.sync.startImport === 'after-preview')
      await execute(em, `update ats.connections set awaits_start = true where id = $1`, [connectionId]);
    return this.createAgain(em, connectionId, 'initial');
  }

  /** The run with which a connection that was signed in to again goes on; null while its first import was never started. */
  async createAgain(em: EntityManager, connectionId: string, kind: RunKind): Promise<string | null> {
    const [waits] = await query(em, `select 1 from ats.connections where id = $1 and awaits_start`, [connectionId]);
    return waits === undefined ? this.create(em, connectionId, kind, 'connect') : null;
  }

  /** A run for what webhooks named; one of another kind that is active reads that anyway, and is left to who has it. */
  async requestTargeted(connectionId: string): Promise<void> {
    const [id, kind] = await this.em.fork().transactional(async (em) => {
      const id = await this.create(em, connectionId, 'targeted', 'webhook');
      const [run] = await query<{ kind: RunKind }>(em, `select kind from ats.sync_runs where id = $1`, [id]);
      return [id, run?.kind ?? 'targeted'] as const;
    });
    if (kind === 'targeted') await this.wake(id, kind);
  }

  /**
   * As `request`, in the caller's transaction; call `wake` after it committed. While the first import waits to be started,
   * whatever run a person asks for starts it, and nobody else starts anything.
   * @throws AtsError `suspended`, `not-connected`, `awaits-start`
   */
  async create(em: EntityManager, connectionId: string, asked: RunKind, trigger: RunTrigger): Promise<string> {
    const [connection] = await query<ConnectionRow>(
      em,
      // Not `for update`: a page that is being committed refers to this row, and holds the run that a re-sync replaces.
      `select provider, epoch, status, status_reason, workspace_id, awaits_start from ats.connections where id = $1 for no key update`,
      [connectionId],
    );
    if (connection !== undefined) refuseSuspended(connection);
    if (connection === undefined || connection.status !== 'active') {
      throw new AtsError(
        'not-connected',
        'This connection is not active, so nothing can be synced. Reconnect it in Settings → Integrations.',
      );
    }
    const kind = connection.awaits_start ? 'initial' : asked;
    if (connection.awaits_start) await leaveToStart(em, connectionId, trigger);
    const [active] = await query<{ id: string; kind: RunKind; epoch: number }>(
      em,
      `select id, kind, epoch from ats.sync_runs where connection_id = $1 and status in ('queued', 'running')`,
      [connectionId],
    );
    const now = this.clock.now();
    if (active !== undefined) {
      const replaces = isMore(kind, active.kind);
      // One of an earlier epoch is never claimed again: joining it would mean to wait for ever.
      if (!replaces && active.epoch === connection.epoch) return active.id;
      await execute(
        em,
        `update ats.sync_runs set status = 'aborted', finished_at = $2, lease_until = null where id = $1`,
        [active.id, now],
      );
    }
    const { manifest } = this.registry.get(connection.provider).provider;
    const id = randomUUID();
    await execute(
      em,
      `insert into ats.sync_runs (id, connection_id, kind, trigger, status, epoch, window_until, queued_at)
       values ($1, $2, $3, $4, 'queued', $5, $6, $7)`,
      [
        id,
        connectionId,
        kind,
        trigger,
        connection.epoch,
        new Date(now.getTime() - manifest.incremental.lagSeconds * 1000),
        now,
      ],
    );
    await this.#continueUnfinished(em, connectionId, kind, id, now);
    await writeEvents(em, { workspaceId: connection.workspace_id, connectionId, provider: connection.provider }, now, [
      { type: 'sync-run.started', runId: id, runKind: kind },
    ]);
    return id;
  }

  /** Ends runs that nobody can claim any more, because their connection is no longer active: this one, or all that no worker holds. */
  async abortStranded(runId: string | null = null): Promise<void> {
    await execute(
      this.em.fork(),
      `update ats.sync_runs r set status = 'aborted', finished_at = $2, lease_until = null from ats.connections c
       where c.id = r.connection_id and (c.status <> 'active' or c.epoch <> r.epoch) and r.status in ('queued', 'running')
         and (r.id = $1 or $1::uuid is null and (r.lease_until is null or r.lease_until < now()))`,
      [runId, this.clock.now()],
    );
  }

  /** Résumés come behind the records: now it is their turn. */
  async wakeResumes(connectionId: string): Promise<void> {
    await this.queue.enqueue({ kind: RESUME_WORK, id: connectionId, lane: 'initial' });
  }

  /** Targeted runs are work of their own: behind the first syncs of others they would wait for hours. */
  async wake(runId: string, kind: RunKind, delayMs = 0): Promise<void> {
    const work = kind === 'targeted' ? TARGETED_WORK : SYNC_WORK;
    await this.queue.enqueue({ kind: work, id: runId, lane: LANE_OF[kind] }, { delayMs });
  }

  /** The ATS named records: whoever runs on the connection reads them, or a run of their own. */
  async wakeNamed(connectionId: string, delayMs = 0): Promise<void> {
    await this.queue.enqueue({ kind: NAMED_WORK, id: connectionId, lane: 'webhook' }, { delayMs });
  }

  /** What an earlier full run already brought in is not asked for again: its cursors and its window go over to the new run. */
  async #continueUnfinished(
    em: EntityManager,
    connectionId: string,
    kind: RunKind,
    id: string,
    now: Date,
  ): Promise<void> {
    if (kind !== 'initial' && !sweepsDeletions(kind)) return;
    const [last] = await query<{ id: string; status: string; window_until: Date }>(
      em,
      `select id, status, window_until from ats.sync_runs where connection_id = $1 and kind = $2 and id <> $3
       order by queued_at desc limit 1`,
      [connectionId, kind, id],
      ['window_until'],
    );
    if (last === undefined || last.status === 'completed') return;
    if (now.getTime() - last.window_until.getTime() > CONTINUED_WITHIN_HOURS * 3_600_000) return;
    await execute(
      em,
      `insert into ats.sync_streams (run_id, stream, status, cursor, pages, total, counts)
       select $2, stream, status, cursor, pages, total, counts from ats.sync_streams where run_id = $1`,
      [last.id, id],
    );
    await inheritSeen(em, last.id, id);
    await execute(em, `update ats.sync_runs set window_until = $2 where id = $1`, [id, last.window_until]);
  }
}

/** @throws AtsError `awaits-start` */
async function leaveToStart(em: EntityManager, connectionId: string, trigger: RunTrigger): Promise<void> {
  if (trigger !== 'person') {
    throw new AtsError('awaits-start', 'The first import of this connection waits for somebody to start it.');
  }
  await execute(em, `update ats.connections set awaits_start = false where id = $1`, [connectionId]);
}
