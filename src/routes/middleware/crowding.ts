/** Bounds how many requests are in hand at once: a database that stalls must not fill the memory with those who wait for it. */
import type { RequestHandler } from 'express';
import { DomainError } from '../../errors.js';
import { hasBody } from './senders.js';

/**
 * Who still sends waits for nobody yet, and counts once the whole request is here: slow senders must not shut the others out.
 * @param most requests in hand; far more than a healthy database lets come together
 * @returns a handler that passes a request on, or throws `DATABASE_AWAY`: nothing was looked at yet, so nothing was saved
 */
export function limitCrowding(most: number): RequestHandler {
  let inHand = 0;
  return (request, response, next) => {
    if (inHand >= most) throw new DomainError('DATABASE_AWAY', 'Too many requests wait for the database.');
    const count = () => {
      // An answer may be out before the last of a body is in.
      if (response.closed) return;
      inHand += 1;
      response.once('close', () => (inHand -= 1));
    };
    if (hasBody(request)) request.once('end', count);
    else count();
    next();
  };
}
