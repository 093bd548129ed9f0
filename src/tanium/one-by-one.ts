/**
 * The items of pages, one after the other. As a generator it would cost each of a million rows three promises, and this
 * costs one; the same at each further `yield*` that the rows would pass.
 */
export function oneByOne<T>(pages: AsyncIterator<readonly T[], void>): AsyncIterableIterator<T> {
  let page: readonly T[] = [];
  let at = 0;

  async function ofNextPage(): Promise<IteratorResult<T>> {
    for (;;) {
      const next = await pages.next();
      if (next.done) return { done: true, value: undefined };
      page = next.value;
      at = 1;
      if (page.length > 0) return { done: false, value: page[0] as T };
    }
  }

  const items: AsyncIterableIterator<T> = {
    next: () => {
      if (at >= page.length) return ofNextPage();
      const value = page[at] as T;
      at += 1;
      return Promise.resolve({ done: false, value });
    },
    return: async () => {
      page = [];
      await pages.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => items,
  };
  return items;
}
