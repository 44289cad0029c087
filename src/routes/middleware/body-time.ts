/** Limits how long a request may take to arrive: forms are small, and slow senders hold memory. */
import { finished } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import { cutOff } from './cut-off.js';
import { hasBody } from './senders.js';

/**
 * Disconnects a sender whose form takes too long. A large upload may take any time, as long as it goes on.
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
    const cut = () => cutOff(request, response, next);
    let received = socket.bytesRead;
    const timer = isUpload(request)
      ? setInterval(() => {
          // While the client does not take its answer, the portal reads nothing more of what it sends.
          if (socket.bytesRead === received && !response.writableNeedDrain) cut();
          received = socket.bytesRead;
        }, silenceMs)
      : setTimeout(cut, formMs);
    timer.unref();
    finished(request, { writable: false }, () => clearTimeout(timer));
    next();
  };
}
