import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { AtsOptions } from '../support/options-token.js';
import { KeepAlive } from './keep-alive.js';
import { Revocations } from './revocations.js';

const SWEEP_MS = 10_000;

/** Looks every ten seconds for authorisations to keep alive, to warn of, and to give back. */
@Injectable()
export class ConnectionCare implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsRefresh');
  readonly #name = `ats-connection-care-${Math.random().toString(36).slice(2)}`;
  #sweeping: Promise<void> | null = null;
  #stopped = false;

  constructor(
    private readonly keepAlive: KeepAlive,
    private readonly revocations: Revocations,
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
    this.#stopped = true;
    await this.#sweeping;
  }

  /** Never throws: the next sweep tries again. A call while another one runs joins it. */
  sweep(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#sweeping ??= Promise.allSettled([this.keepAlive.sweep(), this.revocations.sweep()])
      .then((results) => {
        for (const result of results) {
          if (result.status === 'rejected')
            this.#logger.warn(`A sweep failed and is repeated: ${nameOf(result.reason)}`);
        }
      })
      .finally(() => {
        this.#sweeping = null;
      });
    return this.#sweeping;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
