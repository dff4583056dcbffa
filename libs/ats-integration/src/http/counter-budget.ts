import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { RedisClient } from '../support/shared-redis.js';
import type { RateBudget, RateLimitManifest, WindowReading } from './rate-budget.js';

const SHORTEST_SLEEP_MS = 2;
const LONGEST_SLEEP_MS = 60_000;
const GUARD_MS = 150;
/** A Redis that has not answered by then counts as away. */
const REDIS_MS = 2_000;

/**
 * Counts requests in windows, in this process or in Redis for all of them. A token bucket of capacity c and refill r
 * is kept as r requests each second: c of at least 2r admits that whatever way the two clocks stand to each other.
 * While Redis is away each process counts for itself, with a quarter of the budget. Of a window the limit that the ATS
 * states replaces the manifest's.
 */
export class CounterBudget implements RateBudget {
  readonly #limiter: RateLimiterAbstract;
  /** Takes over while Redis is away: the budget closes to a share of it; it never opens. */
  readonly #closed: RateLimiterMemory;
  readonly #windowed: boolean;
  #blockedUntil = 0;

  constructor(
    private readonly key: string,
    manifest: RateLimitManifest,
    redis: RedisClient | null,
  ) {
    const window =
      manifest.algorithm === 'fixed-window'
        ? { points: manifest.limit, duration: manifest.windowSeconds }
        : bucketWindow(manifest.capacity, manifest.refillPerSecond);
    const options = { ...window, keyPrefix: 'ats-budget' };
    this.#windowed = manifest.algorithm === 'fixed-window';
    this.#closed = new RateLimiterMemory({ ...options, points: share(window.points) });
    this.#limiter =
      redis === null
        ? new RateLimiterMemory(options)
        : new RateLimiterRedis({
            ...options,
            storeClient: redis,
            insuranceLimiter: this.#closed,
            rejectIfRedisNotReady: true,
          });
  }

  async acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const blockedMs = this.#blockedUntil - Date.now();
      if (blockedMs > 0) {
        await sleep(Math.min(blockedMs, LONGEST_SLEEP_MS), undefined, { signal });
        continue;
      }
      try {
        await this.#consume(signal);
        return;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const waitMs = Math.min(Math.max(refusal.msBeforeNext, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
        await sleep(waitMs, undefined, { signal });
      }
    }
  }

  settle(reading: WindowReading | null): void {
    if (reading === null) return;
    if (this.#windowed && reading.limit > 0 && reading.limit !== this.#limiter.points) {
      this.#limiter.points = reading.limit;
      this.#closed.points = share(reading.limit);
    }
    if (reading.remaining <= 0) this.pause(reading.resetAt.getTime() - Date.now() + GUARD_MS);
  }

  pause(ms: number): void {
    if (ms > 0) this.#blockedUntil = Math.max(this.#blockedUntil, Date.now() + ms);
  }

  async #consume(signal: AbortSignal): Promise<void> {
    if (this.#limiter instanceof RateLimiterMemory) {
      await this.#limiter.consume(this.key);
      return;
    }
    // A command under way when Redis goes waits until it is back; neither a stopped run nor a page waits that long.
    const over = new AbortController();
    const answered = this.#limiter.consume(this.key).then(() => true);
    const late = sleep(REDIS_MS, false, { signal: AbortSignal.any([signal, over.signal]) });
    late.catch(() => undefined);
    answered.catch(() => undefined);
    try {
      if (!(await Promise.race([answered, late]))) await this.#closed.consume(this.key);
    } finally {
      over.abort();
    }
  }
}

function share(points: number): number {
  return Math.max(1, Math.floor(points / 4));
}

/** Whole requests in whole seconds: of a refill below one a second, one request every few seconds. */
function bucketWindow(capacity: number, refillPerSecond: number): { points: number; duration: number } {
  const points = Math.floor(Math.min(refillPerSecond, capacity / 2));
  return points >= 1 ? { points, duration: 1 } : { points: 1, duration: Math.ceil(1 / Math.min(1, refillPerSecond)) };
}
