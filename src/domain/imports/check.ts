/** The check of an import: reads the whole file, counts its addresses, and stores them in order, and the rejected rows. It writes no consent. */
import mongoose from 'mongoose';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { Contact } from '../../models/contact.js';
import { updateImport, type Import, type ImportCounts } from '../../models/import.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import type { ImportDeps } from './contract.js';
import { readListed } from './list-file.js';
import { nothingRead, readAddresses } from './read-addresses.js';
import { openRejectedFile } from './rejected-file.js';
import { inParts } from './sorted-addresses.js';

/** Addresses that are looked up in one message. */
const partLength = 1000;

/** Rows read, and then addresses looked up. */
export interface CheckProgress {
  done: number;
  total: number | null;
}

/**
 * Counts what the import would do. Repeating it gives the same counts, if nobody opts out in the meantime.
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired
 */
export async function* checkList(deps: ImportDeps, one: Import): AsyncGenerator<CheckProgress, ImportCounts> {
  const rejected = openRejectedFile(deps, one._id);
  try {
    let read = nothingRead;
    for await (read of readAddresses(deps, one, rejected.add)) yield { done: read.rows, total: null };
    await rejected.end();
    await updateImport(deps.models, one, ['CHECKING'], { listed: read.listed });
    const counts = { distinct: 0, optedOutBefore: 0, contacts: 0, unknown: 0 };
    for await (const part of inParts(readListed(deps, read.listed), partLength)) {
      const ids = part.map(({ subscriberId }) => subscriberId);
      const heads = await findStates(deps, ids, one.unitId);
      const contacts = await findContactsAmong(deps, heads, one.unitId);
      const isOptedOut = ({ optOuts: { portal, units } }: State) =>
        Boolean(portal ?? (one.unitId !== null && units[one.unitId]));
      const isContact = ({ contactId }: State) => contactId !== null && contacts.has(contactId);
      counts.distinct += ids.length;
      counts.contacts += heads.filter(isContact).length;
      counts.optedOutBefore += heads.filter(isOptedOut).length;
      counts.unknown += ids.length - heads.filter((head) => isContact(head) || isOptedOut(head)).length;
      yield { done: counts.distinct, total: read.addresses };
    }
    const duplicates = read.addresses - counts.distinct;
    const { rows, damaged, firstDamagedLine } = read;
    return {
      ...{ rows, rejected: read.rejected, duplicates, ...counts },
      ...(damaged > 0 ? { damaged, firstDamagedLine } : {}),
    };
  } finally {
    await rejected.close();
  }
}

/** The contacts among them that have the unit. A list must not tell which of its addresses are contacts of other units. */
async function findContactsAmong(
  { models }: ImportDeps,
  heads: readonly State[],
  unitId: number | null,
): Promise<ReadonlySet<string>> {
  const ids = heads.flatMap(({ contactId }) => contactId ?? []);
  if (unitId === null || ids.length === 0) return new Set(ids);
  const found = await models.contacts
    .find({ _id: mongoose.trusted({ $in: ids }), unitIds: unitId }, { _id: 1 })
    .lean<Pick<Contact, '_id'>[]>();
  return new Set(found.map(({ _id }) => _id));
}

type State = Pick<SubscriberHead, 'contactId' | 'optOuts'>;

/** What is known of these addresses, without what the counts do not need. */
async function findStates(
  { models: { subscribers } }: ImportDeps,
  ids: string[],
  unitId: number | null,
): Promise<State[]> {
  const fields = { contactId: 1, mergedInto: 1, 'optOuts.portal.at': 1, [`optOuts.units.${unitId}.at`]: 1 };
  const found = await subscribers
    .find({ _id: mongoose.trusted({ $in: ids }) }, fields)
    .batchSize(ids.length + 1)
    .lean<(State & Pick<Subscriber, 'mergedInto'>)[]>();
  const merged = found.flatMap(({ mergedInto }) => mergedInto ?? []);
  const into = merged.length > 0 ? [...(await findSubscribers(subscribers, merged)).values()] : [];
  return [...found.filter(({ mergedInto }) => !mergedInto), ...into];
}
