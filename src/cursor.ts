/** The cursor of a list, as it appears in a URL: the position after which a page begins. */
import { z } from 'zod';
import { DomainError } from './errors.js';

/** For lists that are sorted by time and id: those of the last row. */
export const timeAndId = z.object({ at: z.coerce.date(), id: z.string().min(1).max(200) });
export type TimeAndId = z.infer<typeof timeAndId>;

/** @param position JSON; dates become ISO 8601 */
export function cursorText(position: object): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * A page of a list.
 * @param found one row more than a page has, if there is one
 * @returns the rows of the page, and the cursor of those behind it
 */
export function pageIn<Row>(
  found: readonly Row[],
  most: number,
  placeOf: (last: Row) => object,
): { page: Row[]; next: string | null } {
  const page = found.slice(0, most);
  const last = found.length > most ? page.at(-1) : undefined;
  return { page, next: last ? cursorText(placeOf(last)) : null };
}

/** The place of a row in a list that is sorted by time and id. */
export const placeInTime = ({ at, _id: id }: { at: Date; _id: string }): TimeAndId => ({ at, id });

/** @returns null for anything that is not a cursor of this list; such a page begins with the first row */
export function cursorIn<Position>(text: unknown, schema: z.ZodType<Position>): Position | null {
  if (typeof text !== 'string' || text.length > 2000) return null;
  try {
    return schema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}

/**
 * The same for the API: a client that follows pages must not begin again at the first one.
 * @param name of the query parameter
 * @returns null without a cursor
 * @throws DomainError `INVALID_FORM` for anything that is not a cursor of this list
 */
export function cursorOrFault<Position>(
  name: string,
  text: string | undefined,
  schema: z.ZodType<Position>,
): Position | null {
  const position = cursorIn(text, schema);
  if (text !== undefined && !position)
    throw new DomainError('INVALID_FORM', `query.${name} is not a cursor of this list.`);
  return position;
}
