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
