import { setTimeout as sleep } from 'node:timers/promises';
import type { RateBudget, RateLimitManifest, WindowReading } from './rate-budget.js';

/** Asked again this long after the announced end: the ATS rounds the moment to seconds and clocks differ a little. */
const GUARD_MS = 150;
const UNKNOWN_END_POLL_MS = 10;
const LONGEST_SLEEP_MS = 60_000;

/**
 * A fixed window whose size and end the ATS states in every answer. We count down what we send; an answer that says
 * less than we believe (somebody else uses the account too) lowers the count; only a larger limit raises it.
 */
export class WindowBudget implements RateBudget {
  #limit: number;
  #remaining: number;
  readonly #windowMs: number;
  #windowEndsAt: number | null = null;
  /** When the first request of a window went out of which the ATS has not said when it ends. */
  #firstAt: number | null = null;
  #blockedUntil = 0;
  #inFlight = 0;

  constructor(manifest: Extract<RateLimitManifest, { algorithm: 'fixed-window' }>) {
    this.#limit = manifest.limit;
    this.#remaining = manifest.limit;
    this.#windowMs = manifest.windowSeconds * 1000;
  }

  async acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#waitMs(Date.now());
      if (waitMs === 0) {
        this.#firstAt ??= Date.now();
        this.#remaining -= 1;
        this.#inFlight += 1;
        return;
      }
      await sleep(Math.min(waitMs, LONGEST_SLEEP_MS), undefined, { signal });
    }
  }

  settle(reading: WindowReading | null): void {
    this.#inFlight -= 1;
    if (reading === null) return;
    const endsAt = reading.resetAt.getTime();
    if (endsAt <= Date.now()) return;
    // The account's own limit, larger or smaller than the published one we began with: what was sent already is sent.
    this.#remaining = Math.max(0, this.#remaining + reading.limit - this.#limit);
    this.#limit = reading.limit;
    this.#windowEndsAt = endsAt;
    // What is still in flight may or may not be in the number already; assume not, once we know that we were too hopeful.
    if (reading.remaining < this.#remaining) this.#remaining = Math.max(0, reading.remaining - this.#inFlight);
  }

  pause(ms: number): void {
    if (ms > 0) this.#blockedUntil = Math.max(this.#blockedUntil, Date.now() + ms);
  }

  #waitMs(now: number): number {
    if (this.#blockedUntil > now) return this.#blockedUntil - now;
    if (this.#windowEndsAt !== null && now >= this.#windowEndsAt + GUARD_MS) {
      this.#begin();
    }
    if (this.#remaining > 0) return 0;
    if (this.#windowEndsAt !== null) return this.#windowEndsAt + GUARD_MS - now;
    // The ATS says nothing of its window, or names an end that lies in our past: it ends when the published time is over.
    const assumedEnd = (this.#firstAt ?? now) + this.#windowMs + GUARD_MS;
    if (now < assumedEnd) return this.#inFlight > 0 ? UNKNOWN_END_POLL_MS : assumedEnd - now;
    this.#begin();
    return 0;
  }

  #begin(): void {
    this.#windowEndsAt = null;
    this.#firstAt = null;
    this.#remaining = this.#limit;
  }
}
