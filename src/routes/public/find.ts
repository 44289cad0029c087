/** "Send me my link": the same answer and the same work for known and unknown addresses. */
import express, { type RequestHandler, type Router } from 'express';
import { reading } from '../../domain/consent/durability.js';
import { readAddress } from '../../domain/consent/read-address.js';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { dailyCapOf } from '../../mail/mailable.js';
import { paths, patterns } from '../../paths.js';
import type { FindPage } from '../../views/public-pages.js';
import { wordsFor } from '../../views/words.js';
import { saidContext, saidMark, saidName } from '../said-mark.js';
import { frameOf, withLocale } from './frame.js';
import { localeOf } from './link.js';
import { queueLostLink } from './link-mails.js';
import { unitOf } from '../../domain/wordings/naming.js';

export function findRoutes(deps: Deps, form: RequestHandler, limit: RequestHandler): Router {
  const router = express.Router();
  const pageOf = (
    request: express.Request,
    rest: Pick<FindPage, 'address' | 'faults'> & { answer?: string },
  ): string => {
    const words = wordsFor(localeOf(request));
    const action = withLocale(paths.find(), request.query['lang']);
    return deps.views.page('find', {
      ...frameOf({ words }, words.t('findTitle'), paths.find()),
      action,
      ...rest,
    });
  };
  // A visitor with the portal's address but without a link needs a link (decision 0016).
  router.get(patterns.home, (_request, response) => response.redirect(303, paths.find()));
  router.get(patterns.find, (request, response) => {
    const most = dailyCapOf(deps.config, 'LOST_LINK');
    const isSent = saidName(saidContext(deps, ''), request, request.query['sent']) === 'sent';
    const answer = isSent ? wordsFor(localeOf(request)).t('findAnswer', { most }) : undefined;
    response.send(pageOf(request, { address: '', faults: [], ...(answer ? { answer } : {}) }));
  });
  router.post(patterns.find, limit, form, async (request, response) => {
    const posted: unknown = Object(request.body)['address'];
    if (posted !== undefined && typeof posted !== 'string') throw new DomainError('INVALID_FORM');
    const address = (posted ?? '').slice(0, 320);
    try {
      const subscriberId = deps.subscriberIds('EMAIL', readAddress('EMAIL', address));
      const catalogue = await reading(() => deps.catalogue());
      const unitId = unitOf(catalogue, undefined)?.id ?? 0;
      await queueLostLink(deps, { subscriberId, unitId, locale: localeOf(request), queuedBy: 'find' });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'INVALID_ADDRESS') throw error;
      const { t } = wordsFor(localeOf(request));
      const text = t(address.trim() ? 'findBadAddress' : 'findNoAddress');
      response.status(422).send(pageOf(request, { address, faults: [{ text, href: '#address' }] }));
      return;
    }
    const sent = saidMark(saidContext(deps, ''), paths.find(), 'sent');
    response.redirect(303, withLocale(paths.find(), request.query['lang'], { sent }));
  });
  return router;
}
