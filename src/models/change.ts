/** The change feed: one entry for each event of consent, change of a contact and stated reason, and marks of unpublished writes. */
import mongoose, { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { ConsentEvent } from '../vocabulary/terms.js';

/** The feed has this many buckets. Each has its own order, publisher and cursors. */
export const buckets = [0, 1, 2, 3] as const;
export type Bucket = (typeof buckets)[number];

/** The change of a contact. It holds no values: they are personal data, and the contact has them. */
export interface ContactEvent {
  /** The contact's `version` after this write. */
  seq: number;
  at: Date;
  op: 'CREATED' | 'CHANGED' | 'DELETED';
  /** Of a change of members: the static list that the contact was added to, or removed from. */
  addedTo?: string;
  removedFrom?: string;
  /** Names of the fields that it changed; of properties `property:<name in lower case>`. Absent in entries of older releases. */
  fields?: string[];
  /** The workflow that made it: `workflow:<id>`, with the step (`stepRef`) if the change is of one contact. */
  by?: string;
  /** Of a deletion: the units that it belonged to. Entries of older releases have none. */
  unitIds?: number[];
}

/** A stated reason for unsubscribing, of nobody in particular. */
export interface ReasonEvent {
  /** How many answers the question had with this one. */
  seq: number;
  /** When the first answer was given. */
  at: Date;
  unitId: number;
  reason: string;
  /** The answer that this one replaces. */
  was: string | null;
}

/** An entry without its position in the feed. */
export type NewChange = {
  /** `<subject>:<seq>`: unique, so that an event is published once. */
  key: string;
  /** The contact that has the address, or that was changed. */
  contactId: string | null;
} & (
  | { kind: 'CONSENT'; subscriberId: string; event: Omit<ConsentEvent, 'detail'> }
  | { kind: 'CONTACT'; event: ContactEvent }
  | { kind: 'REASON'; event: ReasonEvent }
);

/** `_id` is `<bucket>:<number, twelve digits>`; the numbers of a bucket have no gaps. */
export type Change = NewChange & { _id: string; publishedAt: Date };

/** An entry about a subscriber or a contact: what other systems get. */
export type SubjectChange = Exclude<Change, { kind: 'REASON' }>;

/** Set in the same write as anything to publish; cleared once that is in the feed. */
export interface Mark {
  bucket: Bucket;
  /** The time since which an entry has been pending. */
  since: Date;
}

const schema = new Schema<Change>(
  {
    _id: { type: String, required: true },
    key: { type: String, required: true },
    kind: { type: String, required: true },
    contactId: { type: String, default: null },
    subscriberId: String,
    event: { type: Schema.Types.Mixed, required: true },
    publishedAt: { type: Date, required: true },
  },
  { collection: 'changes', minimize: false, versionKey: false },
);
schema.index({ key: 1 }, { unique: true });

export type ChangeModel = Model<Change>;

export function changeModel(connection: Connection): ChangeModel {
  return connection.model<Change>('Change', schema);
}

/** The index of a collection with marks. It is sparse, so it holds only documents with something to publish. */
export const markIndex = [{ 'unpublished.bucket': 1, 'unpublished.since': 1 }, { sparse: true }] as const;

/** The bucket of a subscriber, a contact or a reason, from its random id. */
export function bucketOf(id: string): Bucket {
  return buckets[id.charCodeAt(0) % buckets.length] ?? 0;
}

export function changeId(bucket: Bucket, number: number): string {
  return `${bucket}:${String(number).padStart(12, '0')}`;
}

export function changeNumber(id: string): number {
  return Number(id.slice(id.indexOf(':') + 1));
}

/** Asked for first. After one contact's change there is one entry, and a database would look for each of five hundred. */
const fewEntries = 20;

/**
 * The entries of a bucket after a number, in order. They are asked for by their ids, since numbers have no gaps: some databases read all keys of
 * the collection for a range.
 */
export async function findChangesAfter(
  model: ChangeModel,
  { bucket, number, limit }: { bucket: Bucket; number: number; limit: number },
): Promise<Change[]> {
  const find = (ids: object, most: number) =>
    model
      .find({ _id: mongoose.trusted(ids) })
      .sort({ _id: 1 })
      .limit(most)
      .batchSize(most + 1)
      .read('primary')
      .readConcern('majority')
      .lean<Change[]>();
  const own = changeId(bucket, number);
  const findBy = (most: number) =>
    find({ $in: Array.from({ length: most + 1 }, (_, at) => changeId(bucket, number + at)) }, most + 1);
  const few = Math.min(fewEntries, limit);
  const first = await findBy(few);
  const found = first.length < few || few === limit ? first : await findBy(limit);
  // Without the entry of this number, later ones may be missing too: an older release deleted entries.
  const isNext = found[0] !== undefined && changeNumber(found[0]._id) <= number + 1;
  const next = isNext ? found : await find({ $gt: own, $lt: `${bucket};` }, limit);
  return untilGap(next).filter(({ _id }) => _id !== own);
}

/** A long read may pass the place of an entry just before it is inserted, and meet the one behind it. A cursor must not skip the first. */
function untilGap(entries: Change[]): Change[] {
  const [first] = entries;
  const from = first ? changeNumber(first._id) : 0;
  const gap = entries.findIndex(({ _id }, at) => changeNumber(_id) !== from + at);
  return gap === -1 ? entries : entries.slice(0, gap);
}

/**
 * The number of a bucket's newest entry; 0 before the first. Numbers have no gaps, so it is found by asking for single numbers: in doubled steps, then in halved ones.
 * @param from a number that is not greater, and not older than a cursor
 */
export async function lastChangeNumber(model: ChangeModel, bucket: Bucket, from: number): Promise<number> {
  const isTaken = (number: number) => model.exists({ _id: changeId(bucket, number) });
  let [last, step] = [from, 1];
  for (; await isTaken(last + step); step *= 2) last += step;
  for (; step > 1; step /= 2) if (await isTaken(last + step / 2)) last += step / 2;
  return last;
}
