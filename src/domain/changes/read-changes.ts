/**
 * Reads the change feed for other systems. A cursor has a place in each bucket: the number of the last entry that was read, and a mark of that entry.
 * Numbers have no gaps, so it never skips an entry. A database that was restored from a backup may give the same number to another
 * event, and the mark shows it.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../../errors.js';
import {
  buckets,
  changeId,
  changeNumber,
  findChangesAfter,
  lastChangeNumber,
  type Bucket,
  type Change,
} from '../../models/change.js';
import { furthestCursor } from '../../models/feed-cursor.js';
import type { Models } from '../../models/index.js';
import { cursorIn, cursorText } from '../../cursor.js';
import { reading } from '../consent/durability.js';
import { publicEventsOf, type PublicEvent } from './public-event.js';
import { chooseEntries, type EventFilter } from './wanted-events.js';

type ChangeModels = Pick<Models, 'changes' | 'contacts' | 'feedCursors' | 'subscribers'>;

const placeSchema = z.tuple([z.int().min(0).max(999_999_999_999), z.string().max(12)]);
const placesSchema = z.array(placeSchema).length(buckets.length);
/** By bucket: the number of the last entry that was read, and its mark. */
export type Places = z.infer<typeof placesSchema>;

export interface ReadChanges {
  events: PublicEvent[];
  /** Continues behind what was read, whether or not the filter kept it. */
  cursor: string;
  places: Places;
  /** False: there are more entries, although the filter may have kept none of these. */
  isAtEnd: boolean;
}

const beginning: Places = buckets.map(() => [0, '']);

/**
 * Entries behind a cursor, in the order of each subscriber and contact.
 * @param wish `after` is a cursor; undefined begins with the oldest entry. `limit` is the maximum number of entries that are read
 * @throws DomainError `INVALID_FORM` for a text that is not a cursor; `CONFLICT` for a cursor of another database
 */
export async function readChanges(
  models: ChangeModels,
  { after, limit, ...filter }: EventFilter & { after: string | undefined; limit: number },
): Promise<ReadChanges> {
  const before = after === undefined ? beginning : placesIn(after);
  const found = await reading(() =>
    Promise.all(buckets.map((bucket) => entriesBehind(models, bucket, before[bucket] ?? [0, ''], limit + 1))),
  );
  // One of each in turns, so that no bucket waits for another.
  const taken: Change[] = [];
  const places = [...before];
  for (let row = 0; taken.length < limit && found.some((own) => row < own.length); row++)
    for (const bucket of buckets) {
      const entry = found[bucket]?.[row];
      if (!entry || taken.length === limit) continue;
      taken.push(entry);
      places[bucket] = [changeNumber(entry._id), markOf(entry)];
    }
  const kept = await chooseEntries(models, taken, filter);
  return {
    events: await publicEventsOf(models, kept, filter.scope),
    ...{ cursor: cursorText(places), places },
    isAtEnd: taken.length === found.flat().length,
  };
}

/** A cursor behind all entries that there are now. */
export async function cursorAtEnd(models: ChangeModels): Promise<string> {
  const numbers = await newestNumbers(models);
  const places = await Promise.all(
    buckets.map(async (bucket): Promise<Places[number]> => {
      const number = numbers[bucket] ?? 0;
      const last = await models.changes.findById(changeId(bucket, number), { key: 1 }).lean<Change>();
      return [number, last ? markOf(last) : ''];
    }),
  );
  return cursorText(places);
}

/** The newest number of each bucket. @param from numbers that are not greater, and were there */
export async function newestNumbers(models: ChangeModels, from?: readonly number[]): Promise<number[]> {
  return reading(() =>
    Promise.all(
      buckets.map(async (bucket) => {
        const known = from?.[bucket] ?? (await furthestCursor(models.feedCursors, bucket));
        return lastChangeNumber(models.changes, bucket, known);
      }),
    ),
  );
}

function placesIn(cursor: string): Places {
  const places = cursorIn(cursor, placesSchema);
  if (!places) throw new DomainError('INVALID_FORM', 'query.after is not a cursor of this list.');
  return places;
}

/** @throws DomainError `CONFLICT` if the entry at the cursor is another one, or is missing */
async function entriesBehind(
  { changes }: ChangeModels,
  bucket: Bucket,
  [number, mark]: Places[number],
  limit: number,
): Promise<Change[]> {
  if (number === 0) return findChangesAfter(changes, { bucket, number, limit });
  const [own, ...behind] = await findChangesAfter(changes, { bucket, number: number - 1, limit: limit + 1 });
  if (!own || changeNumber(own._id) !== number || markOf(own) !== mark)
    throw new DomainError(
      'CONFLICT',
      'This cursor is of another state of the database, which was perhaps restored from a backup. Begin again without a cursor.',
    );
  return behind;
}

function markOf({ key }: Pick<Change, 'key'>): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 6);
}
