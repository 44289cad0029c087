/** Stops an HTTP server without cutting off an answer. */
import { once } from 'node:events';
import type { Server } from 'node:http';

/**
 * Accepts no more connections, lets those under way end, and cuts off what is left when time is up.
 * @param server a listening server; one that no longer listens is drained already
 * @param seconds how long requests under way may take
 * @returns whether every one of them ended by itself
 */
export async function drain(server: Server, seconds: number): Promise<boolean> {
  if (!server.listening) return true;
  let isClean = true;
  const closed = once(server, 'close');
  server.close();
  // A kept-alive connection whose answer has just gone out is idle only now; `close` looked once, before that.
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
