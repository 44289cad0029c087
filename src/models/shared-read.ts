/** Reads of one document by its id. Concurrent callers share a command (decision 0130). */
import type { Connection } from 'mongoose';
import { together } from './batching.js';
import { mayGoTogether } from './raw-collection.js';

const lanes = 2;

/**
 * Makes the read of one document from the read of several.
 * @param read finds documents by ids that are all different
 */
export function sharedRead<Model extends { db: Connection }, Found extends { _id: string }>(
  read: (model: Model, ids: string[]) => Promise<Found[]>,
): (model: Model, id: string) => Promise<Found | null> {
  const finders = new WeakMap<Model, (id: string) => Promise<Found | null>>();
  const finderOf = (model: Model) => {
    const find = together<string, Found | null>({
      lanes,
      async run(ids) {
        const found = new Map((await read(model, ids)).map((one) => [one._id, one]));
        return ids.map((id) => ({ result: found.get(id) ?? null }));
      },
    });
    finders.set(model, find);
    return find;
  };
  return async (model, id) =>
    (await mayGoTogether(model))
      ? (finders.get(model) ?? finderOf(model))(id)
      : ((await read(model, [id]))[0] ?? null);
}

/** The condition on `_id`. */
export function oneOrIn(ids: string[]): string | { $in: string[] } {
  const [first = ''] = ids;
  return ids.length === 1 ? first : { $in: ids };
}
