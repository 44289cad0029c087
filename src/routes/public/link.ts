/** Opens the link of a request: checks its token by kind, reads the subscriber, and decides what the link may do. */
import type { Request, Response } from 'express';
import { reading } from '../../domain/consent/durability.js';
import type { Actor, Catalogue } from '../../vocabulary/terms.js';
import { staffRef } from '../../vocabulary/access.js';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { newSubscriber, type SubscriberHead } from '../../models/subscriber.js';
import { findSubscriber } from '../../models/find-subscribers.js';
import type { TokenKind, VerifiedToken } from '../../tokens/kinds.js';
import type { Words } from '../../views/contract.js';
import { wordsFor } from '../../views/words.js';
import { negotiateLocale } from '../../vocabulary/locales.js';
import { unitOf } from '../../domain/wordings/naming.js';
import type { Speaker } from './frame.js';
import type { Visits } from './visits.js';

export interface OpenedLink<K extends TokenKind> extends Speaker {
  kind: K;
  token: string;
  claims: VerifiedToken<K>['claims'];
  subscriber: SubscriberHead;
  /** The subscriber as read, for the write that follows; null if unknown. */
  found: SubscriberHead | null;
  catalogue: Catalogue;
  words: Words;
  /** Not expired, and of the subscriber's current link epoch. Only then may it show anything or opt in. */
  isFresh: boolean;
}

/** A request by a link, and where its answer goes. */
export interface LinkExchange<K extends TokenKind> {
  deps: Deps;
  visits: Visits;
  link: OpenedLink<K>;
  request: Request;
  response: Response;
}

/**
 * Opens a link of one kind.
 * @throws DomainError `INVALID_TOKEN` (the same for malformed, forged and unknown), `DATABASE_AWAY`
 */
export async function openLink<K extends TokenKind>(
  deps: Deps,
  kind: K,
  request: Request,
): Promise<OpenedLink<K>> {
  const token = tokenOf(request);
  const now = deps.clock();
  const verified = await deps.tokens.verify(kind, token, now);
  const { claims } = verified;
  if (request.res) request.res.locals['linkLocale'] = claims.locale;
  const [found, catalogue] = await reading(() =>
    Promise.all([findSubscriber(deps.models.subscribers, claims.subscriberId), deps.catalogue()]),
  );
  const subscriber = found ?? newSubscriber(claims.subscriberId, 'EMAIL', null, now);
  const unit = unitOf(catalogue, claims.unitId);
  return {
    kind,
    token,
    claims,
    subscriber: {
      ...subscriber,
      // Confirmed opt-ins are kept for "why do I get this?"; pending ones expire.
      pending: subscriber.pending.filter(({ confirmedAt, expiresAt }) => confirmedAt || expiresAt > now),
    },
    found,
    catalogue,
    words: wordsFor(localeOf(request, claims.locale, subscriber.locale, unit?.defaultLocale)),
    isFresh: !verified.isExpired && claims.epoch >= subscriber.epoch,
    ...(unit ? { unit } : {}),
  };
}

/** The token of a path. Any value other than one string counts as forged. */
export function tokenOf(request: Request): string {
  const token = request.params['token'];
  if (typeof token !== 'string') throw new DomainError('INVALID_TOKEN');
  return token;
}

/** The contact, acting through this link. For a link that staff copied, with the user who copied it. */
export function contactOf({
  isFresh,
  kind,
  claims,
}: Pick<OpenedLink<TokenKind>, 'isFresh' | 'kind' | 'claims'>): Actor {
  const copiedBy = 'copiedBy' in claims ? claims.copiedBy : undefined;
  return {
    kind: 'CONTACT',
    isLinkFresh: isFresh,
    ref: `${kind} link`,
    ...(copiedBy ? { by: staffRef({ id: copiedBy }) } : {}),
  };
}

/** The language that the reader has chosen on the page, to be stored for the contact; none without a choice, or for an old link. */
export function chosenLocale(
  { isFresh, words }: Pick<OpenedLink<TokenKind>, 'isFresh' | 'words'>,
  { query }: Request,
): { chosenLocale?: string } {
  return isFresh && query['lang'] === words.locale ? { chosenLocale: words.locale } : {};
}

/** The reader's language: from the request, else from the link, the contact, the browser, the unit. */
export function localeOf(
  request: Request,
  link?: string,
  contact?: string | null,
  unitDefault?: string,
): Words['locale'] {
  const asked = request.query['lang'];
  const acceptLanguage = request.get('accept-language');
  return negotiateLocale({
    ...(typeof asked === 'string' ? { asked } : {}),
    ...(link ? { link } : {}),
    ...(contact ? { contact } : {}),
    ...(acceptLanguage ? { acceptLanguage } : {}),
    ...(unitDefault ? { unitDefault } : {}),
  });
}
