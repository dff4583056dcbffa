import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { dueRecords } from '../outbound/lease.js';
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
    const due = await dueRecords(this.em.fork(), 'ats.field_changes', 'candidate_id', {
      limit: MOST_AT_ONCE,
      withinMs: SWEEP_MS,
    });
    for (const { id, delayMs } of due) await this.waking.wake(id, delayMs ?? 0);
  }
}
