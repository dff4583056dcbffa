import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { query } from '../database/query.js';
import { Clock } from '../support/clock.js';
import type { DomainEvent, DomainEventBody } from './domain-event.js';
import { EventPublisher } from './event-publisher.port.js';

const BATCH = 100;
const CLAIM_MS = 60_000;
const LONGEST_WAIT_MS = 10 * 60_000;

interface OutboxRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly connection_id: string;
  readonly provider: string;
  readonly occurred_at: Date;
  readonly body: DomainEventBody;
  readonly attempts: number;
}

/**
 * Carries events from the outbox to the publisher, at least once: a crash between publishing and deleting publishes
 * again. Events of one connection never overtake each other: while one waits for its next attempt, so do those behind it.
 */
@Injectable()
export class OutboxRelay {
  readonly #logger = new Logger('AtsOutbox');
  #running: Promise<number> | null = null;

  constructor(
    private readonly em: EntityManager,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Publishes what is due; a call while another one runs joins it. Returns how many events were published. */
  drain(): Promise<number> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #drain(): Promise<number> {
    let published = 0;
    for (;;) {
      const claimedAt = this.clock.now().getTime();
      const rows = await this.#claim();
      for (const ofConnection of byConnection(rows)) {
        // Past its claim another relay may have taken the rest.
        if (this.clock.now().getTime() - claimedAt >= CLAIM_MS) break;
        published += await this.#publish(ofConnection);
      }
      if (rows.length < BATCH) return published;
    }
  }

  /** Events of one connection: what the publisher refuses of it holds up no other. Returns how many were published. */
  async #publish(rows: readonly OutboxRow[]): Promise<number> {
    try {
      await this.publisher.publish(rows.map(toEvent));
    } catch (error) {
      await this.#postpone(rows, error);
      return 0;
    }
    await query(this.em.fork(), `delete from ats.outbox_events where id = any($1::bigint[])`, [
      rows.map((row) => row.id),
    ]);
    return rows.length;
  }

  /**
   * Takes a batch for a while. Nothing is held open while the host publishes: its handlers may use the database. What
   * a dead relay had taken is offered again when the claim runs out.
   */
  async #claim(): Promise<readonly OutboxRow[]> {
    const now = this.clock.now();
    return this.em.fork().transactional(async (em) => {
      // One claim at a time over all processes, else a second relay could take the events behind the ones we take.
      const [lock] = await query<{ ok: boolean }>(em, `select pg_try_advisory_xact_lock(hashtext('ats.outbox')) as ok`);
      if (lock?.ok !== true) return [];
      return query<OutboxRow>(
        em,
        `update ats.outbox_events set not_before = $2 where id in (
           select id from ats.outbox_events e
           where not exists (select 1 from ats.outbox_events w
             where w.connection_id = e.connection_id and w.not_before > $1 and w.id <= e.id)
           order by id limit $3)
         returning id::text, workspace_id, connection_id, provider, occurred_at, body, attempts`,
        [now, new Date(now.getTime() + CLAIM_MS), BATCH],
        ['occurred_at'],
      ).then((rows) => rows.sort((left, right) => Number(left.id) - Number(right.id)));
    });
  }

  async #postpone(rows: readonly OutboxRow[], error: unknown): Promise<void> {
    const attempts = Math.max(...rows.map((row) => row.attempts)) + 1;
    const waitMs = Math.min(1000 * 2 ** attempts, LONGEST_WAIT_MS);
    this.#logger.warn(
      `The event publisher refused ${rows.length} events; they are offered again in ${Math.round(waitMs / 1000)} s: ${error instanceof Error ? error.message : String(error)}`,
    );
    await query(
      this.em.fork(),
      `update ats.outbox_events set attempts = $2, not_before = $3 where id = any($1::bigint[])`,
      [rows.map((row) => row.id), attempts, new Date(this.clock.now().getTime() + waitMs)],
    );
  }
}

/** In the order of their first events; each connection's own order is kept. */
function byConnection(rows: readonly OutboxRow[]): readonly (readonly OutboxRow[])[] {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const group = groups.get(row.connection_id);
    if (group === undefined) groups.set(row.connection_id, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function toEvent(row: OutboxRow): DomainEvent {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    connectionId: row.connection_id,
    provider: row.provider,
    occurredAt: row.occurred_at,
    body: row.body,
  };
}
