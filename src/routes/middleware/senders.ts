/** Bounds how many requests may be on their way in at once: beyond the bound the slowest sender is cut off, and nobody is refused. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import { networkOf } from './network-of.js';

/** Milliseconds for which nobody is called slow: most forms arrive whole long before, also over a telephone. */
const graceMs = 2000;

interface Sender {
  request: Request;
  response: Response;
  network: string;
  since: number;
  /** What its connection had brought by then, in bytes. */
  bytesBefore: number;
}

/** True for a request with a body, some of which may still be to come. */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Passes every request on. Where its body is one too many, the sender that brings the fewest bytes a second is answered 408 and cut off,
 * before anything of its form was looked at.
 * @param most bodies that are being received: in all, and from one network, which has far fewer in hand unless it holds them back
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
      cutOff(slowest);
    }
    const bytesBefore = request.socket.bytesRead;
    const sender = { request, response, network, since: performance.now(), bytesBefore };
    all.add(sender);
    byNetwork.set(network, (byNetwork.get(network) ?? new Set()).add(sender));
    finished(request, { writable: false }, () => forget(sender));
    next();
  };
}

/** Of those who had their time; where nobody had, the one who began first. */
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

function cutOff({ request, response }: Sender): void {
  const cut = () => void request.socket.destroy();
  // An answer that is out already is of no use to a connection that still sends.
  if (response.headersSent) return cut();
  response.status(408).set('Connection', 'close').end(cut);
}
