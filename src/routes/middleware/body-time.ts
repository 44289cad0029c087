/** Limits how long a request may take to arrive: forms are small, and slow senders hold memory. */
import { finished } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import { cutOff } from './cut-off.js';
import { hasBody } from './senders.js';

/**
 * Disconnects a sender whose form takes too long. A large upload may take any time, as long as it goes on. After a moment in which the process itself
 * stood still, what arrived meanwhile is read first.
 * @param limits `formMs`: milliseconds in which a form must arrive completely; `silenceMs`: in which something of a large file must arrive;
 *   `isUpload`: true for a request that brings a large file
 */
export function limitBodyTime({
  formMs,
  silenceMs,
  isUpload,
}: {
  formMs: number;
  silenceMs: number;
  isUpload: (request: Request) => boolean;
}): RequestHandler {
  return (request, response, next) => {
    if (!hasBody(request)) return next();
    const { socket } = request;
    let received = socket.bytesRead;
    let hasDrained = false;
    let hasEnded = false;
    const cutIf = (isTooSlow: () => boolean) => {
      // Timers run before the loop reads connections; this runs after it.
      setImmediate(() => {
        if (!hasEnded && isTooSlow()) cutOff(request, response, next);
        received = socket.bytesRead;
        hasDrained = false;
      });
    };
    // While the client does not take its answer, the portal reads nothing more of what it sends. It goes on once the client has taken some.
    response.on('drain', () => (hasDrained = true));
    const isSilent = () => socket.bytesRead === received && !hasDrained && !response.writableNeedDrain;
    const timer = isUpload(request)
      ? setInterval(cutIf, silenceMs, isSilent)
      : setTimeout(cutIf, formMs, () => true);
    timer.unref();
    finished(request, { writable: false }, () => {
      hasEnded = true;
      clearTimeout(timer);
    });
    next();
  };
}
