import type { ApiReply, ApiRequest } from './api-request.js';

/** A list's envelope; `next` is absent, not null, on the last page (Lever Data API docs, Pagination). */
export function listReply(request: ApiRequest, data: readonly unknown[], next?: string): ApiReply {
  const hasNext = request.account.settings.missingHasNext ? {} : { hasNext: next !== undefined };
  return { body: { data, ...hasNext, ...(next === undefined ? {} : { next }) } };
}

/** A single record's envelope. */
export function singleReply(data: unknown): ApiReply {
  return { body: { data } };
}
