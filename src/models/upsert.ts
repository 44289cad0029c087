/** Updates a document that may not exist yet, and reads it. */
import type { Document, UpdateFilter } from 'mongodb';
import type { Model } from 'mongoose';
import { isDuplicateKey } from './database-fault.js';

/**
 * Updates the document of this id, or creates it, in one atomic write. Of several first writes at the same moment, one creates the document. The others
 * may fail with a duplicate key, or get no document although the embedded database has written their update. They write again (decision 0812).
 * @param update must be harmless when it is written twice; a pipeline if it is an array
 * @returns the document afterwards
 */
export async function upsertById<T extends { _id: string }>(
  model: Pick<Model<T>, 'collection'>,
  _id: T['_id'],
  update: UpdateFilter<Document> | Document[],
): Promise<T> {
  const write = () =>
    model.collection
      .findOneAndUpdate({ _id: _id as never }, update, { upsert: true, returnDocument: 'after' })
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        return null;
      });
  const found = (await write()) ?? (await write());
  if (!found) throw new Error(`A document of ${model.collection.name} could not be written and read.`);
  return found as unknown as T;
}
