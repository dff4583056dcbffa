import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { EVENT_WORK } from '../events/event-processor.js';
import type { Worked } from '../outbound/change-endings.js';
import { ChangeLost } from '../outbound/change-lost.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import { nameOf } from '../schedule/sweep.js';
import { AtsOptions } from '../support/options-token.js';
import { FieldClaims } from './field-claims.js';
import type { ClaimedEdit } from './field-claims.js';
import { FIELD_CHANGE_WORK, FieldWake } from './field-wake.js';
import { SendFields } from './send-fields.js';

const AFTER_AN_ERROR_MS = 5_000;

/** Takes a candidate from the queue and sends their edits in order. Holds nothing that a killed process would lose. */
@Injectable()
export class FieldProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsFieldChanges');
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly sending: SendFields,
    private readonly claims: FieldClaims,
    private readonly waking: FieldWake,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.process(FIELD_CHANGE_WORK, (item) => this.process(item.id), this.options.outbound.concurrency);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
  }

  async process(candidateId: string): Promise<void> {
    const running = this.#editsOf(candidateId);
    this.#running.add(running);
    await running.finally(() => this.#running.delete(running));
  }

  async #editsOf(candidateId: string): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const edit = await this.claims.claim(candidateId);
      if (edit === null) return;
      const worked = await this.#work(edit);
      if (worked === null) return;
      if (worked.againMs > 0) return this.waking.wake(candidateId, worked.againMs + 50);
      // Somebody may be waiting to be told.
      await this.queue.enqueue({ kind: EVENT_WORK, id: 'outbox', lane: 'outbound' });
    }
  }

  async #work(edit: ClaimedEdit): Promise<Worked> {
    try {
      return await this.sending.work(edit, this.#stopping.signal);
    } catch (error) {
      // A field of it was edited again, or its connection went: whatever is next of this candidate is looked at.
      if (error instanceof ChangeLost) return { againMs: 0 };
      this.#logger.warn(`Field change ${edit.id} was interrupted and is looked at again: ${nameOf(error)}`);
      // Our own database or the host's pipeline. What may have been sent stands written down.
      await this.claims.release(edit, AFTER_AN_ERROR_MS, {
        failed: true,
        why: { code: 'waiting', sentence: 'Elly was interrupted; it looks at the ATS again in a moment.' },
      });
      return { againMs: AFTER_AN_ERROR_MS };
    }
  }
}
