/** Lists of a page with parts that are there on a condition. */

/** The parts whose condition holds: `present([first, isOpen && second])`. */
export function present<Part>(parts: readonly (Part | false | null | undefined | '' | 0)[]): Part[] {
  return parts.filter((part): part is Part => Boolean(part));
}
