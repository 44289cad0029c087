/** Collections with entries to publish: events of consent from subscribers, changes from contacts, reasons for unsubscribing. */
import type { Collection, Document } from 'mongodb';
import { findEvents } from '../domain/consent/find-events.js';
import type { Bucket, Mark, NewChange } from '../models/change.js';
import type { Contact } from '../models/contact.js';
import type { Subscriber } from '../models/subscriber.js';
import type { UnsubscribeReason } from '../models/unsubscribe-reason.js';
import type { ConsentEvent } from '../vocabulary/terms.js';
import type { FeedDeps } from './contract.js';

export interface Outbox {
  /** In the order of each subject. */
  entries: NewChange[];
  /** The number of documents that have entries. */
  count: number;
  /** Clears the marks on the versions that were read. Call it once the entries are in the feed. */
  clear: () => Promise<void>;
}

const batchSize = 500;

/** One more than the limit, so that the server does not need to keep a cursor. */
const oneAnswer = { limit: batchSize, batchSize: batchSize + 1 };

/** Milliseconds. After a full batch, the next ones look only at marks that are at most so much newer than its last. */
const windowMs = 10_000;

const majority = { readPreference: 'primary', readConcern: { level: 'majority' } } as const;

type Marked = Pick<Subscriber, '_id' | 'version' | 'seq' | 'contactId' | 'events' | 'unpublished'>;

type MarkedContact = Pick<Contact, '_id' | 'version' | 'unpublished' | 'isDeleted'>;

type MarkedReason = Pick<UnsubscribeReason, '_id' | 'unpublished'> & { version: number };

/**
 * Reads marked documents of a bucket batch by batch, in the order of the index: oldest first. Asked to sort, some databases would read all marked
 * documents first. They also read all keys of a filter before the first document, so a backlog is read in windows of time.
 */
function markedReader<T extends { unpublished?: Mark }>(
  collection: Pick<Collection, 'find'>,
  { bucket, fields }: { bucket: Bucket; fields: readonly (keyof T)[] },
): () => Promise<T[]> {
  const projection = Object.fromEntries(fields.map((field) => [field, 1]));
  const find = (since: object) =>
    collection
      .find<T>({ 'unpublished.bucket': bucket, ...since }, { ...majority, projection, ...oneAnswer })
      .toArray();
  let until: Date | undefined;
  return async () => {
    let found = until ? await find({ 'unpublished.since': { $lte: until } }) : [];
    if (found.length < batchSize) {
      found = await find({});
      const newest = found.at(-1)?.unpublished?.since;
      until = newest && found.length === batchSize ? new Date(newest.getTime() + windowMs) : undefined;
    }
    return found;
  };
}

/** The events from the mark's number on. Older ones that left the document are read from the archive. */
function subscribersOutbox({ models, log }: FeedDeps, bucket: Bucket): () => Promise<Outbox> {
  const { collection } = models.subscribers;
  const fields = ['version', 'seq', 'contactId', 'events', 'unpublished'] as const;
  const read = markedReader<Marked>(collection, { bucket, fields });
  return async () => {
    const found = await read();
    const wanted = found.map((subscriber) => ({ subscriber, seqs: waitingSeqs(subscriber) }));
    const eventOf = await findEvents(models, wanted);
    const entries: NewChange[] = [];
    for (const { subscriber, seqs } of wanted) {
      for (const seq of seqs) {
        const event = eventOf(subscriber._id, seq);
        if (event) entries.push(entryOf(subscriber, event));
        // Waiting for it would block all later events. `sayso history` reports the gap.
        else log.error({ subscriberId: subscriber._id, seq }, 'an event is missing and cannot be published');
      }
    }
    return {
      entries,
      count: found.length,
      clear: () => clearMarks(collection, unmarking(found)),
    };
  };
}

function waitingSeqs({ seq, unpublished }: Marked): number[] {
  const from = unpublished?.from ?? seq + 1;
  return Array.from({ length: Math.max(0, seq - from + 1) }, (_, at) => from + at);
}

/** Without the free text, so that an erasure does not have to change the feed. */
function entryOf({ _id, contactId }: Marked, { detail: _, ...event }: ConsentEvent): NewChange {
  return { key: `subscriber:${_id}:${event.seq}`, kind: 'CONSENT', subscriberId: _id, contactId, event };
}

/** The events in the mark itself. A deleted contact has nothing else left, so its document is then removed. */
function contactsOutbox({ models }: FeedDeps, bucket: Bucket): () => Promise<Outbox> {
  const { collection } = models.contacts;
  const fields = ['version', 'unpublished', 'isDeleted'] as const;
  const read = markedReader<MarkedContact>(collection, { bucket, fields });
  return async () => {
    const found = await read();
    const entries = found.flatMap(({ _id, unpublished }) =>
      (unpublished?.events ?? []).map((event): NewChange => ({
        key: `contact:${_id}:${event.seq}`,
        kind: 'CONTACT',
        contactId: _id,
        event,
      })),
    );
    const removals = found
      .filter(({ isDeleted }) => isDeleted)
      .map(({ _id, version }) => ({ deleteOne: { filter: { _id, version } } }));
    const kept = found.filter(({ isDeleted }) => !isDeleted);
    return {
      entries,
      count: found.length,
      clear: () => clearMarks(collection, [...unmarking(kept), ...removals]),
    };
  };
}

/** The answers in the mark itself. */
function reasonsOutbox({ models }: FeedDeps, bucket: Bucket): () => Promise<Outbox> {
  const { collection } = models.unsubscribeReasons;
  const fields = ['version', 'unpublished'] as const;
  const read = markedReader<MarkedReason>(collection, { bucket, fields });
  return async () => {
    const found = await read();
    const entries = found.flatMap(({ _id, unpublished }) =>
      (unpublished?.events ?? []).map((event): NewChange => ({
        ...{ key: `reason:${_id}:${event.seq}`, kind: 'REASON', contactId: null, event },
      })),
    );
    return { entries, count: found.length, clear: () => clearMarks(collection, unmarking(found)) };
  };
}

async function clearMarks(collection: Pick<Collection, 'bulkWrite'>, writes: Document[]): Promise<void> {
  if (writes.length > 0) await collection.bulkWrite(writes as never[], { ordered: false });
}

/** Documents in one statement. A database that runs one statement at a time lets a contact's opt-out wait for no more than this. */
const unmarkedTogether = 100;

/**
 * A document that was written in the meantime keeps its mark, and is read again. Documents of the same version share statements: most of a batch
 * have few versions. The version is compared in the update, so that every database finds the documents by their ids.
 */
function unmarking(found: readonly { _id: string; version: number }[]): Document[] {
  const idsOf = new Map<number, string[]>();
  for (const { _id, version } of found) idsOf.set(version, [...(idsOf.get(version) ?? []), _id]);
  const writes: Document[] = [];
  for (const [version, ids] of idsOf) {
    const unpublished = { $cond: [{ $eq: ['$version', version] }, '$$REMOVE', '$unpublished'] };
    for (let first = 0; first < ids.length; first += unmarkedTogether) {
      const filter = { _id: { $in: ids.slice(first, first + unmarkedTogether) } };
      writes.push({ updateMany: { filter, update: [{ $set: { unpublished } }] } });
    }
  }
  return writes;
}

/** One function for each kind of document. Each call reads the next batch. */
export function openOutboxes(deps: FeedDeps, bucket: Bucket): readonly (() => Promise<Outbox>)[] {
  return [subscribersOutbox(deps, bucket), contactsOutbox(deps, bucket), reasonsOutbox(deps, bucket)];
}
