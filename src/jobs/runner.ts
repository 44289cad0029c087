/** The worker's loops: mails, jobs, the change feed and all schedules, side by side, until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runFeed } from '../feed/run.js';
import { runDueJobs } from './engine.js';
import type { JobDeps } from './job-deps.js';
import { steppersOf } from './registry.js';
import { schedules } from './schedules.js';
import type { Schedule } from './schedules.js';
import { sendDueMails } from './send-mails.js';
import type { SendingDeps } from './send-mails.js';

/** Milliseconds between two looks at an empty queue, and after a fault of the database. */
const idleMs = 1000;
const faultMs = 5000;

/**
 * Runs until the signal is aborted, then finishes what is in hand and returns. A database that is away is waited for.
 * @param signal aborted by SIGTERM; no mail is taken after it, and no further step of a job
 */
export async function runWorker(deps: SendingDeps & JobDeps, signal: AbortSignal): Promise<void> {
  const steppers = steppersOf(deps);
  const loops: Schedule[] = [
    { what: 'send mails', everyMs: idleMs, run: () => sendDueMails(deps, { signal }) },
    { what: 'run jobs', everyMs: idleMs, run: () => runDueJobs({ ...deps, steppers }, { signal }) },
    ...schedules,
  ];
  await Promise.all([runFeed(deps, signal), ...loops.map((loop) => keepDoing(deps, loop, signal))]);
}

async function keepDoing(
  deps: JobDeps & Pick<SendingDeps, 'log'>,
  { what, everyMs, run }: Schedule,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await run(deps, signal);
      await pause(everyMs, signal);
    } catch (err) {
      deps.log.error({ err, what }, 'worker round failed');
      await pause(faultMs, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
