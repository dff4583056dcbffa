import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { RateBudget, RateLimitManifest, WindowReading } from './rate-budget.js';

export type RedisClient = ConstructorParameters<typeof RateLimiterRedis>[0]['storeClient'];

const SHORTEST_SLEEP_MS = 2;
const LONGEST_SLEEP_MS = 60_000;
const GUARD_MS = 150;

/**
 * Counts requests in windows, in this process or in Redis for all of them. A token bucket of capacity c and refill r
 * is kept as r requests each second: c of at least 2r admits that whatever way the two clocks stand to each other.
 */
export class CounterBudget implements RateBudget {
  readonly #limiter: RateLimiterAbstract;
  #blockedUntil = 0;

  constructor(
    private readonly key: string,
    manifest: RateLimitManifest,
    redis: RedisClient | null,
  ) {
    const window =
      manifest.algorithm === 'fixed-window'
        ? { points: manifest.limit, duration: manifest.windowSeconds }
        : { points: Math.max(1, Math.min(manifest.refillPerSecond, Math.floor(manifest.capacity / 2))), duration: 1 };
    const options = { ...window, keyPrefix: 'ats-budget' };
    // Without Redis the budget closes to a share of it; it never opens.
    const closed = new RateLimiterMemory({ ...options, points: Math.max(1, Math.floor(window.points / 4)) });
    this.#limiter =
      redis === null
        ? new RateLimiterMemory(options)
        : new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: closed });
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
        await this.#limiter.consume(this.key);
        return;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const waitMs = Math.min(Math.max(refusal.msBeforeNext, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
        await sleep(waitMs, undefined, { signal });
      }
    }
  }

  settle(reading: WindowReading | null): void {
    if (reading !== null && reading.remaining <= 0) this.pause(reading.resetAt.getTime() - Date.now() + GUARD_MS);
  }

  pause(ms: number): void {
    if (ms > 0) this.#blockedUntil = Math.max(this.#blockedUntil, Date.now() + ms);
  }
}
