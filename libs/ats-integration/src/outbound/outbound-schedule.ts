import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { ChangeWake } from './change-wake.js';
import { dueRecords } from './lease.js';
import { StrandedChanges } from './stranded-changes.js';

const SWEEP_MS = 5_000;
const MOST_AT_ONCE = 200;

/** Finds in Postgres what the queue forgot: changes that are due, whose worker died, or whose connection ended. */
@Injectable()
export class OutboundSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #sweep: Sweep;

  constructor(
    private readonly em: EntityManager,
    private readonly waking: ChangeWake,
    private readonly stranded: StrandedChanges,
    sweeps: Sweeps,
  ) {
    this.#sweep = sweeps.every(SWEEP_MS, new Logger('AtsOutbound'), () => this.#look());
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
    const due = await dueRecords(this.em.fork(), 'ats.stage_changes', 'application_id', {
      limit: MOST_AT_ONCE,
      withinMs: SWEEP_MS,
    });
    for (const { id, delayMs } of due) await this.waking.wake(id, delayMs ?? 0);
  }
}
