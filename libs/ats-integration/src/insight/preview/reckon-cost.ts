import type { AtsProvider } from '../../contract/ats-provider.js';
import type { RateLimitManifest } from '../../contract/manifest.js';
import type { RecordKind } from '../../contract/records.js';
import type { ImportPreviewReport } from './preview-report.js';

export interface ReckonedSize {
  /** Rows of the account, by kind, as far as they are known. An import lists what it leaves out as well. */
  readonly rows: Readonly<Partial<Record<RecordKind, number>>>;
  /** Applications that come in. */
  readonly imported: number;
  /** Rows on a page of this ATS's; null when no list was longer than a page. */
  readonly pageRows: number | null;
  readonly msPerRequest: number;
}

/** What every ATS here gives at least, when no full page was seen. */
const PAGE_ROWS = 100;

/** Pure: what an initial import of this size costs under a rate limit. Streams go side by side, so the limit is what takes time, or the slowest of them. */
export function reckonCost(
  provider: AtsProvider,
  size: ReckonedSize,
  limit: RateLimitManifest,
): ImportPreviewReport['cost'] {
  const pageRows = size.pageRows ?? PAGE_ROWS;
  const perStream = provider.streams.map(({ kinds: [kind] }, at) => {
    // Another stream of the same kind is a list of what is gone, short beside the first.
    const isFirst = provider.streams.findIndex(({ kinds }) => kinds[0] === kind) === at;
    return Math.max(1, Math.ceil((isFirst ? (size.rows[kind] ?? 0) : 0) / Math.max(1, pageRows)));
  });
  const requests = perStream.reduce((sum, pages) => sum + pages, 0);
  const resumeRequests = provider.resumes?.ofApplication === undefined ? 0 : size.imported;
  const slowest = Math.max(0, ...perStream) + resumeRequests;
  const seconds = Math.max(secondsUnder(limit, requests + resumeRequests), (slowest * size.msPerRequest) / 1000);
  return {
    requests: { value: requests, precision: 'estimate' },
    resumeRequests: { value: resumeRequests, precision: 'estimate' },
    seconds: { value: Math.max(1, Math.ceil(seconds)), precision: 'estimate' },
  };
}

/** Seconds until the last of so many requests may go out. */
export function secondsUnder(limit: RateLimitManifest, requests: number): number {
  if (limit.algorithm === 'token-bucket') return Math.max(0, requests - limit.capacity) / limit.refillPerSecond;
  return Math.floor(Math.max(0, requests - 1) / limit.limit) * limit.windowSeconds;
}
