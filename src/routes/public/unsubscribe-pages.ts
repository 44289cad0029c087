/** The two pages of "Unsubscribe": before and after. They show nothing about the contact. */
import { isCoveredByAll } from '../../domain/consent/effective.js';
import type { LastSave } from '../../models/subscriber.js';
import { reasons } from '../../models/unsubscribe-reason.js';
import { paths } from '../../paths.js';
import type { SubscriptionType } from '../../vocabulary/terms.js';
import type { MessagePage } from '../../views/public-pages.js';
import { messageOf, withLocale } from './frame.js';
import type { OpenedLink } from './link.js';
import { typeIn, unitName } from '../../domain/wordings/naming.js';
import { sentencesOf } from './notice.js';
import { stillArrives, whatEnded, whatStopped } from '../../domain/wordings/still-arrives.js';
import { renderedAtMark } from './visits.js';

type Link = OpenedLink<'unsubscribe'>;

const reasonWords = {
  TOO_MANY: 'reasonTooMany',
  NOT_RELEVANT: 'reasonNotRelevant',
  NEVER_ASKED: 'reasonNeverAsked',
  OTHER: 'reasonOther',
} as const satisfies Record<(typeof reasons)[number], string>;

/** One button. Its form goes to the unsubscribe page, never to the header's URL. */
export function askPage(link: Link, { lang, now }: { lang: unknown; now: Date }): MessagePage {
  const { words, catalogue } = link;
  const names = namesOf(link);
  const type = typeOf(link);
  const isType = type !== undefined;
  const values = { unit: names.unit, type: names.type ?? '' };
  return messageOf(link, paths.unsubscribe(link.token), {
    tone: 'plain',
    heading: words.t(isType ? 'unsubscribeHeadingType' : 'unsubscribeHeadingUnit', values),
    sentences: [
      // Transactional messages continue, so the page does not say that they end.
      ...(type && !isCoveredByAll(type)
        ? [words.t('stillArrivesUnnamed')]
        : [words.t(isType ? 'unsubscribeTextType' : 'unsubscribeTextUnit', values)]),
      // For one type only, everything else continues, which the text says.
      ...(isType
        ? []
        : [stillArrives(catalogue, { channel: link.subscriber.channel, unitId: link.claims.unitId }, words)]),
    ],
    forms: [
      {
        action: withLocale(paths.unsubscribe(link.token), lang),
        hidden: [{ name: 'renderedAt', value: renderedAtMark(now) }],
        button: words.t('unsubscribe'),
        look: 'main',
      },
    ],
    links: [manageInstead(link)],
  });
}

/** The result, Undo, and an optional question. */
export function donePage(
  link: Link,
  save: LastSave | null,
  { lang, mayUndo, hasReason }: { lang: unknown; mayUndo: boolean; hasReason: boolean },
): MessagePage {
  const { words, catalogue } = link;
  const action = withLocale(paths.unsubscribe(link.token), lang);
  if (!save) {
    return messageOf(link, paths.unsubscribe(link.token), {
      tone: 'good',
      heading: words.t('unsubscribedHeading'),
      sentences: [words.t('alreadyUnsubscribed')],
      links: [manageInstead(link)],
    });
  }
  const isUndone = save.changes.some(({ what }) => what === 'UNDONE');
  const undoForm: MessagePage['forms'] = mayUndo
    ? [
        {
          action,
          hidden: [{ name: 'undo', value: save.nonce }],
          button: words.t('undo'),
          look: 'plain',
        },
      ]
    : [];
  return messageOf(link, paths.unsubscribe(link.token), {
    tone: 'good',
    heading: words.t(isUndone ? 'undone' : 'unsubscribedHeading'),
    sentences: [...saidOf(link, save), ...(hasReason ? [words.t('reasonThanks')] : [])],
    forms: [...undoForm, ...(isUndone || hasReason ? [] : [reasonForm(link, action, save.nonce)])],
    links: [manageInstead(link)],
  });

  function saidOf({ words: { t }, unit }: Link, { changes }: LastSave): string[] {
    const names = namesOf(link);
    const { channel } = link.subscriber;
    const type = typeOf(link);
    if (isUndone && names.type !== undefined) return sentencesOf(changes, { channel, catalogue, words });
    // It does not say which types of the unit are on again: this link shows nothing about the contact.
    const isWaiting = changes.some((change) => change.what === 'TYPE' && change.outcome === 'PENDING');
    if (isUndone) return isWaiting ? [t('pendingMailed', unsubscribedNames(link))] : [];
    return names.type === undefined
      ? whatStopped('NOW', catalogue, { channel, unit: unit ?? null }, words)
      : type && !isCoveredByAll(type)
        ? whatEnded([type], words)
        : [t('unsubscribedType', { type: names.type, unit: names.unit })];
  }
}

/** Undo was pressed too late, after a later act, or by a revoked link. */
export function tooLatePage(link: Link): MessagePage {
  const { t } = link.words;
  return messageOf(link, paths.unsubscribe(link.token), {
    tone: 'warn',
    heading: t('nothingChanged'),
    sentences: [t('undoExpired')],
    links: [manageInstead(link)],
  });
}

/** What an unsubscribe link stops, from the link itself: its type or its unit, never the contact's choices. */
export function unsubscribedNames(link: Link): { names: string; count: number } {
  const { type, unit } = namesOf(link);
  return { names: type ?? unit, count: 1 };
}

function reasonForm({ words }: Link, action: string, nonce: string): MessagePage['forms'][number] {
  return {
    action,
    hidden: [{ name: 'of', value: nonce }],
    button: words.t('reasonSend'),
    look: 'plain',
    choices: {
      legend: words.t('reasonLegend'),
      name: 'reason',
      options: reasons.map((value) => ({ value, label: words.t(reasonWords[value]) })),
    },
  };
}

function manageInstead({ words }: Link): MessagePage['links'][number] {
  return { href: paths.find(), text: words.t('manageInstead') };
}

function typeOf({ claims, catalogue }: Link): SubscriptionType | undefined {
  return claims.typeId === undefined ? undefined : catalogue.types.get(claims.typeId);
}

function namesOf(link: Link): { unit: string; type?: string } {
  const { unit, words } = link;
  const type = typeOf(link);
  return {
    unit: unitName(unit, words.locale),
    ...(type ? { type: typeIn(type, words.locale).name } : {}),
  };
}
