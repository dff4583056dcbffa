import type { GreenhouseAccount } from '../greenhouse-account.js';

/** A request that changes one record. */
export interface WriteEndpoint {
  readonly method: 'post' | 'patch' | 'delete';
  readonly path: string;
  readonly scope: string;
  /** @default 200 */
  readonly status?: number;
  /** The body of the answer; undefined for 204. `by` is the acting user. */
  readonly perform: (account: GreenhouseAccount, id: number, body: unknown, by: number) => unknown;
}
