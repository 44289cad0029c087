/** Limits how many requests may be arriving at once: above the limit the slowest sender is disconnected, and no request is refused. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { cutOff } from './cut-off.js';
import { networkOf } from './network-of.js';

/** Milliseconds before a sender can count as slow: most forms arrive long before, even over a mobile connection. */
const graceMs = 2000;

interface Sender {
  request: Request;
  response: Response;
  next: NextFunction;
  network: string;
  since: number;
  /** Bytes that its connection had received by then. */
  bytesBefore: number;
}

/** True for a request with a body that may not have arrived completely. */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Passes every request on. If its body exceeds the limit, the sender with the fewest bytes per second gets 408 and is disconnected, before its form
 * was read.
 * @param most bodies that are being received: in total, and from one network, which normally has far fewer
 */
export function limitSenders(most: { inAll: number; ofOneNetwork: number }): RequestHandler {
  const all = new Set<Sender>();
  const byNetwork = new Map<string, Set<Sender>>();
  const forget = (sender: Sender) => {
    all.delete(sender);
    const ofOne = byNetwork.get(sender.network);
    ofOne?.delete(sender);
    if (ofOne?.size === 0) byNetwork.delete(sender.network);
  };
  return (request, response, next) => {
    if (!hasBody(request)) return next();
    const network = networkOf(request.ip ?? '');
    const ofOne = byNetwork.get(network) ?? new Set();
    const crowd = ofOne.size >= most.ofOneNetwork ? ofOne : all.size >= most.inAll ? all : null;
    const slowest = crowd && slowestOf(crowd);
    if (slowest) {
      forget(slowest);
      cutOff(slowest.request, slowest.response, slowest.next);
    }
    const bytesBefore = request.socket.bytesRead;
    const sender = { request, response, next, network, since: performance.now(), bytesBefore };
    all.add(sender);
    byNetwork.set(network, (byNetwork.get(network) ?? new Set()).add(sender));
    finished(request, { writable: false }, () => forget(sender));
    next();
  };
}

/** Among senders past the minimum time; if there are none, the first one. */
function slowestOf(senders: Iterable<Sender>): Sender | null {
  const now = performance.now();
  let slowest: Sender | null = null;
  let least = Infinity;
  for (const sender of senders) {
    slowest ??= sender;
    const ms = now - sender.since;
    const speed = (sender.request.socket.bytesRead - sender.bytesBefore) / ms;
    if (ms < graceMs || speed >= least) continue;
    slowest = sender;
    least = speed;
  }
  return slowest;
}
