/** Where a mail server posts what arrives at the `mailto:` of List-Unsubscribe (RFC 2369, section 3.2). */
import { createHash, timingSafeEqual } from 'node:crypto';
import express from 'express';
import type { Router } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { readUnsubscribeMail } from '../../mail/inbound.js';
import { patterns } from '../../paths.js';
import { optOutByLink } from './opt-out.js';

/** A raw message in, as `message/rfc822`; 204 once the opt-out is durable or the mail asks for none, 503 where the server should try again. */
export function inboundRoutes(deps: Deps): Router {
  const router = express.Router();
  const secret = deps.config.inboundSecret;
  if (secret === undefined) return router;
  router.post(
    patterns.inboundUnsubscribe,
    // Before anything of the mail is read: it may be large.
    (request, _response, next) => {
      if (!isSame(request.get('authorization') ?? '', `Bearer ${secret}`))
        throw new DomainError('INVALID_TOKEN');
      next();
    },
    express.raw({ type: () => true, limit: '1mb' }),
    async (request, response) => {
      const token = Buffer.isBuffer(request.body) ? readUnsubscribeMail(request.body) : null;
      if (token !== null) {
        try {
          const { claims } = await deps.tokens.verify('unsubscribe', token, deps.clock());
          await optOutByLink(deps, claims, { ref: 'mail', circumstances: {} });
        } catch (error) {
          // A mail that no link of ours is in cannot be helped by sending it again.
          if (!(error instanceof DomainError) || error.code !== 'INVALID_TOKEN') throw error;
        }
      }
      response.status(204).end();
    },
  );
  return router;
}

function isSame(given: string, expected: string): boolean {
  const hashed = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hashed(given), hashed(expected));
}
