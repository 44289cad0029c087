/** Releases addresses: a contact gives up its claims, and the preferences stay with the addresses. */
import { findSubscribers } from '../../models/find-subscribers.js';
import type { Models } from '../../models/index.js';
import { reading, writing } from '../consent/durability.js';

export interface ClaimDeps {
  models: Pick<Models, 'subscribers' | 'contacts'>;
  clock: () => Date;
}

/** A claim to release. */
export interface Release {
  contactId: string;
  subscriberId: string;
  /** The contact that gets the address back, if it was taken from one. */
  to?: string;
}

const mostAttempts = 60;

/** Releases addresses if the contacts still have them. Their preferences are not changed. One read and one message of writes. */
export async function releaseAll({ models }: ClaimDeps, releases: readonly Release[]): Promise<void> {
  const ids = releases.map(({ subscriberId }) => subscriberId);
  for (let attempt = 0; ids.length > 0 && attempt < mostAttempts; attempt++) {
    const heads = await reading(() => findSubscribers(models.subscribers, ids));
    const writes = releases.flatMap(({ contactId, subscriberId, to }) => {
      const head = heads.get(subscriberId);
      if (head?.contactId !== contactId) return [];
      const filter = { _id: head._id as never, version: head.version };
      const freed = to ? {} : { $unset: { claimedAt: '' } };
      const update = { $set: { contactId: to ?? null }, ...freed, $inc: { version: 1 } };
      return [{ updateOne: { filter, update: update as never } }];
    });
    if (writes.length === 0) return;
    const outcome = await writing(() => models.subscribers.collection.bulkWrite(writes, { ordered: false }));
    if (outcome.matchedCount === writes.length) return;
  }
}
