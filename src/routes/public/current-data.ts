/** "My data", the part that holds now: what the file has, in the reader's words, and nothing that tells who the reader is (decision 0650). */
import { effectiveStatus } from '../../domain/consent/effective.js';
import { findContact } from '../../domain/contacts/read.js';
import { typeIn, unitIn } from '../../domain/wordings/naming.js';
import type { Deps } from '../../deps.js';
import { isLocale, languageNames } from '../../vocabulary/locales.js';
import type { MyHistoryPage } from '../../views/public-pages.js';
import type { OpenedLink } from './link.js';

type Link = OpenedLink<'preferences'>;
type Line = MyHistoryPage['current'][number];

const stateKeys = { SUBSCRIBED: 'stateOn', UNSUBSCRIBED: 'stateOff', NOT_SPECIFIED: 'stateNone' } as const;

/** @param isShown whether public pages name a type to this contact */
export async function currentData(
  deps: Deps,
  link: Link,
  isShown: (typeId: number) => boolean,
): Promise<Line[]> {
  const { subscriber, words } = link;
  const { _id: subscriberId, contactId, undeliverable } = subscriber;
  const [contact, mails] = await Promise.all([
    contactId ? findContact(deps, { scope: null, contactId }) : null,
    deps.models.mails.countDocuments({ subscriberId }),
  ]);
  const locale = contact?.locale ?? subscriber.locale ?? '';
  const language = isLocale(locale) ? [words.t('recordLanguage', { language: languageNames[locale] })] : [];
  return [
    ...choices(link, isShown, deps.clock()),
    ...(undeliverable ? [{ what: words.t('eventUndeliverable'), notes: [words.day(undeliverable.at)] }] : []),
    ...(contact
      ? [
          {
            what: words.t('recordSince', { day: words.day(contact.createdAt) }),
            notes: [...language, ...basisIn(link, contact.processingBasis)],
          },
        ]
      : []),
    { what: words.t('mailsLately', { count: mails }), notes: [] },
  ];
}

/** The status of each type, with its unit. */
function choices(link: Link, isShown: (typeId: number) => boolean, now: Date): Line[] {
  const { subscriber, catalogue, words } = link;
  return catalogue.orderedTypes
    .filter((type) => type.channel === subscriber.channel && isShown(type.id))
    .map((type) => {
      const { status, standing } = effectiveStatus(subscriber, type);
      const state = words.t(stateKeys[status]);
      const until = subscriber.snoozes[type.id]?.until;
      const unit = catalogue.units.get(type.unitId);
      return {
        what: [typeIn(type, words.locale).name, ...(unit ? [unitIn(unit, words.locale).name] : [])].join(
          ' · ',
        ),
        notes: [
          standing ? words.t('stateSince', { state, day: words.day(standing.at) }) : state,
          ...(until && until > now ? [words.t('pausedUntil', { day: words.day(until) })] : []),
          ...basisIn(link, standing?.legalBasis),
        ],
      };
    });
}

function basisIn({ words }: Link, legalBasis: string | null | undefined): string[] {
  const basis = legalBasis && words.copy[`basis${legalBasis}`];
  return basis ? [words.t('basisLine', { basis })] : [];
}
