import type { Row } from '../data/rows.js';
import type { Filter, ListEndpoint, RenderContext } from './list-endpoint.js';
import { COMMON_FILTERS } from './list-endpoint.js';
import { parseQuery, withinBounds, type FilterValue, type ListQuery } from './query.js';

export interface ListPage {
  readonly items: readonly unknown[];
  /** The last id of the page when there are more rows behind it. */
  readonly nextBelow: number | undefined;
}

export function parseListQuery(endpoint: ListEndpoint, parameters: URLSearchParams): ListQuery {
  const types = Object.entries({ ...COMMON_FILTERS, ...endpoint.filters }).map(
    ([name, { type }]) => [name, type] as const,
  );
  return parseQuery(parameters, Object.fromEntries(types), endpoint.fields);
}

/** One page of the rows below an id. */
export function listPage(endpoint: ListEndpoint, query: ListQuery, below: number, context: RenderContext): ListPage {
  const { account } = context;
  const lateMs = query.filters.has('updated_at') ? account.greenhouseKnobs().lateVisibilityMs : 0;
  const items: unknown[] = [];
  let last: number | undefined;
  for (const row of endpoint.rows(account, query.filters, below)) {
    if (lateMs > 0 && context.nowMs - Date.parse(row.updated_at) < lateMs) continue;
    if (endpoint.shown?.(row, account, query.filters) === false || !matches(endpoint, row, query, context)) continue;
    if (items.length === query.perPage) return { items, nextBelow: last };
    const rendered = endpoint.render?.(row, context) ?? { ...row };
    items.push(query.fields === undefined || 'message' in rendered ? rendered : project(rendered, query.fields));
    last = row.id;
  }
  return { items, nextBelow: undefined };
}

function project(row: Readonly<Record<string, unknown>>, fields: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.filter((field) => field in row).map((field) => [field, row[field]]));
}

function matches(endpoint: ListEndpoint, row: Row, query: ListQuery, { account }: RenderContext): boolean {
  for (const [name, value] of query.filters) {
    const filter = endpoint.filters[name] ?? COMMON_FILTERS[name];
    if (filter !== undefined && !satisfies(valueOf(name, filter, row, account), value)) return false;
  }
  return true;
}

function valueOf(name: string, filter: Filter, row: Row, account: RenderContext['account']): unknown {
  if (filter.of !== undefined) return filter.of(row, account);
  const fields = row as unknown as Readonly<Record<string, unknown>>;
  return name in fields ? fields[name] : fields[name.replace(/_ids$/, '_id')];
}

function satisfies(actual: unknown, filter: FilterValue): boolean {
  if (Array.isArray(actual)) return actual.some((item) => satisfies(item, filter));
  switch (filter.kind) {
    case 'ids':
      return typeof actual === 'number' && filter.values.has(actual);
    case 'strings':
      return typeof actual === 'string' && filter.values.has(actual);
    case 'dates':
      return typeof actual === 'string' && withinBounds(Date.parse(actual), filter.bounds);
    case 'value':
      return actual === filter.value;
  }
}
