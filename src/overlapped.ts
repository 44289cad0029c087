/** Overlaps work on the items of a stream: while the database answers for one item, the next one is read and begun. */

/**
 * Works on at most `width` items at once. Work that has begun also ends before the stream does, so nothing goes on behind the caller's back.
 * @returns the results in the order of the items
 * @throws what the stream or the work throws
 */
export async function* overlapped<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  width = 2,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // It is awaited later. Until then its failure must not count as unhandled.
      void result.catch(() => undefined);
      begun.push(result);
      if (begun.length < width) continue;
      const [first] = begun;
      if (first) yield await first;
      void begun.shift();
    }
    for (const result of begun) yield await result;
  } finally {
    await Promise.allSettled(begun);
  }
}
