/** Keeps a process running, with a small heap, until it is asked to stop or its work is done. Then it stops it cleanly and exits with 0. */
import type { Portal } from '../server.js';
import { toldFault } from './fault.js';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds; templates are compiled by then. */
const settledMs = 1000;
/** Milliseconds for current answers and mails to end after an uncaught error. */
const faultDrainMs = 5000;

/** How far the heap may grow between two collections of garbage, in percent of what is in use. Jobs make far more garbage that outlives the first collections (decision 0860). */
const growth = { pages: 100, jobs: 50 };

/** Whether the process continues after `ready`. */
export type Next = 'STAY' | 'END';

/**
 * After an uncaught error the state of the process is unknown. The error is logged, current work may end, and the exit code is 1, so that the
 * supervisor restarts the process.
 * @param start what to run
 * @param ready runs after the start; an error in it stops the portal too, and a stop request does not wait for it
 */
export async function runUntilStopped(
  start: () => Promise<Portal>,
  ready: (portal: Portal) => Promise<Next> = async () => 'STAY',
): Promise<void> {
  const running: { portal?: Portal } = {};
  let hasFaulted = false;
  let askedToStop: (next: Next) => void = () => undefined;
  const asked = new Promise<Next>((resolve) => {
    askedToStop = resolve;
  });
  // Registered first, so that a stop request during the start works too.
  process.once('SIGTERM', () => askedToStop('END'));
  process.once('SIGINT', () => askedToStop('END'));
  // An unhandled rejection comes here too (Node.js, `--unhandled-rejections=throw`).
  process.on('uncaughtException', (err, origin) => {
    if (!running.portal) {
      process.stderr.write(`${toldFault(err, process.env)}\n`);
      process.exit(1);
    }
    running.portal.deps.log.fatal({ err, origin }, 'uncaught error: stopping');
    if (!hasFaulted) setTimeout(() => process.exit(1), faultDrainMs);
    hasFaulted = true;
    askedToStop('END');
  });
  const portal = await start();
  running.portal = portal;
  setTimeout(() => keepHeapSmall(portal.hasWorker ? growth.jobs : growth.pages), settledMs).unref();
  try {
    // Checked first: if both are settled, the stop request counts.
    if ((await Promise.race([asked, ready(portal)])) === 'STAY') await asked;
  } finally {
    await portal.stop({ isHurried: hasFaulted });
  }
  if (hasFaulted) process.exit(1);
  process.exitCode = 0;
}

/**
 * Keeps the memory of a server small: V8 lets a heap grow to a multiple of the used memory before it collects garbage (decision 0121). From now on, garbage is collected whenever the heap has grown by this share, and once now, since V8 applies the setting only after the first time. It takes
 * about 20 ms, so call it after the start.
 */
function keepHeapSmall(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
  setFlagsFromString('--expose-gc');
  const clearUp: unknown = runInNewContext('gc');
  if (typeof clearUp === 'function') clearUp();
}
