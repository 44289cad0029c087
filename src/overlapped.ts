/** Overlaps work on the items of a stream: while the database answers for one item, the next one is read and begun. */

/**
 * Works on at most `width` items at once.
 * @returns the results in the order of the items
 * @throws what the stream or the work throws, after the results of the items before it
 */
export async function* overlapped<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  width = 2,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // It is awaited later. Until then its failure must not count as unhandled.
    result.catch(() => undefined);
    begun.push(result);
    const first = begun.length === width ? begun.shift() : undefined;
    if (first) yield await first;
  }
  for (const result of begun) yield await result;
}
