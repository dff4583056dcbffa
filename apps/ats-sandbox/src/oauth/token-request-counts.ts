export const COUNTED_GRANTS = ['authorization_code', 'refresh_token', 'client_credentials'] as const;
export type CountedGrant = (typeof COUNTED_GRANTS)[number];

/** Requests of one grant type: those that came, whatever became of them, and those that got tokens. */
export interface TokenRequests {
  readonly made: number;
  readonly granted: number;
}

/** How often the token endpoint was asked, by account and grant type. */
export class TokenRequestCounts {
  readonly #byAccount = new Map<string, Record<CountedGrant, { made: number; granted: number }>>();

  count(accountId: string, grant: string | undefined, what: keyof TokenRequests): void {
    const counted = COUNTED_GRANTS.find((known) => known === grant);
    if (counted === undefined) return;
    const counts = this.#byAccount.get(accountId) ?? noRequests();
    this.#byAccount.set(accountId, counts);
    counts[counted][what] += 1;
  }

  of(accountId: string): Readonly<Record<CountedGrant, TokenRequests>> {
    return structuredClone(this.#byAccount.get(accountId) ?? noRequests());
  }

  clear(): void {
    this.#byAccount.clear();
  }
}

function noRequests(): Record<CountedGrant, { made: number; granted: number }> {
  return {
    authorization_code: { made: 0, granted: 0 },
    refresh_token: { made: 0, granted: 0 },
    client_credentials: { made: 0, granted: 0 },
  };
}
