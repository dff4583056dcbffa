import { Inject, Injectable, Optional } from '@nestjs/common';
import type { RateLimitManifest } from '../contract/manifest.js';
import { SharedRedis } from '../support/shared-redis.js';
import type { RedisClient } from '../support/shared-redis.js';
import { CounterBudget } from './counter-budget.js';
import type { RateBudget } from './rate-budget.js';
import { WindowBudget } from './window-budget.js';

/** Hands out the one budget of each ATS account. */
@Injectable()
export class RateBudgets {
  readonly #budgets = new Map<string, RateBudget>();

  constructor(@Optional() @Inject(SharedRedis) private readonly redis: RedisClient | null = null) {}

  /** `account`: what the ATS counts by; connections of one account share a budget. */
  of(provider: string, account: string, manifest: RateLimitManifest): RateBudget {
    const key = `${provider}:${account}`;
    let budget = this.#budgets.get(key);
    if (budget === undefined) {
      budget = this.#create(key, manifest);
      this.#budgets.set(key, budget);
    }
    return budget;
  }

  #create(key: string, manifest: RateLimitManifest): RateBudget {
    const redis = this.redis ?? null;
    if (redis === null && manifest.algorithm === 'fixed-window' && manifest.headers !== null)
      return new WindowBudget(manifest);
    return new CounterBudget(key, manifest, redis);
  }
}
