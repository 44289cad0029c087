/** Contacts: a person's record. Its preferences belong to its addresses; the index's filter and sort fields are stored here. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { ActorKind, Channel, LegalBasis } from '../vocabulary/terms.js';
import { bucketOf, buckets, markIndex, type ContactEvent, type Mark } from './change.js';
import { rawCollectionOf } from './raw-collection.js';
import { oneOrIn, sharedRead } from './shared-read.js';

export interface Contact {
  /** Random, so that it spreads over shards and reveals nothing. */
  _id: string;
  /** Its id in HubSpot's API, which integrations read as a number. Absent until that API first shows the contact (decision 0740). */
  number?: number;
  firstName: string;
  lastName: string;
  /** Normalised. */
  email: string | null;
  /** E.164; for both text messages and WhatsApp. */
  phone: string | null;
  locale: string | null;
  properties: Record<string, string>;
  /** Legal basis for processing the contact's data. The basis for communication is stored with each event. */
  processingBasis: LegalBasis | null;
  /** The brands that it belongs to, at least one. */
  unitIds: number[];
  /** Subscriber ids of its addresses. The valid claim is `contactId` on the subscriber's document. */
  subscribers: Record<Channel, string | null>;
  /** The static lists that it is on, at most `mostListsOfContact`. Absent: none. */
  listIds?: string[];
  /** Marketing contact status. Absent, as on contacts from before there was one: it is a marketing contact. */
  isMarketing?: boolean;
  /** When somebody asked for non-marketing: it is a marketing contact until the next update. Null and absent: nobody did. */
  leavesMarketingSince?: Date | null;
  /** Its creator, as for events: kind, and which user, import or key. */
  source: ActorKind;
  createdBy: string;
  /** All facets that the index can filter by (see `facetsOf`). */
  facets: string[];
  /**
   * When and by whom each status was set, for filters that ask it (see `standingsOf`). Keys: a channel for its opt-out of the account, channel and unit
   * for one of a unit, `type:<id>` for a type. Absent on contacts that no release refreshed since.
   */
  standings?: Record<string, { at: Date; by: ActorKind }>;
  /** For each subscriber whose statuses the facets include: the number of its last event by then. */
  facetSeqs?: Record<string, number>;
  /** Words for prefix search (see `wordsOf`). */
  words: string[];
  /** Sort keys. Each ends with the `_id`, so it is unique, and a page begins where another ended. */
  nameKey: string;
  emailKey: string;
  addedKey: string;
  /** Raised by each edit. A form that was opened at another version is stale. */
  version: number;
  /** Raised by each write, including that of the facets. Every write is conditional on it. */
  projection: number;
  createdAt: Date;
  updatedAt: Date;
  /** Only on a contact that is being created. No reader sees it, and it expires if the creation is not completed. */
  blankUntil?: Date;
  /** Staff are erasing the person. The record stays until every address is erased, so an interrupted erasure can be repeated. */
  isBeingErased?: true;
  /** Changes that are not in the change feed yet, oldest first. */
  unpublished?: Mark & { events: ContactEvent[] };
  /** Deleted: only the changes to publish are left. No reader finds it, and the publisher removes it. */
  isDeleted?: true;
}

const text = { type: String, required: true } as const;
export const contactSchema = new Schema<Contact>(
  {
    _id: text,
    number: Number,
    firstName: { type: String, default: '' },
    lastName: { type: String, default: '' },
    email: { type: String, default: null },
    phone: { type: String, default: null },
    locale: { type: String, default: null },
    properties: { type: Schema.Types.Mixed, default: {} },
    processingBasis: { type: String, default: null },
    unitIds: { type: [Number], required: true },
    subscribers: { type: Schema.Types.Mixed, required: true },
    listIds: { type: [String], default: undefined },
    isMarketing: Boolean,
    leavesMarketingSince: Date,
    source: text,
    createdBy: text,
    facets: { type: [String], required: true },
    standings: Schema.Types.Mixed,
    facetSeqs: Schema.Types.Mixed,
    words: { type: [String], required: true },
    nameKey: text,
    emailKey: text,
    addedKey: text,
    version: { type: Number, required: true },
    projection: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    blankUntil: Date,
    isBeingErased: Boolean,
    unpublished: Schema.Types.Mixed,
    isDeleted: Boolean,
  },
  { collection: 'contacts', minimize: false, versionKey: false },
);
// One array and one key: any single filter with any sort is one range of one index, at any size and from any page.
contactSchema.index({ facets: 1, nameKey: 1 });
contactSchema.index({ facets: 1, emailKey: 1 });
contactSchema.index({ facets: 1, addedKey: 1 });
contactSchema.index({ words: 1 });
contactSchema.index({ number: 1 }, { unique: true, sparse: true });
contactSchema.index(...markIndex);
contactSchema.index({ blankUntil: 1 }, { expireAfterSeconds: 0 });

export type ContactModel = Model<Contact>;

/** Reads one contact from a majority of the members, including one that is being created. */
export async function findContactById(model: ContactModel, id: string): Promise<Contact | null> {
  const found = await model.findById(id).lean<Contact>();
  return found?.isDeleted ? null : found;
}

/**
 * The same for several, in one answer, in no order, without missing ones.
 * @param fields what is read of each, beside its id; all if absent
 */
export async function findContactsById<Field extends keyof Contact = keyof Contact>(
  model: ContactModel,
  ids: readonly string[],
  fields?: readonly Field[],
): Promise<Pick<Contact, Field | '_id' | 'isDeleted'>[]> {
  const found = await model
    .find({ _id: mongoose.trusted({ $in: [...ids] }) }, fields && [...fields, 'isDeleted'])
    .batchSize(ids.length + 1)
    .lean<Pick<Contact, Field | '_id' | 'isDeleted'>[]>();
  return found.filter(({ isDeleted }) => !isDeleted);
}

/** What of a contact decides whether its addresses get marketing mail. */
export type Owner = Pick<Contact, '_id' | 'isMarketing' | 'unitIds'>;

/** Reads that of one contact, by its id. A contact that is being created, or was deleted, has no business units. */
export const findOwner = sharedRead(readOwners);

/** The read of `findOwner` for several at once. */
export function readOwners(model: ContactModel, ids: string[]): Promise<Owner[]> {
  return rawCollectionOf(model)
    .find<Owner>({ _id: oneOrIn(ids) }, { projection: { isMarketing: 1, unitIds: 1 } })
    .batchSize(ids.length + 1)
    .toArray();
}

/** Of contacts with events up to these numbers, by subscriber: those whose facets do not include them all. The rest need no refresh. */
export async function findBehind(
  model: ContactModel,
  seqsOf: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Promise<string[]> {
  const found = await model
    .find({ _id: mongoose.trusted({ $in: [...seqsOf.keys()] }) }, { facetSeqs: 1 })
    .batchSize(seqsOf.size + 1)
    .lean<Pick<Contact, '_id' | 'facetSeqs'>[]>();
  return found
    .filter(({ _id, facetSeqs = {} }) =>
      [...(seqsOf.get(_id) ?? [])].some(([subscriberId, seq]) => (facetSeqs[subscriberId] ?? 0) < seq),
    )
    .map(({ _id }) => _id);
}

/** Sets a legal basis for processing on those of these contacts that have none. Repeating it changes nothing. */
export async function giveProcessingBasis(
  model: ContactModel,
  ids: readonly string[],
  basis: LegalBasis,
  now: Date,
): Promise<void> {
  await changeContacts(
    model,
    ids,
    { where: { processingBasis: null }, set: { processingBasis: basis } },
    now,
  );
}

/** The same change of several contacts. */
export interface ContactChange {
  /** The condition on contacts that the change applies to. A contact that was changed must no longer meet it. */
  where: object;
  /** Fields with their values, or with aggregation expressions that compute them. */
  set: Readonly<Record<string, unknown>>;
  /** Recorded with the entries of the change feed. */
  event?: Pick<ContactEvent, 'addedTo' | 'removedFrom' | 'by'>;
}

/** Changes those of these contacts that meet the condition, in one command, and marks them for the change feed. */
export async function changeContacts(
  model: ContactModel,
  ids: readonly string[],
  { where, set, event = {} }: ContactChange,
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  const op = 'CHANGED';
  const fields = Object.keys(set).filter((field) => field !== 'facets');
  await model.collection.bulkWrite(
    buckets.flatMap((bucket) => {
      const own = ids.filter((id) => bucketOf(id) === bucket);
      if (own.length === 0) return [];
      const version = { $add: ['$version', 1] };
      const all = {
        ...{ ...set, updatedAt: now, version, projection: { $add: ['$projection', 1] } },
        unpublished: {
          bucket,
          since: { $ifNull: ['$unpublished.since', now] },
          events: {
            $concatArrays: [
              { $ifNull: ['$unpublished.events', []] },
              [{ seq: version, at: now, op, fields, ...event }],
            ],
          },
        },
      };
      const filter = { ...where, _id: { $in: own as never[] }, isDeleted: null };
      return [{ updateMany: { filter, update: [{ $set: all }] } }];
    }),
    { ordered: false },
  );
}

/** The mark of a contact that is written with this event; pending events stay before it. */
export function markWith({ _id, unpublished }: Pick<Contact, '_id' | 'unpublished'>, event: ContactEvent) {
  const since = unpublished?.since ?? event.at;
  return { bucket: bucketOf(_id), since, events: [...(unpublished?.events ?? []), event] };
}

/** Replaces a deleted contact: its mark, and nothing about the person. */
export function tombstoneOf(contact: Contact, now: Date): Contact {
  const { _id, createdAt, source } = contact;
  const version = contact.version + 1;
  return {
    ...{ _id, version, projection: contact.projection + 1, createdAt, updatedAt: now, source, createdBy: '' },
    ...{ firstName: '', lastName: '', email: null, phone: null, locale: null, properties: {} },
    ...{ processingBasis: null, unitIds: [], facets: [], words: [], nameKey: '', emailKey: '', addedKey: '' },
    subscribers: { EMAIL: null, SMS: null, WHATSAPP: null },
    isDeleted: true,
    unpublished: markWith(contact, { seq: version, at: now, op: 'DELETED', unitIds: contact.unitIds }),
  };
}
