/** Proofs with very many cases: `npm run soak` tries all of them, the gate a part. */
export const isSoak = process.env['SOAK_CONTACTS'] !== undefined;

/** All cases in a soak; in the gate the first one and every `n`th after it. */
export function* oneIn<T>(n: number, cases: Iterable<T>): Generator<T> {
  let at = 0;
  for (const one of cases) if (at++ % n === 0 || isSoak) yield one;
}
