/** Ends a request whose body takes too long, or takes room that others need. */
import type { NextFunction, Request, Response } from 'express';

/**
 * Answers 408 and disconnects. The answer comes from the handlers of errors, so that it has the form of its path.
 * @param next of the middleware that watches the body; what waits for the body is behind it
 */
export function cutOff(request: Request, response: Response, next: NextFunction): void {
  const cut = () => void request.socket.destroy();
  // An answer that was already sent is useless to a connection that still sends.
  if (response.headersSent) return cut();
  response.set('Connection', 'close').once('finish', cut);
  next(Object.assign(new Error('The body took too long to arrive.'), { status: 408 }));
}
