import { badRequest } from './lever-error.js';
import type { RequestQuery } from './request-query.js';
import type { View } from './views.js';

/** How to inline each field that can be; a reply inlines them in place of ids. */
export type Expanders<Item> = Readonly<Record<string, (item: Item, view: View) => unknown>>;

/**
 * The view with `expand` and `include` applied: keys are repeated, never joined by commas; `include` leaves out everything
 * that it does not name, except what is expanded (Lever Data API docs, Expand and Include).
 */
export function shape<Item>(
  query: RequestQuery,
  expanders: Expanders<Item>,
  ignoreExpand: boolean,
): (item: Item, view: View) => View {
  const expanded = query.all('expand');
  const unknown = expanded.find((name) => !Object.hasOwn(expanders, name));
  if (unknown !== undefined) throw badRequest(`${unknown} is not expandable`);
  const included = query.all('include');
  const kept = new Set([...included, ...expanded]);
  return (item, view) => {
    const inlined = ignoreExpand
      ? []
      : expanded.map((name): [string, unknown] => [name, expanders[name]?.(item, view)]);
    const full = inlined.length === 0 ? view : { ...view, ...Object.fromEntries(inlined) };
    if (included.length === 0) return full;
    return Object.fromEntries(Object.entries(full).filter(([name]) => kept.has(name)));
  };
}
