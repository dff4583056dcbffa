import type { RateLimitManifest } from '../contract/manifest.js';

/** What the ATS's response headers said of its window. */
export interface WindowReading {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: Date;
}

/**
 * The one budget of requests of an ATS account, shared by everything that talks to it. In steady state nothing is
 * ever refused by the ATS; there is one implementation per published algorithm, because a bucket is wrong for a window
 * and the other way round.
 */
export interface RateBudget {
  /** Resolves when a request may go out. Rejects when the signal aborts. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Called once for every acquired request that ended, with what the ATS said of its window when it said anything. */
  settle(reading: WindowReading | null): void;
  /** Nothing goes out for this long: the ATS said 429. */
  pause(ms: number): void;
}

export type { RateLimitManifest };
