import { z } from 'zod';

/** Keyset paging: `cursor` is what the last page gave as `next`. Newest first. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid().optional(),
});

export const idSchema = z.uuid();

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    /** Null on the last page. */
    next: z.uuid().nullable(),
  });
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** From one row more than a page holds, which only says that there is more. */
export function toPage<Row extends { readonly id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
): Page<Item> {
  const kept = rows.slice(0, limit);
  return { items: kept.map(view), next: rows.length > limit ? (kept.at(-1)?.id ?? null) : null };
}
