import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';
import { hasNamed } from './named-records.js';
import { SyncRuns } from './sync-runs.js';
import { NAMED_WORK } from './work-kinds.js';

/** Begins a targeted run when records were named and nothing else runs that would take them along. */
@Injectable()
export class NamedProcessor implements OnApplicationBootstrap {
  readonly #logger = new Logger('AtsWebhooks');

  constructor(
    private readonly em: EntityManager,
    private readonly runs: SyncRuns,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.process(NAMED_WORK, (item) => this.process(item.id), this.options.sync.concurrency);
  }

  async process(connectionId: string): Promise<void> {
    if (!(await hasNamed(this.em.fork(), connectionId))) return;
    try {
      await this.runs.requestTargeted(connectionId);
    } catch (error) {
      // Suspended, or to be signed in to again: what was named is read when it goes on.
      if (!(error instanceof AtsError)) throw error;
      this.#logger.debug(`What was named of connection ${connectionId} waits: ${error.message}`);
    }
  }
}
