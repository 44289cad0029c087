/** Stops an HTTP server without aborting answers. */
import { once } from 'node:events';
import type { Server } from 'node:http';

/**
 * Accepts no more connections, lets current requests end, and aborts the rest when time is up.
 * @param server a listening server; one that no longer listens has nothing to stop
 * @param seconds time limit for current requests
 * @returns whether all of them ended in time
 */
export async function drain(server: Server, seconds: number): Promise<boolean> {
  if (!server.listening) return true;
  let isClean = true;
  const closed = once(server, 'close');
  server.close();
  // A kept-alive connection becomes idle only after its answer, and `close` checked only once, before that.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => {
    isClean = false;
    server.closeAllConnections();
  }, seconds * 1000);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
  return isClean;
}
