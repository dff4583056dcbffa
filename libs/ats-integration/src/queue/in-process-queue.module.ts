import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { InProcessWorkQueue } from './in-process-work-queue.js';
import { WorkQueue } from './work-queue.port.js';

@Module({})
export class InProcessQueueModule {}

/** The default queue: work stays in this process. Right for one process, and for development. */
export function inProcessQueue(): DynamicModule {
  return {
    module: InProcessQueueModule,
    providers: [InProcessWorkQueue, { provide: WorkQueue, useExisting: InProcessWorkQueue }],
    exports: [WorkQueue],
  };
}
