import type { Request } from 'express';
import type { ProviderId, SandboxUser } from '../simulator.js';
import type { OAuthClient } from './client-registry.js';

/** How one vendor differs from the other on its consent page. */
export interface AuthorizationPolicy {
  readonly provider: ProviderId;
  readonly vendorName: string;
  /** What the page says about who should approve. */
  readonly advice: string;
  readonly codeSeconds: number;
  /** The scopes to ask consent for, or the sentence that refuses the whole request. */
  readonly scopesToGrant: (
    request: Request,
    parameters: ReadonlyMap<string, string>,
    client: OAuthClient,
  ) => { readonly scopes: readonly string[] } | { readonly refusal: string };
  /** Why this user may not approve; undefined when they may. */
  readonly refuseUser: (user: SandboxUser) => string | undefined;
}
