/**
 * Claims: an address belongs to at most one contact, and the subscriber's document names it. One document per address makes that unique on any
 * cluster, without a transaction. A contact lists an address only after claiming it. So a claim that its contact does not list is either in progress
 * or was left by a crash.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../errors.js';
import { findContactById } from '../../models/contact.js';
import type { Contact } from '../../models/contact.js';
import { newSubscriber } from '../../models/subscriber.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { reading, writing } from '../consent/durability.js';
import { findByAddress } from '../consent/merge-subscribers.js';
import type { MergeDeps } from '../consent/merge-subscribers.js';
import { insertSubscriber } from '../consent/store.js';
import type { Channel } from '../../vocabulary/terms.js';
import { refreshContacts } from './project.js';
import { release, updateHead } from './release.js';
import type { ClaimDeps } from './release.js';

/** Also needed for a claim: an address may be stored under another spelling. */
export type ClaimingDeps = ClaimDeps & MergeDeps;

export interface WantedAddress {
  subscriberId: string;
  channel: Channel;
  /** Normalised. */
  address: string;
}

export type Claim =
  | { kind: 'MINE'; head: SubscriberHead }
  | { kind: 'TAKEN'; by: Contact }
  /** Another process is saving a contact with it at this moment. */
  | { kind: 'BUSY' };

/** In milliseconds. A younger claim is in progress. */
export const crashedAfterMs = 30_000;
/** Maximum wait for such a claim. */
const patienceMs = 1500;
const mostAttempts = 60;

/**
 * Claims an address for a contact, and creates its subscriber if it does not exist. Repeating it changes nothing.
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function claimAddress(
  deps: ClaimingDeps,
  contactId: string,
  wanted: WantedAddress,
): Promise<Claim> {
  const { models } = deps;
  const giveUpAt = performance.now() + patienceMs;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const head = await findByAddress(deps, wanted);
    if (!head) {
      const made = {
        ...newSubscriber(wanted.subscriberId, wanted.channel, wanted.address, deps.clock()),
        ...marksOf(deps, contactId),
      };
      if (await insertSubscriber(models, made)) return { kind: 'MINE', head: made };
      continue;
    }
    if (head.contactId === contactId && head.address !== null) return { kind: 'MINE', head };
    const owner =
      head.contactId && head.contactId !== contactId
        ? await reading(() => findContactById(models.contacts, head.contactId ?? ''))
        : null;
    if (owner && lists(owner, wanted)) return { kind: 'TAKEN', by: owner };
    if (owner && deps.clock().getTime() - (head.claimedAt?.getTime() ?? 0) < crashedAfterMs) {
      if (performance.now() > giveUpAt) return { kind: 'BUSY' };
      await sleep(20 + Math.random() * 80);
      continue;
    }
    const claimed = await take(deps, contactId, wanted, head);
    if (!claimed) continue;
    if (owner && !(await fence(deps, owner._id, wanted))) {
      await release(deps, contactId, wanted.subscriberId, owner._id);
      // Decisions made in between are in the facets of neither contact.
      await refreshContacts(deps, [owner._id]);
      continue;
    }
    return { kind: 'MINE', head: claimed };
  }
  throw new DomainError('DATABASE_AWAY', 'Others kept changing this address, so nothing was saved.');
}

function lists(contact: Contact, { channel, subscriberId }: WantedAddress): boolean {
  return !contact.blankUntil && contact.subscribers[channel] === subscriberId;
}

const marksOf = ({ clock }: ClaimDeps, contactId: string) => ({
  contactId,
  claimedAt: clock(),
});

/** A contact has an erased address anew, so the address is stored again. Its opt-outs were never lost. */
async function take(
  deps: ClaimDeps,
  contactId: string,
  { address }: WantedAddress,
  head: SubscriberHead,
): Promise<SubscriberHead | null> {
  const fields = { ...marksOf(deps, contactId), address };
  const isTaken = await updateHead(deps.models, head, { $set: fields, $inc: { version: 1 } });
  return isTaken ? { ...head, ...fields, version: head.version + 1 } : null;
}

/**
 * Makes sure that the holder of an abandoned claim can never list the address, even if it was only slow. Its write is conditional on a number that is
 * raised here.
 * @returns false if it was faster and lists the address
 */
async function fence({ models }: ClaimDeps, ownerId: string, wanted: WantedAddress): Promise<boolean> {
  for (;;) {
    const owner = await reading(() => findContactById(models.contacts, ownerId));
    if (!owner) return true;
    if (lists(owner, wanted)) return false;
    const outcome = await writing(() =>
      models.contacts.collection.updateOne(
        { _id: ownerId as never, projection: owner.projection },
        { $inc: { projection: 1 } },
      ),
    );
    if (outcome.matchedCount === 1) return true;
  }
}
