import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { AtsOptions } from '../support/options-token.js';
import { Slots } from './slots.js';

const SWEEP_MS = 60_000;

/** Looks every minute for sign-ins that were begun and never finished, and gives back their place and credit. */
@Injectable()
export class AbandonedConnects implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsConnect');
  readonly #name = `ats-abandoned-connects-${Math.random().toString(36).slice(2)}`;
  #sweeping: Promise<void> | null = null;

  constructor(
    private readonly slots: Slots,
    private readonly timers: SchedulerRegistry,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.options.sync.schedule) return;
    const timer = setInterval(() => void this.sweep(), SWEEP_MS);
    timer.unref();
    this.timers.addInterval(this.#name, timer);
    void this.sweep();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#sweeping;
  }

  /** Never throws: the next minute tries again. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.slots
      .releaseAbandoned()
      .then((count) => {
        if (count > 0) this.#logger.log(`${count} sign-in(s) were never finished; place and credit are free again.`);
      })
      .catch((error: unknown) =>
        this.#logger.warn(
          `Abandoned sign-ins could not be cleared: ${error instanceof Error ? error.name : 'unknown error'}`,
        ),
      )
      .finally(() => {
        this.#sweeping = null;
      });
    return this.#sweeping;
  }
}
