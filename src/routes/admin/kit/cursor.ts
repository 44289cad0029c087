/** The cursor of lists that are sorted by time and id, as it appears in a URL. */

/** The end of a page: the time and the id of its last row. */
export interface Place {
  at: Date;
  id: string;
}

/** @returns the cursor, for the parameter `before` */
export function cursorOf({ at, id }: Place): string {
  return `${at.getTime()}~${id}`;
}

/** @returns the position, or undefined for an invalid cursor */
export function placeOf(cursor: string | undefined): Place | undefined {
  const [, ms = '', id = ''] = /^(\d{1,15})~(.+)$/.exec(cursor ?? '') ?? [];
  return id ? { at: new Date(Number(ms)), id } : undefined;
}
