/** One-click unsubscribe (RFC 8058): the URL of the `List-Unsubscribe` header. `POST` opts out; `GET` shows a page with one button. */
import express, { type Router } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { patterns } from '../../paths.js';
import { tokenOf } from './link.js';
import { linkCircumstances, optOutByLink } from './opt-out.js';
import type { Visits } from './visits.js';

const notSaved = 'Nothing was saved. Please try again in a minute.';
const notKnown = 'Please assume that nothing was saved, and try again: repeating it is safe.';

/**
 * `POST` answers 200 with a short text once the opt-out is durable, 503 while that is not certain; no redirect, no cookie, no limit (RFC 8058,
 * sections 3.1 and 3.2). The body is not read. The token alone decides, whether a mail client sends urlencoded, multipart or nothing, so a form can
 * never lose an opt-out.
 */
export function oneClickRoutes(deps: Deps, visits: Visits): Router {
  const router = express.Router();
  router.post(patterns.oneClick, async (request, response) => {
    request.resume();
    try {
      const { claims } = await deps.tokens.verify('unsubscribe', tokenOf(request), deps.clock());
      const userAgent = request.get('user-agent');
      await optOutByLink(deps, claims, {
        ref: 'header',
        circumstances: linkCircumstances(
          claims,
          userAgent,
          visits.isMachineLike(request, claims.subscriberId),
        ),
      });
      answer(response, 200, 'You are unsubscribed.');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === 'INVALID_TOKEN') return answer(response, 404, 'There is no such link.');
      if (error.code !== 'DATABASE_AWAY' && error.code !== 'OUTCOME_UNKNOWN') throw error;
      deps.log.warn({ err: error }, 'one-click not saved');
      response.set('Retry-After', '30');
      answer(response, 503, error.code === 'DATABASE_AWAY' ? notSaved : notKnown);
    }
  });
  return router;
}

function answer(response: express.Response, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}
