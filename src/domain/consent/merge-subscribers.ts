/**
 * Merges two subscribers that are one address. It writes consent outside `changeConsent`, since it decides nothing: each opt-out is recorded again
 * with its party and time (decision 0523).
 */
import { newSubscriber, type Subscriber, type SubscriberHead } from '../../models/subscriber.js';
import { findSubscriber } from '../../models/find-subscribers.js';
import type { Models } from '../../models/index.js';
import { DomainError } from '../../errors.js';
import { decomposedAddress, type SubscriberIds } from './address.js';
import { emptyState } from './apply.js';
import { carryActs } from './carried-acts.js';
import { derivedOf } from './plan.js';
import { reading, writing } from './durability.js';
import { stateOnly } from './history.js';
import { readAddress } from './read-address.js';
import { insertSubscriber } from './store.js';
import type { Catalogue, Channel } from '../../vocabulary/terms.js';

export interface MergeDeps {
  models: Pick<Models, 'subscribers'>;
  subscriberIds: SubscriberIds;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

/** An address in its normal form, with its id. */
export interface KnownAddress {
  subscriberId: string;
  channel: Channel;
  address: string;
}

const mostAttempts = 60;

/**
 * Merges a subscriber into the one of an address, which is created if it does not exist. The other keeps its history under its own id and points to
 * this one, so links with the old id keep working. Repeating it, also after a crash, changes nothing.
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function mergeSubscriber(deps: MergeDeps, from: string, into: KnownAddress): Promise<void> {
  const { subscribers } = deps.models;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const other = await readOne(deps, from);
    if (!other || other.mergedInto) return;
    const own = await readOne(deps, into.subscriberId);
    if (!own) {
      const { subscriberId, channel } = into;
      const made = newSubscriber(subscriberId, channel, null, deps.clock());
      await insertSubscriber(deps.models, { ...made, createdAt: other.createdAt });
      continue;
    }
    if (!(await takeOver(deps, own, other, into.address))) continue;
    // Lists and searches would find its state. Its events remain as its history.
    const emptied = {
      ...{
        ...emptyState(),
        mergedInto: own._id,
        address: null,
        locale: null,
        lastSave: null,
        endedOptOuts: {},
      },
      ...{ contactId: null, machineMade: null },
    };
    const outcome = await writing(() =>
      subscribers.collection.updateOne(
        { _id: from as never, version: other.version },
        { $set: emptied as never, $unset: { claimedAt: '' }, $inc: { version: 1 } },
      ),
    );
    // An act by the old id came in the meantime: it is carried over as well.
    if (outcome.matchedCount === 1) return;
  }
  throw new DomainError('DATABASE_AWAY', 'Others kept changing this record.');
}

/**
 * Finds the subscriber of an address. If an older release created one from the decomposed spelling, and its address was erased since, it is merged
 * first so that its opt-outs count.
 */
export async function findByAddress(deps: MergeDeps, known: KnownAddress): Promise<SubscriberHead | null> {
  const head = await reading(() => findSubscriber(deps.models.subscribers, known.subscriberId));
  return head ?? findOtherSpelling(deps, known);
}

/** The same for an address as a person wrote it. @throws DomainError `INVALID_ADDRESS` */
export async function findByWrittenAddress(
  deps: MergeDeps,
  channel: Channel,
  written: string,
): Promise<SubscriberHead | null> {
  const address = readAddress(channel, written, await deps.catalogue());
  return findByAddress(deps, { channel, address, subscriberId: deps.subscriberIds(channel, address) });
}

/** The same for an address that is known to have no subscriber under its own id. */
export async function findOtherSpelling(
  deps: MergeDeps,
  known: KnownAddress,
): Promise<SubscriberHead | null> {
  const decomposed = decomposedAddress(known.channel, known.address);
  if (decomposed === null) return null;
  await mergeSubscriber(deps, deps.subscriberIds(known.channel, decomposed), known);
  return reading(() => findSubscriber(deps.models.subscribers, known.subscriberId));
}

/** @returns false if another write came first */
async function takeOver(
  deps: MergeDeps,
  own: Subscriber,
  other: Subscriber,
  address: string,
): Promise<boolean> {
  const catalogue = await reading(() => deps.catalogue());
  const { channel, _id: id } = other;
  // Merging does not bring an erased address back. A new contact with the address does.
  const isErased = own.address === null && other.address === null;
  const { events, state } = carryActs(
    { state: stateOnly(own, own.updatedAt), chain: own },
    { id, channel, state: other },
    { types: catalogue.types, now: deps.clock(), isErased },
  );
  const last = events.at(-1);
  const contactId = own.contactId ?? other.contactId;
  const next = {
    ...state,
    ...{ address: isErased ? null : address, contactId, locale: own.locale ?? other.locale },
    ...(contactId ? { claimedAt: own.claimedAt ?? other.claimedAt ?? deps.clock() } : {}),
    ...(other.mayBeNonMarketing ? { mayBeNonMarketing: true } : {}),
    ...derivedOf({ ...own, contactId }, state, catalogue, { events, now: deps.clock() }),
    ...(last ? { seq: last.seq, chainHead: last.hash, eventCount: own.eventCount + events.length } : {}),
    updatedAt: deps.clock(),
  };
  const outcome = await writing(() =>
    deps.models.subscribers.collection.updateOne(
      { _id: own._id as never, version: own.version },
      {
        $set: next as never,
        $push: { events: { $each: events } } as never,
        $addToSet: { mergedFrom: other._id },
        $inc: { version: 1 },
      },
    ),
  );
  return outcome.matchedCount === 1;
}

/** The document with exactly this id. */
async function readOne({ models }: MergeDeps, id: string): Promise<Subscriber | null> {
  return reading(() => models.subscribers.findById(id).lean<Subscriber>());
}
