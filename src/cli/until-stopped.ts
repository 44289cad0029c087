/** Keeps a process running until somebody asks it to stop, or its work is done, then stops it in good order and exits with 0. */
import type { Portal } from '../server.js';
import { keepHeapSmall } from './small-heap.js';

/** Templates are compiled by then, in milliseconds. */
const settledMs = 1000;

/** Whether the process goes on once `ready` has done its part. */
export type Next = 'STAY' | 'END';

/**
 * @param start what to run
 * @param ready what to do once it runs; a fault in it stops the portal too, and a wish to stop does not wait for it
 */
export async function runUntilStopped(
  start: () => Promise<Portal>,
  ready: (portal: Portal) => Promise<Next> = async () => 'STAY',
): Promise<void> {
  let askedToStop: (next: Next) => void = () => undefined;
  const asked = new Promise<Next>((resolve) => {
    askedToStop = resolve;
  });
  // Heard from the first moment on, so that a stop during the start is a stop too.
  process.once('SIGTERM', () => askedToStop('END'));
  process.once('SIGINT', () => askedToStop('END'));
  const portal = await start();
  setTimeout(keepHeapSmall, settledMs).unref();
  try {
    // Asked first: where both are settled, it is the wish to stop that counts.
    if ((await Promise.race([asked, ready(portal)])) === 'STAY') await asked;
  } finally {
    await portal.stop();
  }
  process.exitCode = 0;
}
