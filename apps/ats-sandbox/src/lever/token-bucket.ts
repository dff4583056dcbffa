/** Lever's limit: a bucket of tokens that refills at a steady rate (Lever Data API docs, Rate limits). */
export class TokenBucket {
  #tokens: number | undefined;
  #at = 0;

  /** Takes a token; false when there is none. */
  take(now: number, limit: { readonly capacity: number; readonly refillPerSecond: number }): boolean {
    const earned = (Math.max(0, now - this.#at) / 1000) * limit.refillPerSecond;
    const tokens = Math.min(limit.capacity, this.#tokens === undefined ? limit.capacity : this.#tokens + earned);
    this.#at = now;
    this.#tokens = tokens >= 1 ? tokens - 1 : tokens;
    return tokens >= 1;
  }
}
