import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { AtsOptions } from '../support/options-token.js';
import { Sweep } from './sweep.js';

/** Makes the sweeps of this process; they run only where `sync.schedule` is on. */
@Injectable()
export class Sweeps {
  constructor(
    private readonly timers: SchedulerRegistry,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** A sweep that `work` is done in every so many milliseconds; a failure is told to `logger` and tried again. */
  every(everyMs: number, logger: Logger, work: () => Promise<void>): Sweep {
    return new Sweep({ everyMs, logger, work, timers: this.options.sync.schedule ? this.timers : null });
  }
}
