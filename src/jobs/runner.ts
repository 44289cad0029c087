/** The worker's loop: runs what is due, again and again, until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sendDueMails } from './send-mails.js';
import type { SendingDeps } from './send-mails.js';

/** Milliseconds between two looks at an empty queue, and after a fault of the database. */
const idleMs = 1000;
const faultMs = 5000;

/**
 * Runs until the signal is aborted, then finishes what is in hand and returns. A database that is away is waited for.
 * @param signal aborted by SIGTERM; no mail is taken after it
 */
export async function runWorker(deps: SendingDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await sendDueMails(deps, { signal });
      await pause(idleMs, signal);
    } catch (err) {
      deps.log.error({ err }, 'worker round failed');
      await pause(faultMs, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
