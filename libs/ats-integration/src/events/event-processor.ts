import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { WorkQueue } from '../queue/work-queue.port.js';
import { OutboxRelay } from './outbox-relay.js';

export const EVENT_WORK = 'events';

/** Relays events when somebody says that there are some. */
@Injectable()
export class EventProcessor implements OnApplicationBootstrap {
  constructor(
    private readonly relay: OutboxRelay,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.process(EVENT_WORK, async () => void (await this.relay.drain()), 1);
  }
}
