/** Jobs: work that staff or the system queued, its progress, and what staff may do with it. The worker's side is in `job-lease.ts`. */
import mongoose, { Schema, type Model } from 'mongoose';
import type { TimeAndId } from '../cursor.js';
import type { Scope } from '../vocabulary/scope.js';
import type { ContactCounts } from './contact-import.js';
import { olderThan } from './older-than.js';
import { enqueue, newlyQueued, queuedFields, takeAway, type Queued } from './queue.js';

/** A worker has a place for each, so that a long job never delays a short one. */
export const lanes = ['SHORT', 'LONG'] as const;
export type Lane = (typeof lanes)[number];

/** `WAITING`: previewed, for staff to confirm. `DEAD`: no more attempts, for staff to retry or cancel. */
export const jobStates = ['QUEUED', 'RUNNING', 'WAITING', 'DONE', 'DEAD', 'CANCELLED'] as const;
export type JobState = (typeof jobStates)[number];

/** A job freezes its selection, previews it if staff must confirm it, and runs. */
export const jobPhases = ['SELECT', 'PREVIEW', 'RUN'] as const;
export type JobPhase = (typeof jobPhases)[number];

/** The outcomes of the rows: `changed`, `unchanged` and `refused` add up to `done`. */
export interface JobCounts {
  /** Rows with at least one wish that was fulfilled, or waits for its confirmation. */
  changed: number;
  unchanged: number;
  /** Rows with at least one refused wish and no change. */
  refused: number;
  /** Rows with a refusal, by its code; a row that was partly changed may be among them. */
  byCode: Record<string, number>;
  /** For a mirrored list: addresses that left it. They are no rows. */
  removed?: number;
  /** For a source: unchanged rows whose contact has opted in since the list first had them. */
  optedIn?: number;
  /** For an import of contacts: the result so far. */
  imported?: ContactCounts;
  /** In a preview, rows by what a wish overrides: `<position of the wish>:<status, or actor of the opt-out>`. */
  byOverride?: Record<string, number>;
}

export interface Job extends Queued {
  /** The name of a kind in `jobs/registry.ts`. */
  kind: string;
  /** The request, checked by the kind's schema; never an address. */
  input: unknown;
  /** Absent on jobs that an older release queued: those are long. */
  lane?: Lane;
  state: JobState;
  phase: JobPhase;
  /** Rows of this phase, and how many of them are processed. During the selection the total is unknown: null. */
  total: number | null;
  done: number;
  /** Processed chunks of this phase, and the chunks of the selection; null during the selection. */
  cursor: number;
  chunks: number | null;
  /** Position in a stream of contacts, for jobs that read one. */
  place: string | null;
  /** The outcomes of the rows, of the preview and of the run. */
  preview: JobCounts | null;
  counts: JobCounts;
  /** Id of the user, or `key:<id>`, that queued it; null for the system. */
  requestedBy: string | null;
  /** That user's scope when it was queued: the job reaches no more. */
  scope: number[] | null;
  startedAt: Date | null;
  confirmedAt: Date | null;
}

export const jobSchema = new Schema<Job>(
  {
    ...queuedFields,
    kind: { type: String, required: true },
    input: { type: Schema.Types.Mixed, default: {} },
    lane: String,
    phase: { type: String, required: true },
    total: { type: Number, default: null },
    done: { type: Number, required: true },
    cursor: { type: Number, required: true },
    chunks: { type: Number, default: null },
    place: { type: String, default: null },
    preview: { type: Schema.Types.Mixed, default: null },
    counts: { type: Schema.Types.Mixed, required: true },
    requestedBy: { type: String, default: null },
    scope: { type: Schema.Types.Mixed, default: null },
    startedAt: { type: Date, default: null },
    confirmedAt: { type: Date, default: null },
  },
  { collection: 'jobs', minimize: false, versionKey: false },
);
jobSchema.index({ state: 1, dueAt: 1 });
jobSchema.index({ at: -1, _id: -1 });
// For jobs that ended long ago (see `jobs/forget-jobs.ts`).
jobSchema.index({ endedAt: 1 });

export type JobModel = Model<Job>;

export function noCounts(): JobCounts {
  return { changed: 0, unchanged: 0, refused: 0, byCode: {} };
}

interface JobModels {
  jobs: JobModel;
}

/** A job to be queued. */
export interface WantedJob extends Pick<Job, 'kind' | 'input' | 'lane'> {
  /** Unique key: queueing it again changes nothing. No field here holds an address. */
  id: string;
  /** Absent for the system's jobs. */
  requestedBy?: string;
  scope: Scope;
  /** Absent: at once. */
  notBefore?: Date;
}

/**
 * Queues a job; safe to repeat. Its `at` is by the clock that events are stamped with, since opt-outs are compared with it.
 * @returns whether it is new; false for a repeat, which is not an error
 */
export async function queueJob(
  deps: { models: JobModels; clock: () => Date },
  wanted: WantedJob,
): Promise<{ isNew: boolean }> {
  const { id, notBefore, scope, ...about } = wanted;
  return enqueue(deps.models.jobs, {
    ...newlyQueued(id, deps.clock(), notBefore),
    ...{ lane: 'LONG', requestedBy: null, ...about, scope: scope && [...scope] },
    ...{ phase: 'SELECT', total: null, done: 0, cursor: 0, chunks: null, place: null },
    ...{ preview: null, counts: noCounts(), startedAt: null, confirmedAt: null },
  });
}

/**
 * The jobs that a user may see, newest first: their scope lies within the user's.
 * @param query `before` is the last job of the previous page
 */
export async function findJobs(
  models: JobModels,
  query: {
    scope: Scope;
    state?: JobState;
    kinds?: readonly string[];
    before?: TimeAndId | null;
    limit: number;
  },
): Promise<Job[]> {
  return models.jobs
    .find({
      ...visibleTo(query.scope),
      ...(query.state ? { state: query.state } : {}),
      ...(query.kinds ? { kind: mongoose.trusted({ $in: [...query.kinds] }) } : {}),
      ...olderThan(query.before),
    })
    .sort({ at: -1, _id: -1 })
    .limit(query.limit)
    .lean<Job[]>();
}

/** One job, or null if there is none within the scope. */
export async function findJob(models: JobModels, id: string, scope: Scope): Promise<Job | null> {
  return models.jobs.findOne({ _id: id, ...visibleTo(scope) }).lean<Job>();
}

/**
 * Confirms a previewed job. For a confirmed job nothing changes.
 * @returns the current job, or null if there is none within the scope
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
        },
      },
    ],
    { updatePipeline: true },
  );
  return findJob(deps.models, id, scope);
}

/**
 * Cancels a job, in any state; finished work stays done. Its worker loses it, and notices before its next chunk.
 * @returns the current job, or null if there is none within the scope
 */
export async function cancelJob(models: JobModels, id: string, scope: Scope): Promise<Job | null> {
  const states = ['QUEUED', 'RUNNING', 'WAITING', 'DEAD'];
  const which = { _id: id, state: mongoose.trusted({ $in: states }), ...visibleTo(scope) };
  await takeAway(models.jobs, which, { state: 'CANCELLED' });
  return findJob(models, id, scope);
}

/**
 * Restarts a dead job from where it stopped.
 * @returns the current job, or null if there is none within the scope
 */
export async function retryJob(models: JobModels, id: string, scope: Scope): Promise<Job | null> {
  await models.jobs.updateOne(
    { _id: id, state: 'DEAD', ...visibleTo(scope) },
    [{ $set: { state: 'QUEUED', attempts: 0, dueAt: '$$NOW', endedAt: null } }],
    { updatePipeline: true },
  );
  return findJob(models, id, scope);
}

/** The part of a filter that excludes jobs with a larger scope than the user's. */
function visibleTo(scope: Scope): object {
  if (scope === null) return {};
  const isWithin = { $and: [{ $isArray: '$scope' }, { $setIsSubset: [{ $ifNull: ['$scope', []] }, scope] }] };
  return { $expr: mongoose.trusted(isWithin) };
}
