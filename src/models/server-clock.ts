/** Moments by the server's clock, for update pipelines: those of two machines may differ by more than a lease is long. */

/** A moment from now. @param ms how long from now, in milliseconds */
export const afterNow = (ms: number) => ({
  $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: ms },
});

/**
 * The condition that work is due and that nobody holds it, of documents with `dueAt` and `leasedUntil`.
 * @param until what is due until then counts as due already; the server's present where it is null
 */
export const isDueAndFree = (until: Date | null) => ({
  $and: [{ $lte: ['$dueAt', until ?? '$$NOW'] }, { $lte: ['$leasedUntil', '$$NOW'] }],
});
