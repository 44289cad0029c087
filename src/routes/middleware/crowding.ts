/** Bounds how many requests are in hand at once: a database that stalls must not fill the memory with those who wait for it. */
import type { RequestHandler } from 'express';
import { DomainError } from '../../errors.js';

/**
 * @param most requests in hand; far more than a healthy database lets come together
 * @returns a handler that passes a request on, or throws `DATABASE_AWAY`: nothing was looked at yet, so nothing was saved
 */
export function limitCrowding(most: number): RequestHandler {
  let inHand = 0;
  return (_request, response, next) => {
    if (inHand >= most) throw new DomainError('DATABASE_AWAY', 'Too many requests wait for the database.');
    inHand += 1;
    response.once('close', () => (inHand -= 1));
    next();
  };
}
