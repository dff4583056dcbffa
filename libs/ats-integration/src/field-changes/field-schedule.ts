import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { query } from '../database/query.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { FieldWake } from './field-wake.js';
import { StrandedEdits } from './stranded-edits.js';

const SWEEP_MS = 5_000;
const MOST_AT_ONCE = 200;

/** Finds in Postgres what the queue forgot: edits that are due, whose worker died, or that nobody can send any more. */
@Injectable()
export class FieldSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #sweep: Sweep;

  constructor(
    private readonly em: EntityManager,
    private readonly waking: FieldWake,
    private readonly stranded: StrandedEdits,
    sweeps: Sweeps,
  ) {
    this.#sweep = sweeps.every(SWEEP_MS, new Logger('AtsFieldChanges'), () => this.#look());
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
    await this.stranded.refuse();
    const due = await query<{ candidate_id: string; delay_ms: number }>(
      this.em.fork(),
      `select s.candidate_id, greatest(0, ceil(extract(epoch from min(s.lease_until) - now()) * 1000))::int as delay_ms
       from ats.field_changes s join ats.connections c on c.id = s.connection_id and c.epoch = s.epoch
       where s.status in ('pending', 'sending') and c.status = 'active'
         and (s.lease_until is null or s.lease_until < now() + make_interval(secs => $2))
         and (s.not_before is null or s.not_before <= now())
       group by s.candidate_id order by min(s.nth) limit $1`,
      [MOST_AT_ONCE, SWEEP_MS / 1000],
    );
    for (const { candidate_id: id, delay_ms: delayMs } of due) await this.waking.wake(id, delayMs ?? 0);
  }
}
