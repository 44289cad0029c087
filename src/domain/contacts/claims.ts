/**
 * Claims: an address belongs to at most one contact, and the subscriber's document names it. One document per address makes that unique on any
 * cluster, without a transaction. A contact lists an address only after claiming it. So a claim that its contact does not list is either in progress
 * or was left by a crash.
 */
import { findContactsById, type Contact } from '../../models/contact.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import { newSubscriber, type SubscriberHead } from '../../models/subscriber.js';
import { decomposedAddress } from '../consent/address.js';
import { reading } from '../consent/durability.js';
import { findOtherSpelling, type KnownAddress, type MergeDeps } from '../consent/merge-subscribers.js';
import { writeSubscribers } from '../consent/store.js';
import { channels, type Channel } from '../../vocabulary/terms.js';
import { isErased } from './project.js';
import { fenceAll, lists, type ClaimDeps } from './release.js';

/** Also needed for a claim: an address may be stored under another spelling. */
export type ClaimingDeps = ClaimDeps & MergeDeps;

/** The addresses that one contact is to have. */
export interface Ask {
  contactId: string;
  wanted: readonly KnownAddress[];
  /** The subscriber ids that the contact lists now: some of them it may give up. */
  listed: Contact['subscribers'];
  /** The contact is a non-marketing contact, or it becomes one at the next update: its addresses are marked. */
  mayBeNonMarketing: boolean;
  /** False: the contact keeps the addresses that it has, and gets none. Its caller read it earlier, and it may have been erased since. */
  mayTake: boolean;
  /** No erasure can have come since the contact was read: it is being made, or only this process writes. */
  isAlone: boolean;
  /** Subscribers that were found erased before the contact was read. */
  knownErased?: ReadonlySet<string>;
}

export type Claim =
  | { kind: 'MINE'; head: SubscriberHead }
  | { kind: 'TAKEN'; channel: Channel; by: Contact }
  /** Another process is saving a contact with it at this moment. */
  | { kind: 'BUSY'; channel: Channel }
  /** Another write came first, or an earlier contact of the same call must be saved first: ask again. */
  | { kind: 'LATER' }
  /** This subscriber was found erased: read the contact again, and ask again. */
  | { kind: 'LATER'; erased: string };

/** In milliseconds. A younger claim is in progress. */
export const crashedAfterMs = 30_000;

interface Take extends KnownAddress {
  contactId: string;
  mayBeNonMarketing: boolean;
  /** The contact lists the address already. */
  isListed: boolean;
  head: SubscriberHead | undefined;
  /** The contact that claimed the address, but does not list it. */
  owner: Contact | undefined;
}

/**
 * Claims addresses for many contacts, and makes subscribers where there are none. The number of round trips does not depend on how many
 * contacts there are. Contacts are served in their order: the answer is `LATER` if an earlier contact may get or give up one of the
 * addresses, or waits for one that this contact gives up, and if the contact may take none. Repeating it changes nothing.
 * @returns for each contact: `MINE` for each of its addresses, or why it does not have them all
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function claimAll(deps: ClaimingDeps, asks: readonly Ask[]): Promise<Claim[][]> {
  const heads = await findHeads(
    deps,
    asks.flatMap(({ wanted }) => wanted),
  );
  const owners = await findOwners(deps, asks, heads);
  const touched = new Set<string>();
  const answers = asks.map((ask): Claim[] | Take[] => {
    const takes = ask.wanted.map((one): Take => {
      const head = heads.get(one.subscriberId);
      const ownerId = head?.contactId === ask.contactId ? null : head?.contactId;
      const { contactId, mayBeNonMarketing } = ask;
      const isListed = ask.listed[one.channel] === one.subscriberId;
      return { ...one, contactId, mayBeNonMarketing, isListed, head, owner: owners.get(ownerId ?? '') };
    });
    const own = channels.flatMap((channel) => ask.listed[channel] ?? []);
    const ids = [...takes.map(({ subscriberId }) => subscriberId), ...own];
    const isLater = ids.some((id) => touched.has(id));
    const claimed = (take: Take): Claim | Take => {
      if (isErasedSince(ask, take)) return { kind: 'LATER', erased: take.subscriberId };
      return refusalOf(deps, take) ?? (ask.mayTake || isHeld(take) ? take : { kind: 'LATER' });
    };
    const claims = isLater ? [] : takes.map(claimed);
    // A refused contact changes nothing, so those after it need not wait.
    if (claims.some((one) => 'kind' in one && one.kind === 'TAKEN')) return claims.filter(isClaim);
    for (const id of ids) touched.add(id);
    return isLater ? [{ kind: 'LATER' }] : claims.some(isClaim) ? claims.filter(isClaim) : takes;
  });
  const won = await takeInTurn(
    deps,
    answers.map((answer) => answer.filter(isTake)),
  );
  return answers.map((answer) => {
    const takes = answer.filter(isTake);
    if (takes.length === 0) return answer.filter(isClaim);
    const claims = takes.flatMap(({ subscriberId }): Claim[] => {
      const head = won.get(subscriberId);
      return head ? [{ kind: 'MINE', head }] : [];
    });
    return claims.length === takes.length ? claims : [{ kind: 'LATER' }];
  });
}

const isClaim = (one: Claim | Take): one is Claim => 'kind' in one;
const isTake = (one: Claim | Take): one is Take => !isClaim(one);

/** The subscribers by the ids that are wanted; those of another spelling are merged first. */
async function findHeads(
  deps: ClaimingDeps,
  wanted: readonly KnownAddress[],
): Promise<Map<string, SubscriberHead>> {
  const { subscribers } = deps.models;
  const find = (ids: string[]) => reading(() => findSubscribers(subscribers, ids));
  const heads = await find(wanted.map(({ subscriberId }) => subscriberId));
  const others = new Map<string, KnownAddress>();
  for (const one of wanted) {
    const spelling = heads.has(one.subscriberId) ? null : decomposedAddress(one.channel, one.address);
    if (spelling !== null) others.set(deps.subscriberIds(one.channel, spelling), one);
  }
  if (others.size === 0) return heads;
  for (const id of (await find([...others.keys()])).keys()) {
    const one = others.get(id);
    const head = one && (await findOtherSpelling(deps, one));
    if (head) heads.set(one.subscriberId, head);
  }
  return heads;
}

async function findOwners(
  { models }: ClaimDeps,
  asks: readonly Ask[],
  heads: ReadonlyMap<string, SubscriberHead>,
): Promise<Map<string, Contact>> {
  const ids = asks.flatMap(({ contactId, wanted }) =>
    wanted.flatMap(({ subscriberId }) => {
      const owner = heads.get(subscriberId)?.contactId;
      return owner && owner !== contactId ? [owner] : [];
    }),
  );
  if (ids.length === 0) return new Map();
  const found = await reading(() => findContactsById(models.contacts, [...new Set(ids)]));
  return new Map(found.map((contact) => [contact._id, contact]));
}

function refusalOf({ clock }: ClaimDeps, { owner, head, ...wanted }: Take): Claim | null {
  if (!owner) return null;
  const { channel } = wanted;
  if (lists(owner, wanted.subscriberId)) return { kind: 'TAKEN', channel, by: owner };
  const age = clock().getTime() - (head?.claimedAt?.getTime() ?? 0);
  return age < crashedAfterMs ? { kind: 'BUSY', channel } : null;
}

/**
 * The person may have been erased after the contact was read, so the address is not stored again before the contact is read once more. Nor is it if
 * the contact lists and holds it: the follower of the feed deletes such a contact.
 */
function isErasedSince(
  { contactId, listed, isAlone, knownErased }: Ask,
  { channel, subscriberId, head }: Take,
): boolean {
  if (isAlone || !isErased(head ?? null)) return false;
  const isToBeDeleted = listed[channel] === subscriberId && head?.contactId === contactId;
  return isToBeDeleted || !knownErased?.has(subscriberId);
}

/**
 * Claims one channel after another, always in the same order: of two calls that want the same addresses, the one that gets the first gets
 * them all.
 * @returns the subscribers that are claimed, by their ids
 */
async function takeInTurn(deps: ClaimingDeps, contacts: Take[][]): Promise<Map<string, SubscriberHead>> {
  const won = new Map<string, SubscriberHead>();
  let going = contacts;
  for (const channel of channels) {
    const takes = going.flatMap((all) => all.filter((take) => take.channel === channel));
    for (const [id, head] of await takeAll(deps, takes)) won.set(id, head);
    going = going.filter((all) => all.every((one) => one.channel !== channel || won.has(one.subscriberId)));
  }
  return won;
}

/** The contact lists the address and has claimed it. A claim that is not listed yet is written again: another save may be about to release it. */
function isHeld(take: Take): take is Take & { head: SubscriberHead } {
  return take.isListed && isClaimed(take.head, take);
}

function isClaimed(
  head: SubscriberHead | undefined,
  { contactId, mayBeNonMarketing }: Take,
): head is SubscriberHead {
  const isMarked = !mayBeNonMarketing || head?.mayBeNonMarketing === true;
  return head?.contactId === contactId && head.address !== null && isMarked;
}

async function takeAll(deps: ClaimingDeps, takes: readonly Take[]): Promise<Map<string, SubscriberHead>> {
  const won = new Map<string, SubscriberHead>();
  const wanted = takes.filter((take) => {
    if (!isHeld(take)) return true;
    won.set(take.subscriberId, take.head);
    return false;
  });
  // The holder of an abandoned claim may only be slow. From here on it cannot list the address; if it does, the claim is its own.
  const abandoned = wanted.flatMap((take) => (take.owner ? [{ ...take, contactId: take.owner._id }] : []));
  const kept = new Set((await fenceAll(deps, abandoned)).map(({ subscriberId }) => subscriberId));
  const open = wanted.filter(({ subscriberId }) => !kept.has(subscriberId));
  if (open.length === 0) return won;
  // A contact has an erased address anew, so the address is stored again. Its opt-outs were never lost.
  const claimed = open.map(({ subscriberId, channel, address, contactId, mayBeNonMarketing, head }) => {
    const mark = mayBeNonMarketing ? ({ mayBeNonMarketing: true } as const) : {};
    const fields = { address, contactId, claimedAt: deps.clock(), ...mark };
    if (head) {
      const filter = { _id: head._id as never, version: head.version };
      const update = { $set: fields as never, $inc: { version: 1 } };
      const next: SubscriberHead = { ...head, ...fields, version: head.version + 1 };
      return { subscriberId, next, write: { updateOne: { filter, update } } };
    }
    const next = { ...newSubscriber(subscriberId, channel, address, deps.clock()), ...fields };
    return { subscriberId, next, write: { insertOne: { document: next as never } } };
  });
  const written = await writeSubscribers(
    deps.models,
    claimed.map(({ write }) => write),
  );
  if (written === claimed.length) {
    for (const { subscriberId, next } of claimed) won.set(subscriberId, next);
  } else {
    const ids = open.map(({ subscriberId }) => subscriberId);
    const now = await reading(() => findSubscribers(deps.models.subscribers, ids));
    for (const take of open) {
      const head = now.get(take.subscriberId);
      if (isClaimed(head, take)) won.set(take.subscriberId, head);
    }
  }
  return won;
}

/** The addresses of a contact by channel: a phone number is one in two. */
export function wantedAddresses(
  { subscriberIds }: Pick<MergeDeps, 'subscriberIds'>,
  { email, phone }: Pick<Contact, 'email' | 'phone'>,
): KnownAddress[] {
  const addressOf = (channel: Channel) => (channel === 'EMAIL' ? email : phone);
  return channels.flatMap((channel) => {
    const address = addressOf(channel);
    return address ? [{ channel, address, subscriberId: subscriberIds(channel, address) }] : [];
  });
}
