/** The shortest and the longest time between two runs that deliveries of one connection begin. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
const FORGET_AFTER = 10_000;

interface Pace {
  readonly begunAt: number;
  readonly pauseMs: number;
}

/**
 * When what a delivery named is to be looked at. The first one at once; those of a burst together, at most 2 s later: each
 * pause that something had to wait for doubles the next one. Of this process only: several begin a run each at worst, and
 * the database lets one of them.
 */
export class WakeUp {
  readonly #paces = new Map<string, Pace>();

  /** Milliseconds until the connection is to be looked at, or null when that is coming anyway. */
  delayOf(connectionId: string, now: number = performance.now()): number | null {
    const last = this.#paces.get(connectionId);
    if (last !== undefined && now < last.begunAt) return null;
    const delayMs = last === undefined ? 0 : Math.max(0, last.begunAt + last.pauseMs - now);
    const pauseMs = delayMs === 0 || last === undefined ? FIRST_PAUSE_MS : Math.min(last.pauseMs * 2, LONGEST_PAUSE_MS);
    if (this.#paces.size > FORGET_AFTER) this.#forget(now);
    this.#paces.set(connectionId, { begunAt: now + delayMs, pauseMs });
    return delayMs;
  }

  #forget(now: number): void {
    for (const [id, { begunAt }] of this.#paces) if (begunAt + LONGEST_PAUSE_MS < now) this.#paces.delete(id);
  }
}
