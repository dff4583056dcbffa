/** The same items, the next one being fetched while the current one is used. At most one is held ahead. */
export async function* prefetch<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]();
  const ahead = (): Promise<IteratorResult<Item>> => {
    const item = items.next();
    // If the consumer stops before it comes to this item, its failure has nobody to tell.
    item.catch(() => undefined);
    return item;
  };
  let next = ahead();
  try {
    for (;;) {
      const current = await next;
      if (current.done === true) return;
      next = ahead();
      yield current.value;
    }
  } finally {
    void items.return?.(undefined)?.catch(() => undefined);
  }
}
