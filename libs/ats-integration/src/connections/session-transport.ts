import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { ProviderContext } from '../contract/context.js';
import { AuthorisedHttp } from '../http/authorised-http.js';
import type { Authoriser } from '../http/authorised-http.js';
import { HttpAgent } from '../http/http-agent.js';
import type { RateBudget } from '../http/rate-budget.js';
import { RateBudgets } from '../http/rate-budgets.js';
import { AtsOptions } from '../support/options-token.js';

export interface ProviderSession {
  readonly provider: AtsProvider;
  readonly context: ProviderContext<unknown>;
  /** The header for a file on the API's own origin. */
  readonly authoriser: Authoriser;
  /** The account's one budget, for requests to its API that do not go through the context. */
  readonly budget: RateBudget;
}

export interface SessionSpec {
  readonly provider: AtsProvider;
  readonly config: unknown;
  readonly authoriser: Authoriser;
  /** What the ATS counts requests by. */
  readonly account: string;
  readonly scopes: readonly string[];
  readonly signal: AbortSignal;
  readonly onRequest?: (() => void) | undefined;
}

/** Puts a provider's context together: HTTP to its API under the account's budget. */
@Injectable()
export class SessionTransport {
  constructor(
    private readonly agent: HttpAgent,
    private readonly budgets: RateBudgets,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  session(spec: SessionSpec): ProviderSession {
    const { provider, config, authoriser, signal } = spec;
    const rateLimit = this.options.rateLimits[provider.manifest.id] ?? provider.manifest.rateLimit;
    const budget = this.budgets.of(provider.manifest.id, spec.account, rateLimit);
    const http = new AuthorisedHttp({
      ats: provider.manifest.name,
      baseUrl: provider.apiUrl(config),
      authoriser,
      budget,
      rateLimit,
      dispatcher: this.agent.dispatcher,
      signal,
      classify: (response) => provider.classify?.(response) ?? null,
      ...(spec.onRequest === undefined ? {} : { onRequest: spec.onRequest }),
    });
    return { provider, authoriser, budget, context: { http, config, scopes: spec.scopes, signal } };
  }
}
