import { offsetToken, parseOffsetToken } from './offset-token.js';
import type { RequestQuery } from './request-query.js';
import type { View } from './views.js';

/** A row of a list that is short enough to sort at every request. */
export interface Sortable {
  readonly key: readonly (string | number)[];
  readonly view: View;
}

export interface ViewPage {
  readonly rows: readonly View[];
  readonly next: string | undefined;
}

/** Negative when the first comes first. */
export type Compare = (a: Sortable['key'], b: Sortable['key']) => number;

/** A page of a short list; the token is the sort key of the next page's first row. */
export function shortPage(
  rows: readonly Sortable[],
  query: RequestQuery,
  shape: readonly ('string' | 'number')[],
  compare: Compare,
): ViewPage {
  const { limit } = query;
  const offset = query.one('offset');
  const start = offset === undefined ? undefined : parseOffsetToken(offset, shape);
  const sorted = [...rows].sort((a, b) => compare(a.key, b.key));
  const rest = start === undefined ? sorted : sorted.filter(({ key }) => compare(key, start) >= 0);
  const following = rest[limit];
  return {
    rows: rest.slice(0, limit).map(({ view }) => view),
    next: following === undefined ? undefined : offsetToken(following.key),
  };
}

/** By `[time, id]`, the latest first. */
export function latestFirst(a: Sortable['key'], b: Sortable['key']): number {
  return Number(b[0]) - Number(a[0]) || byText(String(a[1]), String(b[1]));
}

/** By `[place, id]`. */
export function inOrder(a: Sortable['key'], b: Sortable['key']): number {
  return Number(a[0]) - Number(b[0]);
}

/** By `[text]`, without regard to case. */
export function alphabetically(a: Sortable['key'], b: Sortable['key']): number {
  const [first, second] = [String(a[0]), String(b[0])];
  return byText(first.toLowerCase(), second.toLowerCase()) || byText(first, second);
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
