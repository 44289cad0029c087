/** Random choices that are the same each time. */

export interface Chance {
  /** A whole number from 0 to `limit - 1`. */
  below: (limit: number) => number;
  /** True in this share of all calls. */
  is: (share: number) => boolean;
  pick: <T>(list: readonly [T, ...T[]]) => T;
}

/** @param seed the same seed gives the same choices (mulberry32) */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, is: (share) => next() < share, pick: (list) => list[below(list.length)] ?? list[0] };
}
