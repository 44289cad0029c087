/** Limits the number of concurrent requests, so that a stalled database does not fill the memory with waiting requests. */
import type { RequestHandler } from 'express';
import { DomainError } from '../../errors.js';
import { hasBody } from './senders.js';

/**
 * A request counts only once it has arrived completely: slow senders must not shut others out.
 * @param most concurrent requests; far more than accumulate with a healthy database
 * @returns a handler that passes a request on, or throws `DATABASE_AWAY`: nothing was read yet, so nothing was saved
 */
export function limitCrowding(most: number): RequestHandler {
  let inHand = 0;
  return (request, response, next) => {
    if (inHand >= most) throw new DomainError('DATABASE_AWAY', 'Too many requests wait for the database.');
    const count = () => {
      // An answer may be sent before the body has arrived completely.
      if (response.closed) return;
      inHand += 1;
      response.once('close', () => (inHand -= 1));
    };
    if (hasBody(request)) request.once('end', count);
    else count();
    next();
  };
}
