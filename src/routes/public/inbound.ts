/** Receives mails to the `mailto:` of List-Unsubscribe from a mail server (RFC 2369, section 3.2), and reports that it passes on with them. */
import express, { type Router } from 'express';
import type { Deps } from '../../deps.js';
import { isSame } from '../../domain/bounces/endpoints.js';
import { claimsOfToken } from '../../domain/bounces/link-claims.js';
import { countOfUnreadableMail } from '../../domain/counts/counts-of.js';
import { writing } from '../../domain/consent/durability.js';
import { DomainError } from '../../errors.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import { addCount } from '../../models/day-count.js';
import { patterns } from '../../paths.js';
import type { TokenClaims } from '../../tokens/kinds.js';
import { beginningOfMail, looksLikeReport, takeMailReport } from '../mail-body.js';
import { optOutByLink } from './opt-out.js';

/**
 * Takes a raw message as `message/rfc822`. 204 once the opt-out, or the count of a mail without a subscriber, is durable; 503 if the server should
 * retry.
 */
export function inboundRoutes(deps: Deps): Router {
  const router = express.Router();
  const secret = deps.config.inboundSecret;
  if (secret === undefined) return router;
  router.post(patterns.inboundUnsubscribe, async (request, response) => {
    // Before the mail is read: it may be large.
    if (!isSame(request.get('authorization') ?? '', `Bearer ${secret}`))
      throw new DomainError('INVALID_TOKEN');
    const raw = await beginningOfMail(request);
    if (looksLikeReport(raw)) {
      await takeMailReport(deps, raw);
      response.status(204).end();
      return;
    }
    const claims = await claimsIn(deps, raw);
    if (claims) await optOutByLink(deps, claims, { ref: 'mail', circumstances: {} });
    else await countUnreadable(deps);
    deps.metrics.unsubscribeMailRead(claims ? 'OPTED_OUT' : 'UNREADABLE');
    response.status(204).end();
  });
  return router;
}

/** The target of the link in a mail; null without a link of the portal. Sending the mail again would not help. */
async function claimsIn(deps: Deps, raw: Buffer): Promise<TokenClaims['unsubscribe'] | null> {
  // The reader of mails is loaded by the first one.
  const { readUnsubscribeMail } = await import('../../mail/inbound.js');
  return claimsOfToken(deps, await readUnsubscribeMail(raw, deps.config.tokenIssuer));
}

/** A person asked to be unsubscribed, and Sayso does not know who. The dashboard tells the staff, who find the mail in its inbox. */
async function countUnreadable(deps: Deps): Promise<void> {
  deps.log.warn('an unsubscribe mail could not be read');
  const { timeZone } = await deps.catalogue();
  const count = countOfUnreadableMail(deps.clock(), timeZone);
  const add = () => writing(() => addCount(deps.models.dayCounts, count));
  // Two processes create the day's count at once: one of them retries.
  await add().catch((error: unknown) => (isDuplicateKey(error) ? add() : Promise.reject(error)));
}
