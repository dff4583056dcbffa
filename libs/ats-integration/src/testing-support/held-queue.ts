import type { DynamicModule } from '@nestjs/common';
import { InProcessQueueModule } from '../queue/in-process-queue.module.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import type { WorkItem } from '../queue/work-queue.port.js';

/** A queue that delivers nothing: the test itself decides what is processed and when. */
export class HeldQueue implements WorkQueue {
  readonly items: (WorkItem & { readonly delayMs: number })[] = [];
  readonly #kinds: string[] = [];

  enqueue(item: WorkItem, options: { readonly delayMs?: number } = {}): Promise<void> {
    this.items.push({ ...item, delayMs: options.delayMs ?? 0 });
    return Promise.resolve();
  }

  process(kind: string): void {
    this.#kinds.push(kind);
  }

  handled(): readonly string[] {
    return this.#kinds;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  module(): DynamicModule {
    return {
      module: InProcessQueueModule,
      providers: [{ provide: WorkQueue, useValue: this }],
      exports: [WorkQueue],
    };
  }
}
