/** The sandbox's time: real time plus what was advanced by hand, so that tokens and links can be made to expire. */
export class SandboxClock {
  #offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }

  advance(seconds: number): void {
    this.#offsetMs += seconds * 1000;
  }

  /** Takes back what was advanced. */
  reset(): void {
    this.#offsetMs = 0;
  }
}
