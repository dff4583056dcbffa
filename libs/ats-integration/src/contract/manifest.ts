import type { AuthManifest } from './auth.js';
import type { FieldTable } from './fields.js';
import type { RecordKind } from './records.js';

/** `feed`: the ATS lists what was deleted. `webhook`: it tells. `sweep`: only a complete listing shows. `none`: cannot be known. */
export const DELETION_STYLES = ['feed', 'webhook', 'sweep', 'none'] as const;
export type DeletionStyle = (typeof DELETION_STYLES)[number];

/** The published algorithm of the ATS's rate limit: one limiter per algorithm, because a bucket is wrong for a window and the other way round. */
export type RateLimitManifest =
  | {
      readonly algorithm: 'fixed-window';
      /** Requests a window; the starting point until the ATS's own headers correct it. */
      readonly limit: number;
      readonly windowSeconds: number;
      /** Response headers, in lower case, that say limit, what remains and when the window ends (epoch seconds). */
      readonly headers: { readonly limit: string; readonly remaining: string; readonly reset: string } | null;
    }
  | { readonly algorithm: 'token-bucket'; readonly capacity: number; readonly refillPerSecond: number };

export interface ProviderManifest {
  /** Lower-case letters, digits and dashes; it is in URLs and in the database, so it never changes. */
  readonly id: string;
  readonly name: string;
  /** One line for the catalogue. */
  readonly summary: string;
  readonly documentation: { readonly api: string; readonly authorisation: string };
  /** The day (ISO) on which the provider was last held against the vendor's documents. */
  readonly checkedOn: string;
  readonly auth: AuthManifest;
  readonly rateLimit: RateLimitManifest;
  /** Which kinds the provider yields, how their deletions are seen. */
  readonly kinds: Readonly<Partial<Record<RecordKind, { readonly deletions: DeletionStyle }>>>;
  readonly fields: FieldTable;
  /** Whether stages belong to a job or to the account. */
  readonly stagesBelongTo: 'job' | 'account';
  /** Vendor's job statuses whose candidates are imported, in the vendor's words. */
  readonly openJobStatuses: readonly string[];
  readonly incremental: {
    /** Seconds by which a window starts before the last one ended, for rows that became visible late. */
    readonly overlapSeconds: number;
    /** Seconds before now at which a window ends. */
    readonly lagSeconds: number;
  };
  /** Hosts that résumé links may point to, besides the API's own: `*.example.com` allows every sub-domain. */
  readonly fileHosts: readonly string[];
}
