/** The cursor of lists that are sorted by time and id, as it stands in the address of a page. */

/** Where a page ended: the time and the id of its last row. */
export interface Place {
  at: Date;
  id: string;
}

/** @returns the cursor, to be given as the parameter `before` */
export function cursorOf({ at, id }: Place): string {
  return `${at.getTime()}~${id}`;
}

/** @returns the place, or undefined for anything that is not a cursor */
export function placeOf(cursor: string | undefined): Place | undefined {
  const [, ms = '', id = ''] = /^(\d{1,15})~(.+)$/.exec(cursor ?? '') ?? [];
  return id ? { at: new Date(Number(ms)), id } : undefined;
}
