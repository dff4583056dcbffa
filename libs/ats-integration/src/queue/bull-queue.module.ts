import { BullModule, getQueueToken } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Queue } from 'bull';
import { SharedRedis } from '../support/shared-redis.js';
import { BULL_QUEUE, BullWorkQueue } from './bull-work-queue.js';
import { WorkQueue } from './work-queue.port.js';

export interface BullQueueOptions {
  /** `redis://…` or `rediss://…` */
  readonly url: string;
  /** Keys in Redis start with it: give two deployments that share a Redis different ones. @default 'ats' */
  readonly prefix?: string;
}

@Module({})
export class BullQueueModule {}

/** Work spread over processes by Bull on Redis. Redis keeps nothing that matters: losing it loses time, not work. */
export function bullQueue(options: BullQueueOptions): DynamicModule {
  return {
    module: BullQueueModule,
    imports: [
      BullModule.registerQueue({
        name: BULL_QUEUE,
        url: options.url,
        prefix: options.prefix ?? 'ats',
        // Bull's workers need commands that wait for Redis; `BullWorkQueue.enqueue` sends none while it is away.
        redis: { enableOfflineQueue: true, maxRetriesPerRequest: null },
        settings: { lockDuration: 30_000, stalledInterval: 15_000, maxStalledCount: 3 },
      }),
    ],
    providers: [
      BullWorkQueue,
      { provide: WorkQueue, useExisting: BullWorkQueue },
      { provide: SharedRedis, useFactory: (queue: Queue) => queue.client, inject: [getQueueToken(BULL_QUEUE)] },
    ],
    exports: [WorkQueue, SharedRedis],
  };
}
