/** Writes of contacts, several in one statement. */
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Contact } from '../../models/contact.js';

/** A contact as it was read, and the fields that it will have, with a raised `projection`. */
export interface ContactWrite {
  before: Pick<Contact, '_id' | 'projection'>;
  contact: Partial<Contact>;
}

/** Contacts in one statement. Each statement costs some databases much more than a write, but each write carries the values of all. */
const writesAStatement = 25;

/** Each contact gets its own values if it still has its `projection`, and stays as it is otherwise. */
function writeOfSeveral(writes: readonly ContactWrite[]) {
  const ids = writes.map(({ before }) => before._id);
  const own = writes.map(({ before, contact: { blankUntil: _, ...fields } }) => ({
    ...{ projection: before.projection, fields },
  }));
  const one = { $arrayElemAt: [{ $literal: own }, { $indexOfArray: [{ $literal: ids }, '$_id'] }] };
  const isSame = { $eq: ['$projection', '$$one.projection'] };
  const ifSame = (then: unknown, otherwise: unknown) => ({
    $let: { vars: { one }, in: { $cond: [isSame, then, otherwise] } },
  });
  return {
    filter: { _id: { $in: ids as never[] } },
    update: [
      { $set: { blankUntil: ifSame('$$REMOVE', '$blankUntil') } },
      { $replaceWith: ifSame({ $mergeObjects: ['$$ROOT', '$$one.fields'] }, '$$ROOT') },
    ],
  };
}

/** The statements that write these contacts; each contact only once. Those that are written are modified, since their `projection` is raised. */
export function writesOfSeveral(writes: readonly ContactWrite[]): AnyBulkWriteOperation[] {
  const operations: AnyBulkWriteOperation[] = [];
  for (let first = 0; first < writes.length; first += writesAStatement)
    operations.push({ updateMany: writeOfSeveral(writes.slice(first, first + writesAStatement)) });
  return operations;
}
