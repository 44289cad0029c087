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
}

const mostAttempts = 60;

/**
 * Releases claims of addresses that the contacts do not list. The preferences of the addresses are not changed. Another save of the same contact may rely
 * on such a claim: if it has listed the address, the claim stays; if not, its write is refused, and it claims again (decision 0821). A claim that others
 * keep changing stays too, and counts as one of a crash.
 * @param options `areGone`: the contacts are deleted, so no save can list anything for them
 */
export async function releaseAll(
  deps: ClaimDeps,
  releases: readonly Release[],
  { areGone = false } = {},
): Promise<void> {
  const { subscribers } = deps.models;
  const ids = releases.map(({ subscriberId }) => subscriberId);
  for (let attempt = 0; ids.length > 0 && attempt < mostAttempts; attempt++) {
    const heads = await reading(() => findSubscribers(subscribers, ids));
    // The subscriber may have been merged into another one, which the contact may list.
    const held = releases.flatMap(({ contactId, subscriberId }) => {
      const head = heads.get(subscriberId);
      return head?.contactId === contactId
        ? [{ contactId, subscriberId: head._id, version: head.version }]
        : [];
    });
    const listed = areGone ? [] : await fenceAll(deps, held);
    const writes = held
      .filter((one) => !listed.includes(one))
      .map(({ subscriberId, version }) => ({
        updateOne: {
          // A save that claims the address after this was read has raised the version.
          filter: { _id: subscriberId as never, version },
          update: { $set: { contactId: null }, $unset: { claimedAt: '' }, $inc: { version: 1 } } as never,
        },
      }));
    if (writes.length === 0) return;
    const outcome = await writing(() => subscribers.collection.bulkWrite(writes, { ordered: false }));
    if (outcome.matchedCount === writes.length) return;
  }
}

/**
 * Makes sure that saves under way can never list these addresses for the contacts that hold them: the write of a save is conditional on a number that is
 * raised here. A save that was not refused is in what is read after that.
 * @param claims `contactId` is the holder
 * @returns those whose contact lists the address: a save was faster
 */
export async function fenceAll<T extends Release>(
  { models: { contacts } }: ClaimDeps,
  claims: readonly T[],
): Promise<T[]> {
  if (claims.length === 0) return [];
  const ids = [...new Set(claims.map(({ contactId }) => contactId))];
  await writing(() =>
    contacts.collection.updateMany({ _id: { $in: ids as never[] } }, { $inc: { projection: 1 } }),
  );
  const found = await reading(() => findContactsById(contacts, ids));
  const holders = new Map(found.map((contact) => [contact._id, contact]));
  return claims.filter(({ contactId, subscriberId }) => {
    const holder = holders.get(contactId);
    return holder !== undefined && lists(holder, subscriberId);
  });
}

/** A blank lists nothing yet. */
export function lists({ blankUntil, subscribers }: Contact, subscriberId: string): boolean {
  return !blankUntil && channels.some((channel) => subscribers[channel] === subscriberId);
}
