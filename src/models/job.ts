/** Jobs: work that staff or the system queued, how far it got, and what staff may do with it. The worker's side is in `job-lease.ts`. */
import mongoose, { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { Scope } from '../vocabulary/scope.js';
import { isDuplicateKey } from './database-fault.js';

export const jobKinds = ['BULK_EDIT', 'SEND_LINKS', 'PUT_RIGHT', 'REFRESH_CONTACTS'] as const;
export type JobKind = (typeof jobKinds)[number];

/** `WAITING`: previewed, for staff to confirm. `DEAD`: given up, for staff to retry or cancel. */
export const jobStates = ['QUEUED', 'RUNNING', 'WAITING', 'DONE', 'DEAD', 'CANCELLED'] as const;
export type JobState = (typeof jobStates)[number];

/** A job freezes what it is about, tries it without writing where staff are to confirm it, and does it. */
export const jobPhases = ['SELECT', 'PREVIEW', 'RUN'] as const;
export type JobPhase = (typeof jobPhases)[number];

/** What became of the rows: `changed`, `unchanged` and `refused` add up to `done`. */
export interface JobCounts {
  /** Rows of which at least one wish was fulfilled, or waits for its confirmation. */
  changed: number;
  unchanged: number;
  /** Rows of which nothing was done, and at least one wish was refused. */
  refused: number;
  /** Rows with a refusal by its code; a row of which something was changed may be among them. */
  byCode: Record<string, number>;
}

export interface Job {
  /** Unique key chosen by the caller, so that a double press makes one. Holds no address. */
  _id: string;
  kind: JobKind;
  /** What is to be done, as the kind's schema has checked it; never an address. */
  input: unknown;
  state: JobState;
  phase: JobPhase;
  /** Rows of this phase, and how many of them are behind it. While rows are being selected the total is not known: null. */
  total: number | null;
  done: number;
  /** Chunks of this phase that are behind it, and how many the selection came to; null while it is under way. */
  cursor: number;
  chunks: number | null;
  /** Where in a stream of contacts it is, for what goes through one. */
  place: string | null;
  /** What became of the rows, of the preview and of the run. */
  preview: JobCounts | null;
  counts: JobCounts;
  /** Leases in a row that brought it no further. */
  attempts: number;
  /** Not before this time. */
  dueAt: Date;
  /** A worker has it until then, by the server's clock. */
  leasedUntil: Date;
  /** Raised by each lease and by staff; a worker whose number is older has lost the job and writes nothing more. */
  fence: number;
  /** Why the last attempt broke off: never an address. */
  lastError: string | null;
  /** User id of the person who queued it; null for the system. */
  requestedBy: string | null;
  /** What that user reached when it was queued: the job reaches no more. */
  scope: number[] | null;
  /** By the clock that events are stamped with: it is what an opt-out is compared with. */
  at: Date;
  startedAt: Date | null;
  confirmedAt: Date | null;
  endedAt: Date | null;
}

const schema = new Schema<Job>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    input: { type: Schema.Types.Mixed, default: {} },
    state: { type: String, required: true },
    phase: { type: String, required: true },
    total: { type: Number, default: null },
    done: { type: Number, required: true },
    cursor: { type: Number, required: true },
    chunks: { type: Number, default: null },
    place: { type: String, default: null },
    preview: { type: Schema.Types.Mixed, default: null },
    counts: { type: Schema.Types.Mixed, required: true },
    attempts: { type: Number, required: true },
    dueAt: { type: Date, required: true },
    leasedUntil: { type: Date, required: true },
    fence: { type: Number, required: true },
    lastError: { type: String, default: null },
    requestedBy: { type: String, default: null },
    scope: { type: Schema.Types.Mixed, default: null },
    at: { type: Date, required: true },
    startedAt: { type: Date, default: null },
    confirmedAt: { type: Date, default: null },
    endedAt: { type: Date, default: null },
  },
  { collection: 'jobs', minimize: false, versionKey: false },
);
schema.index({ state: 1, dueAt: 1 });
schema.index({ at: -1, _id: -1 });
// For those that ended long ago (see `jobs/forget-jobs.ts`).
schema.index({ endedAt: 1 });

export type JobModel = Model<Job>;

export function jobModel(connection: Connection): JobModel {
  return connection.model<Job>('Job', schema);
}

export function noCounts(): JobCounts {
  return { changed: 0, unchanged: 0, refused: 0, byCode: {} };
}

interface JobModels {
  jobs: JobModel;
}

/** A job somebody wants done. */
export interface WantedJob {
  /** Unique key: queueing it again changes nothing. Like every field here it holds no address. */
  id: string;
  kind: JobKind;
  input: unknown;
  /** Absent for the system's own. */
  requestedBy?: string;
  scope: Scope;
  /** Absent: at once. */
  notBefore?: Date;
}

/**
 * Queues a job, durably on a majority of the database's members; safe to repeat.
 * @returns whether it is new; false for a repeat, which is not an error
 */
export async function queueJob(
  deps: { models: JobModels; clock: () => Date },
  wanted: WantedJob,
): Promise<{ isNew: boolean }> {
  const now = deps.clock();
  const job: Job = {
    _id: wanted.id,
    kind: wanted.kind,
    input: wanted.input,
    state: 'QUEUED',
    phase: 'SELECT',
    total: null,
    done: 0,
    cursor: 0,
    chunks: null,
    place: null,
    preview: null,
    counts: noCounts(),
    attempts: 0,
    dueAt: wanted.notBefore ?? now,
    leasedUntil: now,
    fence: 0,
    lastError: null,
    requestedBy: wanted.requestedBy ?? null,
    scope: wanted.scope === null ? null : [...wanted.scope],
    at: now,
    startedAt: null,
    confirmedAt: null,
    endedAt: null,
  };
  try {
    await deps.models.jobs.insertOne(job, { w: 'majority', j: true });
    return { isNew: true };
  } catch (error) {
    if (isDuplicateKey(error)) return { isNew: false };
    throw error;
  }
}

/** A place in the list of jobs, newest first. */
export interface JobPlace {
  at: Date;
  id: string;
}

/**
 * Jobs that somebody may see, newest first: whose scope lies within theirs.
 * @param query `before` is the last one of the page before
 */
export async function findJobs(
  models: JobModels,
  query: { scope: Scope; state?: JobState; kind?: JobKind; before?: JobPlace; limit: number },
): Promise<Job[]> {
  const { before } = query;
  return models.jobs
    .find({
      ...visibleTo(query.scope),
      ...(query.state ? { state: query.state } : {}),
      ...(query.kind ? { kind: query.kind } : {}),
      ...(before
        ? {
            $or: [
              { at: mongoose.trusted({ $lt: before.at }) },
              { at: before.at, _id: mongoose.trusted({ $lt: before.id }) },
            ],
          }
        : {}),
    })
    .sort({ at: -1, _id: -1 })
    .limit(query.limit)
    .lean<Job[]>();
}

/** One job, or null where there is none within the scope. */
export async function findJob(models: JobModels, id: string, scope: Scope): Promise<Job | null> {
  return models.jobs.findOne({ _id: id, ...visibleTo(scope) }).lean<Job>();
}

/**
 * Lets a previewed job run. Of one that was confirmed already nothing changes.
 * @returns the job as it is now, or null where there is none within the scope
 */
export async function confirmJob(
  deps: { models: JobModels; clock: () => Date },
  id: string,
  scope: Scope,
): Promise<Job | null> {
  await deps.models.jobs.updateOne(
    { _id: id, state: 'WAITING', ...visibleTo(scope) },
    [
      {
        $set: {
          state: 'QUEUED',
          phase: 'RUN',
          cursor: 0,
          done: 0,
          attempts: 0,
          confirmedAt: deps.clock(),
          dueAt: '$$NOW',
          leasedUntil: '$$NOW',
        },
      },
    ],
    { updatePipeline: true },
  );
  return findJob(deps.models, id, scope);
}

/**
 * Stops a job for good, wherever it is; what it has done stays done. The worker that has it loses it, and notices before its next chunk.
 * @returns the job as it is now, or null where there is none within the scope
 */
export async function cancelJob(models: JobModels, id: string, scope: Scope): Promise<Job | null> {
  await models.jobs.updateOne(
    {
      _id: id,
      state: mongoose.trusted({ $in: ['QUEUED', 'RUNNING', 'WAITING', 'DEAD'] }),
      ...visibleTo(scope),
    },
    [{ $set: { state: 'CANCELLED', endedAt: '$$NOW', fence: { $add: ['$fence', 1] } } }],
    { updatePipeline: true },
  );
  return findJob(models, id, scope);
}

/**
 * Takes a dead job up again where it broke off.
 * @returns the job as it is now, or null where there is none within the scope
 */
export async function retryJob(models: JobModels, id: string, scope: Scope): Promise<Job | null> {
  await models.jobs.updateOne(
    { _id: id, state: 'DEAD', ...visibleTo(scope) },
    [{ $set: { state: 'QUEUED', attempts: 0, dueAt: '$$NOW', leasedUntil: '$$NOW', endedAt: null } }],
    { updatePipeline: true },
  );
  return findJob(models, id, scope);
}

/** What of a filter keeps jobs out that reach further than the one who asks. */
function visibleTo(scope: Scope): object {
  if (scope === null) return {};
  const isWithin = { $and: [{ $isArray: '$scope' }, { $setIsSubset: [{ $ifNull: ['$scope', []] }, scope] }] };
  return { $expr: mongoose.trusted(isWithin) };
}
