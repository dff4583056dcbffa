import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { AfterCommit } from '../outbound/after-commit.js';
import { WorkQueue } from '../queue/work-queue.port.js';

/** The work item of this folder; its id is the library id of a candidate whose edits are due. */
export const FIELD_CHANGE_WORK = 'field-change';

/** Says that a candidate's edits are due; whatever gets lost of it, the sweep finds. */
@Injectable()
export class FieldWake {
  readonly #afterCommit = new AfterCommit();

  constructor(
    em: EntityManager,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
  ) {
    em.getEventManager().registerSubscriber(this.#afterCommit);
  }

  /** As soon as the transaction of `em` has committed. */
  whenCommitted(em: EntityManager, candidateId: string): void {
    this.#afterCommit.add(em, () => this.wake(candidateId, 0));
  }

  wake(candidateId: string, delayMs: number): Promise<void> {
    return this.queue.enqueue({ kind: FIELD_CHANGE_WORK, id: candidateId, lane: 'outbound' }, { delayMs });
  }
}
