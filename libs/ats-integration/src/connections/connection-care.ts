import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { KeepAlive } from './keep-alive.js';
import { Revocations } from './revocations.js';

const SWEEP_MS = 10_000;

/**
 * Looks every ten seconds for authorisations to keep alive and to warn of, and in a sweep of its own for those to give
 * back: an ATS that is slow to take them must not let the living ones die.
 */
@Injectable()
export class ConnectionCare implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #keepingAlive: Sweep;
  readonly #givingBack: Sweep;

  constructor(keepAlive: KeepAlive, revocations: Revocations, sweeps: Sweeps) {
    this.#keepingAlive = sweeps.every(SWEEP_MS, new Logger('AtsRefresh'), async () => void (await keepAlive.sweep()));
    this.#givingBack = sweeps.every(SWEEP_MS, new Logger('AtsDisconnect'), async () => {
      await revocations.sweep(() => this.#givingBack.stopped);
    });
  }

  onApplicationBootstrap(): void {
    this.#keepingAlive.begin();
    this.#givingBack.begin();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#keepingAlive.end(), this.#givingBack.end()]);
  }
}
