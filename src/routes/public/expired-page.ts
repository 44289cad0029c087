/** The page of an expired link: it can still opt out, and offers a fresh link. */
import { whyUnreachable } from '../../mail/mailable.js';
import type { LastSave } from '../../models/subscriber.js';
import { paths } from '../../paths.js';
import type { MessagePage } from '../../views/public-pages.js';
import { messageOf, withLocale } from './frame.js';
import type { OpenedLink } from './link.js';
import { typeIn, unitName } from '../../domain/wordings/naming.js';
import { sentencesOf } from './notice.js';
import { renderedAtMark } from './visits.js';

/** Shows nothing about the contact: an old link may have been forwarded. */
export function expiredPage(
  link: OpenedLink<'preferences'>,
  { lang, lastSave, now }: { lang: unknown; lastSave: LastSave | null; now: Date },
): MessagePage {
  const { words, catalogue, unit } = link;
  const action = paths.preferences(link.token);
  // No fresh link is offered if none would be sent.
  const isMailable = whyUnreachable(link.subscriber) === null;
  const fresh = {
    action: withLocale(paths.freshLink(link.token), lang),
    hidden: [],
    button: words.t('freshLink'),
    look: 'main' as const,
  };
  const isErased = link.subscriber.erasedAt !== null && link.subscriber.address === null;
  if (isErased) {
    return messageOf(link, action, {
      tone: 'good',
      heading: words.t('erasedHeading'),
      sentences: [words.t('erasedText')],
      links: [{ href: withLocale(paths.erasureReceipt(link.token), lang), text: words.t('receiptLink') }],
    });
  }
  if (lastSave) {
    return messageOf(link, action, {
      tone: 'good',
      heading: words.t('unsubscribedHeading'),
      sentences: sentencesOf(lastSave.changes, { channel: link.subscriber.channel, catalogue, words }),
      forms: isMailable ? [{ ...fresh, look: 'plain' }] : [],
    });
  }
  const type = link.claims.typeId === undefined ? undefined : catalogue.types.get(link.claims.typeId);
  const stop = (value: string, button: string) => ({
    action: withLocale(action, lang),
    hidden: [
      { name: 'stop', value },
      { name: 'renderedAt', value: renderedAtMark(now) },
    ],
    button,
    look: 'stop' as const,
  });
  return messageOf(link, action, {
    tone: 'warn',
    heading: words.t('expiredHeading'),
    sentences: [words.t(isMailable ? 'expiredText' : 'expiredTextUnmailable')],
    forms: [
      ...(isMailable ? [fresh] : []),
      ...(type
        ? [
            stop(
              `type-${type.id}`,
              words.t('footerUnsubscribeOne', { type: typeIn(type, words.locale).name }),
            ),
          ]
        : []),
      ...(unit ? [stop(`unit-${unit.id}`, words.t('stopUnit', { unit: unitName(unit, words.locale) }))] : []),
      ...(catalogue.units.size > 1
        ? [{ ...stop('all', words.t('stopAllBrands')), look: 'plain' as const }]
        : []),
    ],
  });
}
