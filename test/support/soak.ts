/** Proofs with many similar cases: `npm run soak` tries all of them, the gate a part. It runs each test file that names it. */
export const isSoak = process.env['SOAK_CONTACTS'] !== undefined;

/** True for every `n`th case in the gate, counted from `first`, and for all of them in a soak. */
export function isTried(n: number, at: number, first = 0): boolean {
  return isSoak || at % n === first % n;
}

/** All cases in a soak; in the gate the first one and every `n`th after it. */
export function* oneIn<T>(n: number, cases: Iterable<T>): Generator<T> {
  let at = 0;
  for (const one of cases) if (isTried(n, at++)) yield one;
}

/** Long tasks of staff in the browser: with scripts, and in a soak also without. The tests of the pages send the same forms without a browser. */
export const scripts = isSoak ? [{ hasScript: true }, { hasScript: false }] : [{ hasScript: true }];

/**
 * How many random cases a property tries: ten times as many in a soak, or `inSoak`.
 * @param limitMs ends the cases of the gate after this time
 */
export function runs(
  count: number,
  { limitMs, inSoak = count * 10 }: { limitMs?: number; inSoak?: number } = {},
) {
  if (isSoak) return { numRuns: inSoak };
  return limitMs === undefined ? { numRuns: count } : { numRuns: count, interruptAfterTimeLimit: limitMs };
}
