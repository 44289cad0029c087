/** Enrolments: one contact on its way through a workflow, and the leases under which workers take it further. */
import { randomUUID } from 'node:crypto';
import mongoose, { Schema, type Model } from 'mongoose';
import { afterNow } from './server-clock.js';
import { updateIf } from './update-if.js';

/** `LEFT`: it ended before the end of the path; `reason` says why. */
export type EnrolmentState = 'ACTIVE' | 'DONE' | 'LEFT';

/** Why a contact left early, or was not enrolled after all. */
export const leaveReasons = [
  'SUPPRESSED',
  'GOAL',
  'TRIGGER_UNMET',
  'BY_HAND',
  'OFF',
  'NO_CONTACT',
  'OTHER_UNIT',
  'LOOP',
] as const;
export type LeaveReason = (typeof leaveReasons)[number];

/** One step that is over. */
export interface PassedStep {
  step: string;
  at: Date;
  /** `YES` and `NO` are the ways that a branch leads. */
  outcome: 'DONE' | 'SKIPPED' | 'YES' | 'NO';
  /** A code: why it was skipped, or what "done" means. */
  reason?: string;
}

export interface Enrolment {
  /** `<workflow>:<contact>:<occasion>`: the same occasion enrols once, however often it is reported. */
  _id: string;
  workflowId: string;
  contactId: string;
  /** The version whose steps it takes. */
  version: number;
  state: EnrolmentState;
  /** The step that comes next; null at the end. */
  step: string | null;
  /** The step is a wait, which is over at `dueAt`. */
  isWaiting: boolean;
  /** By the process's clock, which waits are counted by. */
  dueAt: Date;
  /** By the database's clock. No other worker takes it before. */
  leasedUntil: Date;
  leasedBy: string | null;
  /** Raised by each lease. A worker with an older number writes nothing more. */
  fence: number;
  /** Leases since the last step that ended. More than one: the step may have taken effect already. */
  attempts: number;
  /** Why the last attempt failed: a code or a short sentence, never an address. */
  lastError: string | null;
  /** How many enrolments in a row were caused by workflows. */
  depth: number;
  cause: 'TRIGGER' | 'EVENT' | 'NOW' | 'BY_HAND';
  /** What enrolled it, also where the id does not name it: a repeat is told from another occasion. Absent in enrolments of older releases. */
  occasion?: string;
  path: PassedStep[];
  /** For counts and lists: `<step>:<outcome>:<reason>` of each step that is over, and `at:<step>`, `failing:<step>`, `DONE` or `LEFT:<reason>`. */
  marks: string[];
  at: Date;
  endedAt: Date | null;
  reason: LeaveReason | null;
}

const text = { type: String, required: true } as const;
export const enrolmentSchema = new Schema<Enrolment>(
  {
    ...{ _id: text, workflowId: text, contactId: text },
    version: { type: Number, required: true },
    state: text,
    step: { type: String, default: null },
    isWaiting: { type: Boolean, default: false },
    dueAt: { type: Date, required: true },
    leasedUntil: { type: Date, required: true },
    leasedBy: { type: String, default: null },
    fence: { type: Number, required: true },
    attempts: { type: Number, required: true },
    lastError: { type: String, default: null },
    depth: { type: Number, required: true },
    cause: text,
    occasion: String,
    path: { type: [Schema.Types.Mixed], default: [] } as never,
    marks: { type: [String], required: true },
    at: { type: Date, required: true },
    endedAt: { type: Date, default: null },
    reason: { type: String, default: null },
  },
  { collection: 'enrolments', minimize: false, versionKey: false },
);
// A waiting enrolment costs nothing until it is due.
enrolmentSchema.index({ workflowId: 1, state: 1, dueAt: 1 });
enrolmentSchema.index({ contactId: 1, workflowId: 1 });
enrolmentSchema.index({ workflowId: 1, marks: 1 });
enrolmentSchema.index({ workflowId: 1, at: -1, _id: -1 });

export type EnrolmentModel = Model<Enrolment>;

/** The marks of an enrolment, from its other fields. */
export function marksOf({
  path,
  state,
  step,
  reason,
  lastError,
}: Pick<Enrolment, 'path' | 'state' | 'step' | 'reason' | 'lastError'>): string[] {
  const passed = path.map(({ step: of, outcome, reason: why }) => `${of}:${outcome}${why ? `:${why}` : ''}`);
  if (state === 'DONE') return [...passed, 'DONE'];
  if (state === 'LEFT') return [...passed, `LEFT:${reason ?? ''}`];
  return [...passed, `at:${step ?? ''}`, ...(lastError === null ? [] : [`failing:${step ?? ''}`])];
}

/**
 * Ids of enrolments of one workflow that are due, the earliest first. By the fields of an index alone: some databases read all enrolments for another
 * condition.
 * @param wish `now` by the process's clock, `serverNow` by the database's; `limit` includes those that are leased
 */
export async function findDueEnrolments(
  model: EnrolmentModel,
  { workflowId, now, serverNow, limit }: { workflowId: string; now: Date; serverNow: Date; limit: number },
): Promise<string[]> {
  const found = await model
    .find({ workflowId, state: 'ACTIVE', dueAt: mongoose.trusted({ $lte: now }) }, { leasedUntil: 1 })
    .sort({ dueAt: 1 })
    .limit(limit)
    .batchSize(limit + 1)
    .read('primary')
    .lean<Pick<Enrolment, '_id' | 'leasedUntil'>[]>();
  return found.flatMap(({ _id, leasedUntil }) => (leasedUntil <= serverNow ? [_id] : []));
}

/**
 * Leases those of these enrolments that are still due. Two workers never get the same one.
 * @param wish as of `findDueEnrolments`; `leaseMs` from now on
 */
export async function leaseEnrolments(
  model: EnrolmentModel,
  ids: readonly string[],
  wish: { now: Date; serverNow: Date; leaseMs: number },
): Promise<Enrolment[]> {
  if (ids.length === 0) return [];
  const leasedBy = randomUUID();
  const isDue = {
    $and: [
      { $eq: ['$state', 'ACTIVE'] },
      { $lte: ['$dueAt', wish.now] },
      { $lte: ['$leasedUntil', wish.serverNow] },
    ],
  };
  const lease = {
    ...{ leasedUntil: afterNow(wish.leaseMs), leasedBy },
    ...{ fence: { $add: ['$fence', 1] }, attempts: { $add: ['$attempts', 1] } },
  };
  const { filter, update } = updateIf(ids, isDue, lease);
  await model.collection.updateMany(filter, update);
  return (await findByIds(model, ids)).filter((one) => one.leasedBy === leasedBy);
}

function findByIds(model: EnrolmentModel, ids: readonly string[]): Promise<Enrolment[]> {
  return model
    .find({ _id: mongoose.trusted({ $in: [...ids] }) })
    .batchSize(ids.length + 1)
    .read('primary')
    .lean<Enrolment[]>();
}

/**
 * Writes enrolments that this worker holds. Those that change in the same way are one statement, since most of a lease are at the same step.
 * @param held how they were when they were leased or last written
 * @returns those that were written; the others were taken over or ended meanwhile
 */
export async function writeEnrolments(
  model: EnrolmentModel,
  held: readonly Enrolment[],
  changed: readonly Enrolment[],
): Promise<Enrolment[]> {
  if (changed.length === 0) return [];
  const lengths = new Map(held.map(({ _id, path }) => [_id, path.length]));
  const groups = new Map<string, { ids: string[]; fence: number; fields: object; passed: PassedStep[] }>();
  for (const one of changed) {
    const { _id, fence, state, step, isWaiting, dueAt, leasedUntil, attempts, lastError, path } = one;
    const fields = {
      ...{ state, step, isWaiting, dueAt, leasedUntil, attempts, lastError, marks: marksOf(one) },
      ...{ version: one.version, endedAt: one.endedAt, reason: one.reason },
    };
    const passed = path.slice(lengths.get(_id));
    const key = JSON.stringify([fence, fields, passed]);
    const group = groups.get(key);
    if (group) group.ids.push(_id);
    else groups.set(key, { ids: [_id], fence, fields, passed });
  }
  const writes = [...groups.values()].map(({ ids, fence, fields, passed }) => {
    const isHeld = { $and: [{ $eq: ['$fence', fence] }, { $eq: ['$state', 'ACTIVE'] }] };
    const path = { $concatArrays: ['$path', { $literal: passed }] };
    return { updateMany: updateIf(ids, isHeld, { $mergeObjects: [{ $literal: fields }, { path }] }) };
  });
  // Each write gives the lease back or goes on, so it modifies what it finds.
  const { modifiedCount } = await model.collection.bulkWrite(writes, { ordered: false });
  if (modifiedCount === changed.length) return [...changed];
  const now = new Map(
    (
      await findByIds(
        model,
        changed.map(({ _id }) => _id),
      )
    ).map((one) => [one._id, one]),
  );
  return changed.filter((one) => {
    const stored = now.get(one._id);
    return (
      stored?.fence === one.fence && stored.path.length === one.path.length && stored.state === one.state
    );
  });
}

/**
 * Ends enrolments that are under way, whether or not a worker holds them.
 * @returns how many there were
 */
export async function endEnrolments(
  model: EnrolmentModel,
  which: object,
  { reason, at }: { reason: LeaveReason; at: Date },
): Promise<number> {
  const found = await model
    .find({ ...which, state: 'ACTIVE' })
    .limit(500)
    .lean<Enrolment[]>();
  if (found.length === 0) return 0;
  const writes = found.map((one) => {
    const marks = marksOf({ ...one, state: 'LEFT', reason });
    // A step that ends meanwhile adds its mark, which this write would lose.
    const isSame = {
      $and: [{ $eq: ['$state', 'ACTIVE'] }, { $eq: [{ $size: '$path' }, one.path.length] }],
    };
    const left = { state: 'LEFT', reason, endedAt: at, marks: { $literal: marks } };
    return { updateOne: updateIf([one._id], isSame, { ...left, fence: { $add: ['$fence', 1] } }) };
  });
  await model.collection.bulkWrite(writes, { ordered: false });
  return found.length;
}
