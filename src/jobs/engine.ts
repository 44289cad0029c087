/** The job engine: leases one job per lane, runs its steps, stores each checkpoint, and survives a kill at any point. */
import { DomainError } from '../errors.js';
import type { Logger } from '../log.js';
import type { JobOutcome, Metrics } from '../metrics.js';
import { isDatabaseFault } from '../models/database-fault.js';
import { checkpoint, inLane, jobEnd, leaseJob, writeRunning, type JobProgress } from '../models/job-lease.js';
import { lanes, type Job, type JobModel } from '../models/job.js';
import { queuedAgain } from '../models/queue.js';
import { afterNow } from '../models/server-clock.js';
import { scrub } from '../scrub.js';
import { workThrough } from './work-through.js';

/** The result of a step: more steps follow, staff must confirm, or the job is done. */
export interface Step {
  progress: JobProgress;
  then: 'GO_ON' | 'WAIT' | 'END';
}

/** A job as the worker holds it. */
export interface HeldJob {
  job: Job;
  /** True while this worker certainly holds the lease. Check it right before every write that the fence does not guard. */
  isHeld: () => boolean;
}

/**
 * One step of a kind of job, about a second long. Repeating it after a crash must give the same result.
 * @throws any error: the engine retries later, from the last checkpoint
 */
export type Stepper = (held: HeldJob) => Promise<Step>;

export interface EngineDeps {
  models: { jobs: JobModel };
  /** The stepper of each kind of job, by name. Jobs of other kinds are not leased. */
  steppers: ReadonlyMap<string, Stepper>;
  log: Logger;
  metrics: Pick<Metrics, 'jobEnded'>;
}

export interface EngineOptions {
  /** Once aborted, the current step is finished and the job is released, so that another worker continues at once. */
  signal?: AbortSignal;
  leaseMs?: number;
  /** How long one job runs before other jobs of its lane have their turn. */
  turnMs?: number;
}

/** Thrown by a stepper whose job another worker has taken over, or may have: nothing more is written. */
export class JobLost extends Error {}

/** Milliseconds after which a step ends that could go on. */
const stepMs = 1000;

/** Starts the clock of a step that does several batches. @returns whether its time is over */
export function stepTimer(): () => boolean {
  const began = performance.now();
  return () => performance.now() - began > stepMs;
}

const minute = 60_000;
const defaultLeaseMs = 5000;
const defaultTurnMs = 20_000;

/** Milliseconds before the next attempt, by attempts made. After the last one the job is dead, and staff decide. */
export const jobBackOffMs = [1000, 5000, 30_000, 2 * minute, 10 * minute, 30 * minute] as const;

/** The outcomes of the jobs of a round. `LOST` jobs were taken over or cancelled; `LET_GO` jobs wait for their next turn. */
export type JobRoundCounts = Record<JobOutcome | 'LOST' | 'LET_GO', number>;
type Ending = keyof JobRoundCounts;

/**
 * Runs due jobs, one in each lane at a time, and returns when none is due.
 * @throws database errors if even the release could not be stored; the lease then expires
 */
export async function runDueJobs(deps: EngineDeps, options: EngineOptions = {}): Promise<JobRoundCounts> {
  const counts: JobRoundCounts = { DONE: 0, PREVIEWED: 0, RETRIED: 0, DEAD: 0, LOST: 0, LET_GO: 0 };
  const leaseMs = options.leaseMs ?? defaultLeaseMs;
  const { jobs } = deps.models;
  const kinds = [...deps.steppers.keys()];
  await workThrough(
    {
      connection: jobs.db,
      lanes: lanes.map((lane) => ({ which: inLane(lane, kinds), places: 1 })),
      places: lanes.length,
      async lease(which, now) {
        const leasedAt = performance.now();
        const job = await leaseJob(jobs, which, { now, leaseMs });
        return job && { job, leasedAt };
      },
      async work({ job, leasedAt }) {
        counts[await workOn(deps, job, { ...options, leaseMs, leasedAt })] += 1;
      },
    },
    options.signal,
  );
  return counts;
}

async function workOn(
  deps: EngineDeps,
  leased: Job,
  options: EngineOptions & { leaseMs: number; leasedAt: number },
): Promise<Ending> {
  const { jobs } = deps.models;
  if (leased.attempts > jobBackOffMs.length + 1) {
    const reason = leased.lastError ?? 'the worker stopped during every attempt';
    const isKept = await writeRunning(jobs, leased, jobEnd('DEAD', { reason }));
    return ended(deps, leased, isKept ? 'DEAD' : 'LOST', { reason });
  }
  const step = deps.steppers.get(leased.kind);
  if (!step) throw new Error(`there is no kind of job "${leased.kind}"`);
  const heart = startHeart(deps, leased, options);
  const began = performance.now();
  const held: HeldJob = { job: leased, isHeld: heart.isBeating };
  try {
    for (;;) {
      const { progress, then } = await step(held);
      // Even if the lease has ended by now: the fence shows whether another worker has begun.
      held.job = { ...held.job, ...progress, attempts: 1 };
      if (then !== 'GO_ON') {
        await heart.stop();
        const state = then === 'WAIT' ? 'WAITING' : 'DONE';
        if (!(await writeRunning(jobs, leased, jobEnd(state, { progress }))))
          return ended(deps, leased, 'LOST');
        return ended(deps, held.job, then === 'WAIT' ? 'PREVIEWED' : 'DONE');
      }
      if (!(await writeRunning(jobs, leased, checkpoint(progress, options.leaseMs))))
        return ended(deps, leased, 'LOST');
      if (options.signal?.aborted || performance.now() - began > (options.turnMs ?? defaultTurnMs)) {
        await heart.stop();
        await writeRunning(jobs, leased, queuedAgain({ delayMs: 0, attempts: 0, reason: null }));
        return 'LET_GO';
      }
    }
  } catch (fault) {
    await heart.stop();
    return tryLater(deps, held.job, fault);
  } finally {
    await heart.stop();
  }
}

/** Renews the lease during a step, and detects when it is no longer certain: a process that slept has lost it. */
function startHeart(
  deps: EngineDeps,
  job: Job,
  { leaseMs, leasedAt }: { leaseMs: number; leasedAt: number },
) {
  let isLost = false;
  let sureUntil = leasedAt + leaseMs;
  let beat: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    const asked = performance.now();
    beat = writeRunning(deps.models.jobs, job, { dueAt: afterNow(leaseMs) }).then(
      (isOurs) => {
        if (isOurs) sureUntil = Math.max(sureUntil, asked + leaseMs);
        else isLost = true;
      },
      // The database does not answer: the next renewal, or the end of the lease, decides.
      () => undefined,
    );
  }, leaseMs / 3);
  return {
    isBeating: () => !isLost && performance.now() < sureUntil,
    async stop() {
      clearInterval(timer);
      await beat;
    },
  };
}

/**
 * An attempt that failed because the database was unavailable, or too slow for the lease, does not count. Other errors may repeat, so their attempts are
 * limited.
 */
async function tryLater(deps: EngineDeps, job: Job, fault: unknown): Promise<Ending> {
  const reason = reasonOf(fault);
  const isAway = fault instanceof JobLost || isOutage(fault);
  const delayMs = isAway ? jobBackOffMs[1] : jobBackOffMs[job.attempts - 1];
  const fields =
    delayMs === undefined
      ? jobEnd('DEAD', { reason })
      : queuedAgain({ delayMs, attempts: isAway ? job.attempts - 1 : job.attempts, reason });
  if (!(await writeRunning(deps.models.jobs, job, fields))) return ended(deps, job, 'LOST');
  const why = isAway ? { reason } : { reason, err: fault };
  return ended(deps, job, delayMs === undefined ? 'DEAD' : 'RETRIED', why);
}

function isOutage(fault: unknown): boolean {
  return fault instanceof DomainError
    ? fault.code === 'DATABASE_AWAY' || fault.code === 'OUTCOME_UNKNOWN'
    : isDatabaseFault(fault);
}

/** One line for staff, without addresses: a library's message may quote its input. */
function reasonOf(fault: unknown): string {
  if (fault instanceof JobLost) return 'the lease ended before the step did';
  if (fault instanceof DomainError) return `${fault.code}: ${scrub(fault.message)}`.slice(0, 300);
  return fault instanceof Error ? scrub(`${fault.name}: ${fault.message}`).slice(0, 300) : 'fault';
}

function ended(
  deps: EngineDeps,
  job: Job,
  ending: Ending,
  why: { reason?: string; err?: unknown } = {},
): Ending {
  if (ending !== 'LOST' && ending !== 'LET_GO') deps.metrics.jobEnded(job.kind, ending);
  const level = ending === 'DEAD' || ending === 'RETRIED' ? 'warn' : 'info';
  deps.log[level]({ kind: job.kind, phase: job.phase, done: job.done, ending, ...why }, 'job');
  return ending;
}
