/** Bounds how many requests may be on their way in at once: who sends slowly holds memory, and must hold no place that others need. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import { DomainError } from '../../errors.js';
import { networkOf } from './network-of.js';

/** True for a request with a body, some of which may still be to come. */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * @param most bodies that are being received: in all, and from one network, which has far fewer in hand unless it holds them back
 * @returns a handler that passes a request on, or throws `TOO_MANY_REQUESTS`: nothing was looked at yet, so nothing was saved
 */
export function limitSenders(most: { inAll: number; ofOneNetwork: number }): RequestHandler {
  const sending = new Map<string, number>();
  let inAll = 0;
  return (request: Request, _response, next) => {
    if (!hasBody(request)) return next();
    const network = networkOf(request.ip ?? '');
    const ofOne = sending.get(network) ?? 0;
    if (inAll >= most.inAll || ofOne >= most.ofOneNetwork)
      throw new DomainError('TOO_MANY_REQUESTS', 'Too many forms are on their way in.');
    inAll += 1;
    sending.set(network, ofOne + 1);
    finished(request, { writable: false }, () => {
      inAll -= 1;
      const left = (sending.get(network) ?? 1) - 1;
      if (left > 0) sending.set(network, left);
      else sending.delete(network);
    });
    next();
  };
}
