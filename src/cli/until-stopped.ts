/** Keeps a process running until somebody asks it to stop, or its work is done, then stops it in good order and exits with 0. */
import type { Portal } from '../server.js';
import { toldFault } from './fault.js';
import { keepHeapSmall } from './small-heap.js';

/** Templates are compiled by then, in milliseconds. */
const settledMs = 1000;
/** After a fault that nothing caught, milliseconds in which answers and mails in hand may end. */
const faultDrainMs = 5000;

/** Whether the process goes on once `ready` has done its part. */
export type Next = 'STAY' | 'END';

/**
 * A fault that nothing caught leaves the process in a state that nobody knows: it is logged, what is in hand may end, and the exit code is 1, so
 * that whatever runs the process starts it anew.
 * @param start what to run
 * @param ready what to do once it runs; a fault in it stops the portal too, and a wish to stop does not wait for it
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
  // Heard from the first moment on, so that a stop during the start is a stop too.
  process.once('SIGTERM', () => askedToStop('END'));
  process.once('SIGINT', () => askedToStop('END'));
  // A rejection that nothing handles comes here too (Node.js, `--unhandled-rejections=throw`).
  process.on('uncaughtException', (err, origin) => {
    if (!running.portal) {
      process.stderr.write(`${toldFault(err, process.env)}\n`);
      process.exit(1);
    }
    running.portal.deps.log.fatal({ err, origin }, 'a fault that nothing caught: stopping');
    if (!hasFaulted) setTimeout(() => process.exit(1), faultDrainMs);
    hasFaulted = true;
    askedToStop('END');
  });
  const portal = await start();
  running.portal = portal;
  setTimeout(keepHeapSmall, settledMs).unref();
  try {
    // Asked first: where both are settled, it is the wish to stop that counts.
    if ((await Promise.race([asked, ready(portal)])) === 'STAY') await asked;
  } finally {
    await portal.stop({ isHurried: hasFaulted });
  }
  if (hasFaulted) process.exit(1);
  process.exitCode = 0;
}
