/** The sandbox's time: real time plus what was advanced by hand, so that tokens and links can be made to expire. */
export class SandboxClock {
  #offsetMs: number;
  readonly #startOffsetMs: number;

  /** Starts at `baseDate`, or now; it ticks on from there. */
  constructor(baseDate?: Date) {
    this.#startOffsetMs = baseDate === undefined ? 0 : baseDate.getTime() - Date.now();
    this.#offsetMs = this.#startOffsetMs;
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }

  advance(seconds: number): void {
    this.#offsetMs += seconds * 1000;
  }

  /** Takes back what was advanced. */
  reset(): void {
    this.#offsetMs = this.#startOffsetMs;
  }
}
