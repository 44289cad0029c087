/**
 * Projection: a contact's facets follow what its addresses decided. Every write to a subscriber that a contact has leaves a mark in the same
 * write; the facets are rewritten from what a majority has, and only then is the mark cleared, and only where nothing was written since. The
 * contact is read before its subscribers and its write is conditional on that reading, so that an older truth never replaces a newer one.
 */
import type { AnyBulkWriteOperation, Document, FindCursor } from 'mongodb';
import mongoose from 'mongoose';
import { findContactsById } from '../../models/contact.js';
import type { Contact } from '../../models/contact.js';
import { findSubscriber, findSubscribers } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { reading, writing } from '../consent/durability.js';
import { channels } from '../../vocabulary/terms.js';
import type { Catalogue, Channel } from '../../vocabulary/terms.js';
import { crashedAfterMs } from './claims.js';
import type { ClaimDeps } from './claims.js';
import { removeContact } from './delete.js';
import { facetsOf } from './facets.js';
import { clearMarks } from './marks.js';

export interface ProjectionDeps extends ClaimDeps {
  catalogue: () => Promise<Catalogue>;
}

const mostAttempts = 20;
const sweepSize = 500;

/**
 * Brings the contact that has this address up to date. Where nothing has to be done, nothing is written.
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; the mark stands then, and the sweep comes by
 */
export async function projectSubscriber(deps: ProjectionDeps, subscriberId: string): Promise<void> {
  const head = await reading(() => findSubscriber(deps.models.subscribers, subscriberId));
  if (!head?.contactId) return;
  await refreshContacts(deps, [head.contactId]);
  await clearStrays(deps, [subscriberId]);
}

/**
 * Makes the facets of these contacts what the truth gives: two reads and one message of writes for all of them, and again for those that
 * somebody changed meanwhile. Give it some hundred at a time.
 */
export async function refreshContacts(deps: ProjectionDeps, contactIds: readonly string[]): Promise<void> {
  const catalogue = await reading(() => deps.catalogue());
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const found = await reading(() => findContactsById(deps.models.contacts, [...new Set(contactIds)]));
    const contacts = found.filter(({ blankUntil }) => !blankUntil);
    const listed = contacts.flatMap(({ subscribers }) =>
      channels.flatMap((channel) => subscribers[channel] ?? []),
    );
    if (listed.length === 0) return;
    const known = await reading(() => findSubscribers(deps.models.subscribers, listed));
    const isDone = await writeFacets(deps, contacts, known, catalogue);
    const isCleared = isDone && (await clearMarks(deps, [...known.values()].filter(isOf(contacts))));
    if (isCleared) return;
  }
}

async function writeFacets(
  deps: ProjectionDeps,
  contacts: readonly Contact[],
  known: ReadonlyMap<string, SubscriberHead>,
  catalogue: Catalogue,
): Promise<boolean> {
  const writes: AnyBulkWriteOperation<Document>[] = [];
  for (const contact of contacts) {
    const headOf = (channel: Channel) => {
      const head = known.get(contact.subscribers[channel] ?? '');
      return head?.contactId === contact._id ? head : null;
    };
    const decisions = { EMAIL: headOf('EMAIL'), SMS: headOf('SMS'), WHATSAPP: headOf('WHATSAPP') };
    if (!contact.isBeingErased && channels.some((channel) => isErased(decisions[channel]))) {
      // Anyone who asks to be forgotten is not kept as a record either (decision 0402).
      await removeContact(deps, contact);
      continue;
    }
    const facets = facetsOf(contact, decisions, catalogue);
    if (isSame(facets, contact.facets)) continue;
    writes.push({
      updateOne: {
        filter: { _id: contact._id as never, projection: contact.projection },
        update: { $set: { facets, projection: contact.projection + 1 } },
      },
    });
  }
  if (writes.length === 0) return true;
  const outcome = await writing(() => deps.models.contacts.collection.bulkWrite(writes, { ordered: false }));
  return outcome.matchedCount === writes.length;
}

/** True for subscribers that one of the contacts claims and lists. */
function isOf(contacts: readonly Contact[]) {
  const owners = new Map(contacts.map((contact) => [contact._id, contact]));
  return ({ _id, channel, contactId }: SubscriberHead) =>
    owners.get(contactId ?? '')?.subscribers[channel] === _id;
}

const isErased = (head: SubscriberHead | null) =>
  head !== null && head.erasedAt !== null && head.address === null;

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at]);
}

/**
 * Marks whose contact does not list the address: the claim is under way, or was left by a crash. A young one stays; the process that made the claim
 * clears it. An old one goes, since no facet can follow.
 */
async function clearStrays(deps: ProjectionDeps, subscriberIds: string[]): Promise<void> {
  const found = await reading(() => findSubscribers(deps.models.subscribers, subscriberIds));
  const marked = [...found.values()].filter(({ isUnprojected, contactId }) => isUnprojected && contactId);
  if (marked.length === 0) return;
  const contactIds = [...new Set(marked.flatMap(({ contactId }) => contactId ?? []))];
  const contacts = await reading(() => findContactsById(deps.models.contacts, contactIds));
  const owners = new Map(contacts.map((contact) => [contact._id, contact]));
  const strays = marked.filter(({ _id, channel, contactId, claimedAt }) => {
    const owner = owners.get(contactId ?? '');
    const isListed = owner?.subscribers[channel] === _id && !owner.blankUntil;
    const isYoung = deps.clock().getTime() - (claimedAt?.getTime() ?? 0) < crashedAfterMs;
    return !isListed && !(owner && isYoung);
  });
  await clearMarks(deps, strays);
}

type Marked = Pick<SubscriberHead, '_id' | 'contactId'>;

/**
 * Follows all marks that were left where a process stopped between its write and the facets: some hundred at a time, without a pause between.
 * @param signal once aborted, the marks in hand are followed and the rest stays for the next sweep
 * @returns how many marks were looked at; 0 means that the index is up to date
 */
export async function sweepUnprojected(deps: ProjectionDeps, signal?: AbortSignal): Promise<number> {
  // One cursor goes through them once, so marks that have to stay do not bring the sweep back to where it began.
  const cursor = deps.models.subscribers.collection.find<Marked>(
    { isUnprojected: true },
    { projection: { contactId: 1 }, batchSize: sweepSize, readConcern: { level: 'majority' } },
  );
  let looked = 0;
  for (let batch = await nextBatch(cursor); batch.length > 0; batch = await nextBatch(cursor)) {
    await followMarks(deps, batch);
    looked += batch.length;
    if (signal?.aborted) break;
  }
  await cursor.close();
  return looked;
}

async function nextBatch(cursor: FindCursor<Marked>): Promise<Marked[]> {
  return reading(async () => {
    const batch: Marked[] = [];
    while (batch.length < sweepSize && (await cursor.hasNext()))
      batch.push(...cursor.readBufferedDocuments(sweepSize - batch.length));
    return batch;
  });
}

async function followMarks(deps: ProjectionDeps, marked: readonly Marked[]): Promise<void> {
  await refreshContacts(deps, [...new Set(marked.flatMap(({ contactId }) => contactId ?? []))]);
  const left = await reading(() =>
    deps.models.subscribers
      .find({ _id: mongoose.trusted({ $in: marked.map(({ _id }) => _id) }), isUnprojected: true }, { _id: 1 })
      .readConcern('majority')
      .lean<Pick<SubscriberHead, '_id'>[]>(),
  );
  if (left.length > 0)
    await clearStrays(
      deps,
      left.map(({ _id }) => _id),
    );
}
