import type { GreenhouseKnobs } from '../knobs.js';

/** Harvest v3 docs, Rate limiting: windows of a fixed length that begin at multiples of it, one count for the account. */
export class RateWindow {
  #window = -1;
  #used = 0;

  /** Counts one request; `retryAfter` is set when it is one too many. */
  take(
    limits: GreenhouseKnobs['rateLimit'],
    nowMs: number,
  ): { headers: Record<string, string>; retryAfter: number | undefined } {
    const { limit, windowSeconds } = limits === 'off' ? { limit: 1_000_000, windowSeconds: 30 } : limits;
    const windowMs = windowSeconds * 1000;
    const window = Math.floor(nowMs / windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = 0;
    }
    const refused = limits !== 'off' && this.#used >= limit;
    if (!refused) this.#used += 1;
    const endMs = (window + 1) * windowMs;
    return {
      headers: {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - this.#used)),
        'X-RateLimit-Reset': String(Math.ceil(endMs / 1000)),
      },
      retryAfter: refused ? Math.max(1, Math.ceil((endMs - nowMs) / 1000)) : undefined,
    };
  }
}
