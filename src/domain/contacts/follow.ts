/**
 * Following work in bulk: the facets of contacts whose addresses the caller has just written, without reading everything again. The caller writes
 * no marks (`followedContactId`), and sees to it that this is done, also after it broke off.
 */
import mongoose from 'mongoose';
import type { Contact } from '../../models/contact.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { reading, writing } from '../consent/durability.js';
import type { Channel } from '../../vocabulary/terms.js';
import { facetsAfter } from './facets.js';
import { refreshContacts } from './project.js';
import type { ProjectionDeps } from './project.js';

/** A contact as it was read before its address was written, and the address as it was written. */
export interface Followed {
  contact: Contact;
  head: SubscriberHead;
}

/**
 * Writes the facets of each contact on condition that nobody has written it since it was read. One whose address has moved on meanwhile, or whose
 * contact has, is marked and refreshed from the truth, so that an older one never stays.
 */
export async function followWrites(
  deps: ProjectionDeps,
  channel: Channel,
  written: readonly Followed[],
): Promise<void> {
  const catalogue = await reading(() => deps.catalogue());
  const own = written.filter(({ contact, head }) => head.contactId === contact._id);
  if (own.length === 0) return;
  const outcome = await writing(() =>
    deps.models.contacts.collection.bulkWrite(
      own.map(({ contact, head }) => ({
        updateOne: {
          filter: { _id: contact._id as never, projection: contact.projection },
          update: {
            $set: {
              facets: facetsAfter(contact, channel, head, catalogue),
              projection: contact.projection + 1,
            },
          },
        },
      })),
      { ordered: false },
    ),
  );
  const moved =
    outcome.matchedCount === own.length ? await findMoved(deps, own) : own.map(({ contact }) => contact);
  await refreshMarked(deps, moved);
}

/**
 * Refreshes contacts of which nobody knows how far they were brought up. The marks come first: where somebody writes an address amid this, the
 * refreshing sees that its mark is of an older version, and begins again.
 */
export async function refreshMarked(
  deps: ProjectionDeps,
  contacts: readonly Pick<Contact, '_id' | 'subscribers'>[],
): Promise<void> {
  if (contacts.length === 0) return;
  const contactIds = contacts.map(({ _id }) => _id);
  const ids = contacts.flatMap(({ subscribers }) => Object.values(subscribers).filter((id) => id !== null));
  await writing(() =>
    deps.models.subscribers.collection.updateMany(
      { _id: { $in: ids as never[] }, contactId: { $in: contactIds } },
      { $set: { isUnprojected: true } },
    ),
  );
  await refreshContacts(deps, contactIds);
}

/** Those whose address was written again, by whom its mark may have been cleared before our facets were there. */
async function findMoved(deps: ProjectionDeps, written: readonly Followed[]): Promise<Contact[]> {
  const ids = written.map(({ head }) => head._id);
  const found = await reading(() =>
    deps.models.subscribers
      .find({ _id: mongoose.trusted({ $in: ids }) }, { version: 1 })
      .read('primary')
      .readConcern('majority')
      .lean<Pick<SubscriberHead, '_id' | 'version'>[]>(),
  );
  const versions = new Map(found.map(({ _id, version }) => [_id, version]));
  return written.flatMap(({ contact, head }) => (versions.get(head._id) === head.version ? [] : [contact]));
}
