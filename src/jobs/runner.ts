/** The worker's loops: mails, jobs, the change feed and all schedules, in parallel, until it is told to stop. */
import { setMaxListeners } from 'node:events';
import { trusted } from 'mongoose';
import { runFeed } from '../feed/run.js';
import type { Destinations } from '../domain/workflows/contract.js';
import { keepDoing } from '../keep-doing.js';
import { buckets } from '../models/change.js';
import { running } from '../models/workflow.js';
import { runDueJobs } from './engine.js';
import type { JobDeps } from './job-deps.js';
import { steppersOf } from './registry.js';
import { schedules } from './schedules.js';
import { sendDueMails, type SendingDeps } from './send-mails.js';

/** Milliseconds between checks of an empty queue. */
const idleMs = 1000;
/** The same for jobs, since a person may wait for one. */
const idleJobsMs = 200;
/** Looking for a job takes some milliseconds. What takes longer than this is a job at work. */
const noticedMs = 500;

/**
 * Runs until the signal is aborted, then finishes current work and returns. If the database is unavailable, it waits.
 * @param signal aborted by SIGTERM; no mail is taken after it, and no further step of a job
 */
export async function runWorker(deps: SendingDeps & JobDeps, signal: AbortSignal): Promise<void> {
  const steppers = steppersOf(deps);
  let workingSince: number | null = null;
  const isBusy = () => workingSince !== null && performance.now() - workingSince > noticedMs;
  const runJobs = async () => {
    // One small read, while there is nothing to do.
    if (!(await deps.models.jobs.exists({ state: trusted({ $in: ['QUEUED', 'RUNNING'] }) }))) return;
    workingSince = performance.now();
    await runDueJobs({ ...deps, steppers }, { signal }).finally(() => (workingSince = null));
  };
  const webhooks = new Map<string, Promise<unknown>>();
  const destinations: Destinations = new Map();
  const loops = [
    { what: 'send mails', everyMs: idleMs, run: () => sendDueMails(deps, { signal }) },
    { what: 'run jobs', everyMs: idleJobsMs, run: runJobs },
    { what: 'send webhooks', everyMs: idleMs, run: () => sendWebhooks(deps, webhooks, signal) },
    { what: 'run workflows', everyMs: idleMs, run: () => runWorkflows(deps, destinations, signal) },
    ...schedules.map((schedule) => ({ ...schedule, run: () => schedule.run(deps, signal) })),
  ];
  // Each of them listens to it while it waits, which is more than the ten after which Node.js warns of a leak.
  setMaxListeners(loops.length + buckets.length, signal);
  await Promise.all([
    runFeed({ ...deps, isBusy }, signal),
    ...loops.map((loop) => keepDoing(deps.log, loop, signal)),
  ]);
  await Promise.all(webhooks.values());
}

/** Its code is loaded once there is an endpoint. */
async function sendWebhooks(
  deps: SendingDeps & JobDeps,
  underWay: Map<string, Promise<unknown>>,
  signal: AbortSignal,
): Promise<void> {
  if (!(await deps.models.webhookEndpoints.exists({}))) return;
  const { startDueWebhooks } = await import('../domain/webhooks/run.js');
  await startDueWebhooks(deps, underWay, signal);
}

/** Its code is loaded once a workflow is active. */
async function runWorkflows(
  deps: SendingDeps & JobDeps,
  destinations: Destinations,
  signal: AbortSignal,
): Promise<void> {
  if (!(await deps.models.workflows.exists({ state: trusted({ $in: [...running] }) }))) return;
  const [{ runDueEnrolments }, { tellStaffOfFailures }] = await Promise.all([
    import('../domain/workflows/run.js'),
    import('../domain/workflows/tell-staff.js'),
  ]);
  await runDueEnrolments(deps, { signal, destinations });
  await tellStaffOfFailures(deps);
}
