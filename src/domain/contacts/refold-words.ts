/** Updates the search words of contacts to the current `wordsOf`: a step of the migrations. */
import type { AnyBulkWriteOperation } from 'mongoose';
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { wordsOf } from './words.js';

type Row = Pick<Contact, '_id' | 'firstName' | 'lastName' | 'email' | 'phone' | 'words'>;

const batchSize = 500;

/** Repeating it changes nothing. An edit in the meantime writes the new words itself. */
export async function refoldWords({ contacts }: Pick<Models, 'contacts'>): Promise<void> {
  let writes: AnyBulkWriteOperation<Contact>[] = [];
  const flush = async () => {
    if (writes.length > 0) await contacts.bulkWrite(writes, { ordered: false, timestamps: false });
    writes = [];
  };
  const fields = { firstName: 1, lastName: 1, email: 1, phone: 1, words: 1 };
  for await (const row of contacts.find({}, fields).lean<Row[]>().cursor({ batchSize })) {
    const { words: before, ...named } = row;
    const words = wordsOf(named);
    if (words.join('\n') === before.join('\n')) continue;
    writes.push({ updateOne: { filter: named, update: { $set: { words } } } });
    if (writes.length >= batchSize) await flush();
  }
  await flush();
}
