/** Something that tells the time: the sandbox, or a vendor whose clock goes wrong. */
export interface Clock {
  now(): Date;
}

/** The sandbox's time: real time plus what was advanced by hand, so that tokens and links can be made to expire. */
export class SandboxClock implements Clock {
  #offsetMs = 0;
  #stoppedAt: number | undefined;

  now(): Date {
    return new Date(this.#stoppedAt ?? Date.now() + this.#offsetMs);
  }

  /** What was advanced by hand, in milliseconds. */
  get aheadMs(): number {
    return this.#offsetMs;
  }

  /** Does something as if it were another time. */
  during<Result>(time: number, act: () => Result): Result {
    this.#stoppedAt = time;
    try {
      return act();
    } finally {
      this.#stoppedAt = undefined;
    }
  }

  advance(seconds: number): void {
    this.#offsetMs += seconds * 1000;
  }

  /** Takes back what was advanced. */
  reset(): void {
    this.#offsetMs = 0;
  }
}
