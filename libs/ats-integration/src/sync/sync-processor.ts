import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import { AtsOptions } from '../support/options-token.js';
import { RunLost } from './claimed-run.js';
import type { ClaimedRun } from './claimed-run.js';
import { RunClaims } from './run-claims.js';
import { RunEndings } from './run-endings.js';
import { RunSync } from './run-sync.js';
import { SYNC_WORK, TARGETED_WORK } from './work-kinds.js';

const BEATS_PER_LEASE = 4;

/** Takes a run from the queue, claims it, runs it, ends it. Holds nothing that a killed process would lose. */
@Injectable()
export class SyncProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsSync');
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly work: RunSync,
    private readonly claims: RunClaims,
    private readonly endings: RunEndings,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  onApplicationBootstrap(): void {
    for (const work of [SYNC_WORK, TARGETED_WORK])
      this.queue.process(work, (item) => this.process(item.id), this.options.sync.concurrency);
  }

  /** Lets the page that is being committed end; what remains is another worker's at once. */
  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort(new RunLost());
    await Promise.allSettled(this.#running);
  }

  async process(runId: string): Promise<void> {
    const run = await this.claims.claim(runId);
    if (run === null) return;
    const running = this.#runOnce(run);
    this.#running.add(running);
    await running.finally(() => this.#running.delete(running));
  }

  async #runOnce(run: ClaimedRun): Promise<void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#stopping.signal]);
    const beating = this.#beat(run, stop, signal);
    try {
      const complete = await this.work.run(run, signal, (reason) => stop.abort(reason));
      await this.endings.complete(run, complete);
    } catch (error) {
      if (this.#stopping.signal.aborted) await this.claims.release(run, 0);
      else await this.endings.failed(run, error);
    } finally {
      stop.abort();
      await beating;
    }
  }

  async #beat(run: ClaimedRun, stop: AbortController, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(run.leaseSeconds * (1000 / BEATS_PER_LEASE), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.claims.heartbeat(run).catch((error: unknown) => {
        if (error instanceof RunLost) stop.abort(error);
        else
          this.#logger.warn(
            `No sign of life could be written for run ${run.id}; the next page decides whether it is still ours.`,
          );
      });
    }
  }
}
