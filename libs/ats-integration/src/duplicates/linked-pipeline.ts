import type { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { HiringPipeline, HostStage, PipelineBatch } from '../host/hiring-pipeline.port.js';
import { translateBatch } from './translate-batch.js';

/** What the host gave as its `HiringPipeline`. */
export const HostPipeline = Symbol('HostPipeline');

/**
 * The `HiringPipeline` that the library itself writes to: names the survivor to the host wherever a record belongs to
 * somebody who was merged. The flow in front of it knows records only.
 */
@Injectable()
export class LinkedPipeline implements HiringPipeline {
  constructor(@Inject(HostPipeline) private readonly host: HiringPipeline) {}

  /** The host's own, when it has one. */
  get findByEmail(): NonNullable<HiringPipeline['findByEmail']> | undefined {
    return this.host.findByEmail?.bind(this.host);
  }

  stages(workspaceId: string): Promise<readonly HostStage[]> {
    return this.host.stages(workspaceId);
  }

  async apply(batch: PipelineBatch, em: EntityManager): Promise<void> {
    for (const translated of await translateBatch(batch, em)) await this.host.apply(translated, em);
  }
}
