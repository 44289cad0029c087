/** The position of each follower of the change feed, by bucket. */
import { Schema, type Model } from 'mongoose';
import type { Bucket } from './change.js';

export interface FeedCursor {
  /** `<follower>:<bucket>`. */
  _id: string;
  /** Number of the last entry that the follower has processed. */
  number: number;
}

export const feedCursorSchema = new Schema<FeedCursor>(
  { _id: String, number: Number },
  { collection: 'feed_cursors', versionKey: false },
);

export type FeedCursorModel = Model<FeedCursor>;

export function feedCursorId(follower: string, bucket: Bucket): string {
  return `${follower}:${bucket}`;
}

/** @returns 0 for a follower that has not begun */
export async function readCursor(model: FeedCursorModel, follower: string, bucket: Bucket): Promise<number> {
  const found = await model.findById(feedCursorId(follower, bucket)).lean();
  return found?.number ?? 0;
}

/** @returns for each bucket its cursors, by follower; without those that have not begun */
export async function readCursors(model: FeedCursorModel): Promise<(bucket: Bucket) => Map<string, number>> {
  const all = await model.find({}).lean<FeedCursor[]>();
  return (bucket) => {
    const end = `:${bucket}`;
    const own = all.filter(({ _id }) => _id.endsWith(end));
    return new Map(own.map(({ _id, number }) => [_id.slice(0, -end.length), number]));
  };
}

/** The number of a bucket that a follower has got furthest to. Older entries may be missing: an older release deleted them. */
export async function furthestCursor(model: FeedCursorModel, bucket: Bucket): Promise<number> {
  return Math.max(0, ...(await readCursors(model))(bucket).values());
}

/** A cursor only moves forwards, even if two processes move it at once. */
export async function moveCursor(
  model: FeedCursorModel,
  follower: string,
  bucket: Bucket,
  number: number,
): Promise<void> {
  await model.updateOne({ _id: feedCursorId(follower, bucket) }, { $max: { number } }, { upsert: true });
}
