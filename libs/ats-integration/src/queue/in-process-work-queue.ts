import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import PQueue from 'p-queue';
import { toldOf } from './bare-error.js';
import { LANES } from './work-queue.port.js';
import type { WorkHandler, WorkItem, WorkQueue } from './work-queue.port.js';

interface Processor {
  readonly handler: WorkHandler;
  readonly queue: PQueue;
  readonly waiting: Set<string>;
}

/** The queue of one process: no infrastructure, nothing kept. Honest because the queue never holds anything durable. */
@Injectable()
export class InProcessWorkQueue implements WorkQueue, OnApplicationShutdown {
  readonly #logger = new Logger('AtsWorkQueue');
  readonly #processors = new Map<string, Processor>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /**
   * Work belongs to nobody's request: a handler that ran in the context of whoever enqueued it would find that one's
   * transaction around it (MikroORM keeps it there), which is over by then.
   */
  readonly #outside = AsyncLocalStorage.snapshot();
  #closed = false;

  enqueue(item: WorkItem, options: { readonly delayMs?: number } = {}): Promise<void> {
    if (!this.#closed) this.#outside(() => this.#enqueue(item, options.delayMs ?? 0));
    return Promise.resolve();
  }

  process(kind: string, handler: WorkHandler, concurrency: number): void {
    if (this.#processors.has(kind)) throw new Error(`Work of kind "${kind}" has two handlers; register one.`);
    this.#processors.set(kind, { handler, queue: new PQueue({ concurrency }), waiting: new Set() });
  }

  handled(): readonly string[] {
    return [...this.#processors.keys()];
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(
      [...this.#processors.values()].map(async ({ queue }) => {
        queue.clear();
        await queue.onIdle();
      }),
    );
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  #enqueue(item: WorkItem, delayMs: number): void {
    if (delayMs <= 0) return this.#start(item);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start(item);
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }

  #start(item: WorkItem): void {
    const processor = this.#processors.get(item.kind);
    if (processor === undefined || this.#closed || processor.waiting.has(item.id)) return;
    processor.waiting.add(item.id);
    void processor.queue.add(
      async () => {
        processor.waiting.delete(item.id);
        try {
          await processor.handler(item);
        } catch (error) {
          this.#logger.error(`Work item ${item.kind} ${item.id} failed: ${toldOf(error)}`);
        }
      },
      { priority: LANES.length - LANES.indexOf(item.lane) },
    );
  }
}
