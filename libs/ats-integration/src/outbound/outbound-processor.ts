import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { EVENT_WORK } from '../events/event-processor.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import { nameOf } from '../schedule/sweep.js';
import { AtsOptions } from '../support/options-token.js';
import { ChangeClaims } from './change-claims.js';
import { ChangeLost } from './change-lost.js';
import type { ClaimedChange } from './change-claims.js';
import type { Worked } from './change-endings.js';
import { ChangeWake } from './change-wake.js';
import { SendChange } from './send-change.js';
import { STAGE_CHANGE_WORK } from './work-kind.js';

const AFTER_AN_ERROR_MS = 5_000;

/** Takes an application from the queue and sends its changes in their order. Holds nothing that a killed process would lose. */
@Injectable()
export class OutboundProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsOutbound');
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly sending: SendChange,
    private readonly claims: ChangeClaims,
    private readonly waking: ChangeWake,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.process(STAGE_CHANGE_WORK, (item) => this.process(item.id), this.options.outbound.concurrency);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
  }

  async process(applicationId: string): Promise<void> {
    const running = this.#changesOf(applicationId);
    this.#running.add(running);
    await running.finally(() => this.#running.delete(running));
  }

  async #changesOf(applicationId: string): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const change = await this.claims.claim(applicationId);
      if (change === null) return;
      const worked = await this.#work(change);
      if (worked === null) return;
      if (worked.againMs > 0) return this.waking.wake(applicationId, worked.againMs + 50);
      // Somebody may be waiting to be told.
      await this.queue.enqueue({ kind: EVENT_WORK, id: 'outbox', lane: 'outbound' });
    }
  }

  async #work(change: ClaimedChange): Promise<Worked> {
    try {
      return await this.sending.work(change, this.#stopping.signal);
    } catch (error) {
      // Superseded, or its connection went: whatever is next of this application is looked at.
      if (error instanceof ChangeLost) return { againMs: 0 };
      this.#logger.warn(`Stage change ${change.id} was interrupted and is looked at again: ${nameOf(error)}`);
      // Our own database or the host's pipeline. What may have been sent stands written down.
      await this.claims.release(change, AFTER_AN_ERROR_MS, {
        failed: true,
        why: { code: 'waiting', sentence: 'Elly was interrupted; it looks at the ATS again in a moment.' },
      });
      return { againMs: AFTER_AN_ERROR_MS };
    }
  }
}
