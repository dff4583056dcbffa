import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { Slots } from './slots.js';

const SWEEP_MS = 60_000;

/** Looks every minute for sign-ins that were begun and never finished, and gives back their place and credit. */
@Injectable()
export class AbandonedConnects implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsConnect');
  readonly #sweep: Sweep;

  constructor(
    private readonly slots: Slots,
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

  async #look(): Promise<void> {
    const count = await this.slots.releaseAbandoned();
    if (count > 0) this.#logger.log(`${count} sign-in(s) were never finished and are given up.`);
  }
}
