/** Releases addresses: a contact gives up its claims, and the preferences stay with the addresses. */
import { findContactsById, type Contact } from '../../models/contact.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { Models } from '../../models/index.js';
import { reading, writing } from '../consent/durability.js';
import { channels } from '../../vocabulary/terms.js';

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

/**
 * Releases claims of addresses that the contacts do not list. The preferences of the addresses are not changed. Another save of the same contact may rely
 * on such a claim: if it has listed the address, the claim stays; if not, its write is refused, and it claims again (decision 0821).
 */
export async function releaseAll(deps: ClaimDeps, releases: readonly Release[]): Promise<void> {
  const { subscribers } = deps.models;
  let left = releases;
  for (let attempt = 0; left.length > 0 && attempt < mostAttempts; attempt++) {
    const ids = left.map(({ subscriberId }) => subscriberId);
    const heads = await reading(() => findSubscribers(subscribers, ids));
    const held = left.filter(
      ({ contactId, subscriberId }) => heads.get(subscriberId)?.contactId === contactId,
    );
    const listed = await fenceAll(deps, held);
    left = held.filter((one) => !listed.includes(one));
    const writes = left.flatMap(({ subscriberId, to }) => {
      const head = heads.get(subscriberId);
      if (!head) return [];
      // A save that claims the address after this was read has raised the version.
      const filter = { _id: head._id as never, version: head.version };
      const freed = to ? {} : { $unset: { claimedAt: '' } };
      const update = { $set: { contactId: to ?? null }, ...freed, $inc: { version: 1 } };
      return [{ updateOne: { filter, update: update as never } }];
    });
    if (writes.length === 0) return;
    const outcome = await writing(() => subscribers.collection.bulkWrite(writes, { ordered: false }));
    if (outcome.matchedCount === writes.length) return;
  }
}

/**
 * Makes sure that saves under way can never list these addresses for the contacts that hold them. The writes of such saves are conditional on a number that is
 * raised here.
 * @param claims `contactId` is the holder
 * @returns those whose contact lists the address: a save was faster
 */
export async function fenceAll<T extends Pick<Release, 'contactId' | 'subscriberId'>>(
  { models: { contacts } }: ClaimDeps,
  claims: readonly T[],
): Promise<T[]> {
  const listed: T[] = [];
  for (let left = claims; left.length > 0;) {
    const ids = new Set(left.map(({ contactId }) => contactId));
    const found = await reading(() => findContactsById(contacts, [...ids]));
    const holders = new Map(found.map((contact) => [contact._id, contact]));
    const isListed = ({ contactId, subscriberId }: T) => {
      const holder = holders.get(contactId);
      return holder !== undefined && lists(holder, subscriberId);
    };
    listed.push(...left.filter(isListed));
    left = left.filter((one) => holders.has(one.contactId) && !isListed(one));
    const open = new Set(left.map(({ contactId }) => contactId));
    const writes = found
      .filter(({ _id }) => open.has(_id))
      .map(({ _id, projection }) => ({
        updateOne: { filter: { _id: _id as never, projection }, update: { $inc: { projection: 1 } } },
      }));
    if (writes.length === 0) break;
    const outcome = await writing(() => contacts.collection.bulkWrite(writes, { ordered: false }));
    if (outcome.matchedCount === writes.length) break;
  }
  return listed;
}

/** A blank lists nothing yet. */
export function lists({ blankUntil, subscribers }: Contact, subscriberId: string): boolean {
  return !blankUntil && channels.some((channel) => subscribers[channel] === subscriberId);
}
