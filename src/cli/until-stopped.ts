/** Keeps a process running until somebody asks it to stop, then stops it in good order and exits with 0. */
import type { Portal } from '../server.js';

/** @param start what to run; @param ready told once it runs */
export async function runUntilStopped(
  start: () => Promise<Portal>,
  ready: (portal: Portal) => Promise<void> = async () => undefined,
): Promise<void> {
  let askedToStop: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    askedToStop = resolve;
  });
  // Heard from the first moment on, so that a stop during the start is a stop too.
  process.once('SIGTERM', askedToStop);
  process.once('SIGINT', askedToStop);
  const portal = await start();
  await ready(portal);
  await asked;
  await portal.stop();
  process.exitCode = 0;
}
