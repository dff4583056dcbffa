import { InjectQueue } from '@nestjs/bull';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Job, Queue } from 'bull';
import { LANES } from './work-queue.port.js';
import type { WorkHandler, WorkItem, WorkQueue } from './work-queue.port.js';

/** Bull's name of our one queue; the kinds of work are its named processors. */
export const BULL_QUEUE = 'ats-integration';

/**
 * Spreads work over every process that shares the Redis. Bull gives an item again when its worker dies or stalls, so
 * handlers claim in Postgres before they touch anything. Items carry no `jobId`: Bull would drop one that is added
 * while its twin still runs, and the wake-up would be lost.
 */
@Injectable()
export class BullWorkQueue implements WorkQueue, OnApplicationShutdown {
  readonly #logger = new Logger('AtsWorkQueue');
  readonly #kinds = new Set<string>();

  constructor(@InjectQueue(BULL_QUEUE) private readonly queue: Queue<WorkItem>) {
    // Without a listener a lost Redis would end the process; Bull reconnects by itself and the sweep finds what was due.
    queue.on('error', (error: Error) => this.#logger.warn(`Redis: ${error.message}`));
    queue.on('failed', (job: Job<WorkItem>, error: Error) =>
      this.#logger.error(`Work item ${job.data.kind} ${job.data.id} failed: ${error.message}`),
    );
  }

  async enqueue(item: WorkItem, options: { readonly delayMs?: number } = {}): Promise<void> {
    await this.queue.add(item.kind, item, {
      priority: LANES.indexOf(item.lane) + 1,
      delay: options.delayMs ?? 0,
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
    });
  }

  process(kind: string, handler: WorkHandler, concurrency: number): void {
    if (this.#kinds.has(kind)) throw new Error(`Work of kind "${kind}" has two handlers; register one.`);
    this.#kinds.add(kind);
    this.queue
      .process(kind, concurrency, async (job: Job<WorkItem>) => handler(job.data))
      // It ends so when the queue closes, and when Redis goes before it was ever there: neither may end the process.
      .catch((error: unknown) =>
        this.#logger.warn(
          `Work of kind "${kind}" is no longer taken: ${error instanceof Error ? error.message : 'closed'}`,
        ),
      );
  }

  handled(): readonly string[] {
    return [...this.#kinds];
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}
