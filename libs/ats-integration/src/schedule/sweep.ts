import type { Logger } from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';

export interface SweepSpec {
  readonly everyMs: number;
  readonly logger: Logger;
  readonly work: () => Promise<void>;
  /** Null: only who calls `now` sweeps. */
  readonly timers: SchedulerRegistry | null;
}

/** Work that is looked for again and again. One at a time; it never throws, since the database may be away for a moment. */
export class Sweep {
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(private readonly spec: SweepSpec) {}

  get stopped(): boolean {
    return this.#stopped;
  }

  /** What a process that died left behind is taken up at once, not after the first interval. */
  begin(): void {
    const { timers, everyMs } = this.spec;
    if (timers === null) return;
    const timer = setInterval(() => void this.now(), everyMs);
    timer.unref();
    // Two modules may live in one process: no two timers share a name.
    timers.addInterval(`ats-sweep-${Math.random().toString(36).slice(2)}`, timer);
    void this.now();
  }

  /** Waits for the sweep that is under way; no other one begins. */
  async end(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** A call while another one runs joins it. */
  now(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#running ??= this.spec
      .work()
      .catch((error: unknown) => this.spec.logger.warn(`A sweep failed and is repeated: ${nameOf(error)}`))
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }
}

/** All that is told of an error that may quote a row. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
