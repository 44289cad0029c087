/** Says how many there are of something, as English does: 1 row, 2 rows. */

/** @param one the noun for one; its plural ends in `s` */
export function counted(count: number, one: string): string {
  return `${count} ${count === 1 ? one : `${one}s`}`;
}
