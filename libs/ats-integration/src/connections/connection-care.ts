import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { nameOf } from '../schedule/sweep.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { KeepAlive } from './keep-alive.js';
import { Revocations } from './revocations.js';

const SWEEP_MS = 10_000;

/** Looks every ten seconds for authorisations to keep alive, to warn of, and to give back. */
@Injectable()
export class ConnectionCare implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsRefresh');
  readonly #sweep: Sweep;

  constructor(
    private readonly keepAlive: KeepAlive,
    private readonly revocations: Revocations,
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

  /** Neither waits for the other one's failure. */
  async #look(): Promise<void> {
    for (const result of await Promise.allSettled([this.keepAlive.sweep(), this.revocations.sweep()])) {
      if (result.status === 'rejected') this.#logger.warn(`A sweep failed and is repeated: ${nameOf(result.reason)}`);
    }
  }
}
