/** Calls of the API with an `Idempotency-Key`: the claim of the process that runs one, then its answer, for repeats. */
import { Schema, type Model } from 'mongoose';
import { afterNow } from './server-clock.js';
import { upsertById } from './upsert.js';

export interface KeptCall {
  /** Hash of the API key, the path and the `Idempotency-Key`. */
  _id: string;
  requestHash: string;
  /** Names the call to its handler, which creates nothing twice under one name. Runs after a kill or a fault have the same one. Absent in calls of older releases. */
  callId?: string;
  /** Random name of the run that holds the claim. */
  owner: string;
  /** By the database's clock. The owner renews it; after a kill, a repeat runs the call again. */
  heldUntil: Date;
  /** The answer, encrypted, since it may hold addresses and links; null while the call runs. */
  sealed: string | null;
  expires: Date;
}

export const keptCallSchema = new Schema<KeptCall>(
  {
    ...{ _id: { type: String, required: true }, requestHash: String, callId: String, owner: String },
    ...{ heldUntil: Date, sealed: { type: String, default: null }, expires: Date },
  },
  { collection: 'kept_calls', versionKey: false },
);
keptCallSchema.index({ expires: 1 }, { expireAfterSeconds: 0 });

type Keeper = Pick<Model<KeptCall>, 'collection'>;
type Claim = Pick<KeptCall, '_id' | 'owner'>;

const heldMs = 60_000;
export const renewEveryMs = heldMs / 3;

/**
 * Claims a call, in one atomic write. A call is free if it is new, has expired, or its process was killed or failed.
 * @param wanted `callId` is that of a new call; a call that is run again keeps its own until it expires
 * @returns the document afterwards. The caller holds the claim if the owner is its own
 */
export async function claimCall(
  calls: Keeper,
  wanted: Claim & Required<Pick<KeptCall, 'requestHash' | 'callId' | 'expires'>>,
  now: Date,
): Promise<KeptCall> {
  const isAbandoned = [
    { $eq: ['$sealed', null] },
    { $eq: ['$requestHash', wanted.requestHash] },
    { $lte: ['$heldUntil', '$$NOW'] },
  ];
  // A missing time is before every time.
  const isFree = { $or: [{ $lte: ['$expires', now] }, { $and: isAbandoned }] };
  const callId = {
    $cond: [{ $gt: ['$expires', now] }, { $ifNull: ['$callId', wanted.callId] }, wanted.callId],
  };
  const claimed = { ...wanted, callId, heldUntil: afterNow(heldMs), sealed: null };
  return upsertById(calls, wanted._id, [{ $replaceWith: { $cond: [isFree, claimed, '$$ROOT'] } }]);
}

export async function renewClaim(calls: Keeper, { _id, owner }: Claim): Promise<void> {
  await calls.collection.updateOne({ _id: _id as never, owner }, [{ $set: { heldUntil: afterNow(heldMs) } }]);
}

/** Ends a claim with the answer for repeats. */
export async function keepAnswer(calls: Keeper, { _id, owner }: Claim, sealed: string): Promise<void> {
  await calls.collection.updateOne({ _id: _id as never, owner }, { $set: { sealed } });
}

/** Ends a claim without an answer, so that a repeat runs the call again, under the same name. */
export async function releaseClaim(calls: Keeper, { _id, owner }: Claim): Promise<void> {
  await calls.collection.updateOne({ _id: _id as never, owner }, { $set: { heldUntil: new Date(0) } });
}
