import { Injectable } from '@nestjs/common';
import type { HiringPipeline, HostStage } from './hiring-pipeline.port.js';

/** The default: the host keeps nothing, the library's own tables are then the only copy. */
@Injectable()
export class NullHiringPipeline implements HiringPipeline {
  stages(): Promise<readonly HostStage[]> {
    return Promise.resolve([]);
  }

  apply(): Promise<void> {
    return Promise.resolve();
  }

  merge(): Promise<void> {
    return Promise.resolve();
  }

  unmerge(): Promise<void> {
    return Promise.resolve();
  }
}
