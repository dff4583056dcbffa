import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { WorkQueue } from '../queue/work-queue.port.js';
import { AfterCommit } from './after-commit.js';
import { STAGE_CHANGE_WORK } from './work-kind.js';

/** Says that an application's changes are due; whatever gets lost of it, the sweep finds. */
@Injectable()
export class ChangeWake {
  readonly #afterCommit = new AfterCommit();

  constructor(
    em: EntityManager,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
  ) {
    em.getEventManager().registerSubscriber(this.#afterCommit);
  }

  /** As soon as the transaction of `em` has committed. */
  whenCommitted(em: EntityManager, applicationIds: readonly string[]): void {
    if (applicationIds.length === 0) return;
    this.#afterCommit.add(em, async () => {
      for (const id of applicationIds) await this.wake(id, 0);
    });
  }

  wake(applicationId: string, delayMs: number): Promise<void> {
    return this.queue.enqueue({ kind: STAGE_CHANGE_WORK, id: applicationId, lane: 'outbound' }, { delayMs });
  }
}
