/** The worker's loops: mails, jobs and what has to be looked at now and then, side by side, until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepUnprojected } from '../domain/contacts/project.js';
import { runFeed } from '../feed/run.js';
import { settleAbandonedChunks } from './abandoned-chunks.js';
import { runDueJobs } from './engine.js';
import { forgetOldJobs } from './forget-jobs.js';
import type { JobDeps } from './job-deps.js';
import { steppersOf } from './kinds.js';
import { queueRefreshWhereDue } from './refresh-contacts.js';
import { sendDueMails } from './send-mails.js';
import type { SendingDeps } from './send-mails.js';

/** Milliseconds between two looks at an empty queue, and after a fault of the database. */
const idleMs = 1000;
const faultMs = 5000;
/** Between two looks at what is to be looked at now and then. */
const watchMs = 5000;
const tidyMs = 60 * 60_000;

/**
 * Runs until the signal is aborted, then finishes what is in hand and returns. A database that is away is waited for.
 * @param signal aborted by SIGTERM; no mail is taken after it, and no further step of a job
 */
export async function runWorker(deps: SendingDeps & JobDeps, signal: AbortSignal): Promise<void> {
  const steppers = steppersOf(deps);
  await Promise.all([
    keepDoing(deps, signal, idleMs, () => sendDueMails(deps, { signal })),
    keepDoing(deps, signal, idleMs, () => runDueJobs({ ...deps, steppers }, { signal })),
    runFeed(deps, signal),
    keepDoing(deps, signal, watchMs, () => queueRefreshWhereDue(deps)),
    // Facets that did not follow, since a process stopped between its write and theirs.
    keepDoing(deps, signal, watchMs, () => sweepUnprojected(deps, signal)),
    keepDoing(deps, signal, watchMs, () => settleAbandonedChunks(deps)),
    keepDoing(deps, signal, tidyMs, () => forgetOldJobs(deps)),
  ]);
}

async function keepDoing(
  { log }: Pick<SendingDeps, 'log'>,
  signal: AbortSignal,
  idle: number,
  round: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await round();
      await pause(idle, signal);
    } catch (err) {
      log.error({ err }, 'worker round failed');
      await pause(faultMs, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
