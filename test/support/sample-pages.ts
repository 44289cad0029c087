/**
 * Rich sample models of every page, in any language: for the tests of the views and for the gallery. Long, since it holds every page in every
 * state.
 */
import { accentPair, brandStyle } from '../../src/views/brand-style.js';
import { locales } from '../../src/vocabulary/locales.js';
import type { MailParts, Words } from '../../src/views/contract.js';
import type { Locale } from '../../src/vocabulary/locales.js';
import type {
  FindPage,
  Frame,
  MessagePage,
  MyHistoryPage,
  OutboxPage,
  PreferencesPage,
  TypeRow,
  UnitSection,
} from '../../src/views/public-pages.js';
import { wordsFor } from '../../src/views/words.js';
import { languageNames } from '../../src/vocabulary/locales.js';

const someDay = new Date('2026-03-14T09:26:00Z');
const laterDay = new Date('2027-01-21T00:00:00Z');

/** What the gallery serves at `/brands/<id>.css`. */
export const sampleBrandStyles: Readonly<Record<string, string>> = {
  '1': brandStyle({ id: 1, accent: accentPair('#2f5d50') }),
  '2': brandStyle({ id: 2, accent: accentPair('#3a5ba9') }),
  '3': brandStyle({ id: 3, accent: accentPair('#e8b500') }),
};

export function sampleFrame(locale: Locale, title: string): Frame {
  const words = wordsFor(locale);
  return {
    locale,
    direction: words.direction,
    title,
    copy: words.copy,
    unit: {
      id: 1,
      name: 'Northwind Outdoors',
      initial: 'N',
      postalAddress: 'Northwind Outdoors, Storgata 1, 0155 Oslo, Norway',
      privacyPolicyUrl: 'https://northwind.example/privacy',
    },
    brandStyles: ['/brands/1.css?v=1', '/brands/2.css?v=1', '/brands/3.css?v=1'],
    languages: locales.map((code) => ({ code, name: languageNames[code], isCurrent: code === locale })),
    languageAction: '/p/token',
  };
}

function pauseChoices({ t, copy, day }: Words, isPaused: boolean): NonNullable<TypeRow['pause']> {
  const first = isPaused
    ? [
        { value: '', label: t('pauseStays', { day: day(laterDay) }), isSelected: true },
        { value: '0', label: copy['pauseResume'] ?? '', isSelected: false },
      ]
    : [{ value: '', label: copy['pauseNone'] ?? '', isSelected: true }];
  const lengths = ['30', '60', '90'];
  return [...first, ...lengths.map((n) => ({ value: n, label: copy[`pause${n}`] ?? '', isSelected: false }))];
}

function row(words: Words, id: number, name: string, what: string, isOn: boolean): TypeRow {
  const common = { id, name, what, chips: [], isOn, isFrom: false };
  if (!isOn) return common;
  const since = words.t('whyConfirmed', { day: words.day(someDay) });
  const basis = words.t('basisLine', { basis: words.copy['basisCONSENT_WITH_NOTICE'] ?? '' });
  return { ...common, reason: `${since} ${basis}`, pause: pauseChoices(words, false) };
}

function sampleUnits(words: Words): UnitSection[] {
  const from = row(words, 1, 'Trail notes', 'Routes, seasons and gear that lasts. Twice a month.', true);
  const paused = row(words, 4, 'Repair reminders', 'Once a year: wax it, patch it, keep it.', true);
  const pending = row(words, 3, 'Offers and discounts', 'Sales, before they are on the site.', false);
  const survey = row(words, 6, 'Guest survey', 'One question after a stay.', false);
  return [
    {
      id: 1,
      name: 'Northwind Outdoors',
      initial: 'N',
      isFrom: true,
      countText: words.t('unitCount', { on: 3, count: 4 }),
      types: [
        { ...from, isFrom: true, chips: [{ text: words.copy['cameFrom'] ?? '', tone: 'plain' }] },
        row(words, 2, 'Product news', 'What is new in the shop, and when it arrives.', true),
        { ...pending, chips: [{ text: words.copy['pendingChip'] ?? '', tone: 'warn' }] },
        {
          ...paused,
          pause: pauseChoices(words, true),
          chips: [{ text: words.t('pausedUntil', { day: words.day(laterDay) }), tone: 'warn' }],
        },
      ],
    },
    {
      id: 2,
      name: 'Fjell Hotels',
      initial: 'F',
      isFrom: false,
      countText: words.t('unitCount', { on: 1, count: 2 }),
      types: [
        row(words, 5, 'Weekend letters', 'Quiet rooms, in the week that they are free.', true),
        { ...survey, chips: [{ text: words.copy['channelSMS'] ?? '', tone: 'plain' }] },
      ],
    },
  ];
}

export function samplePreferences(locale: Locale): PreferencesPage {
  const words = wordsFor(locale);
  const { copy, t } = words;
  return {
    ...sampleFrame(locale, copy['pageTitle'] ?? ''),
    action: '/p/token',
    shown: '1s.2s.3n.4s.5s.6u',
    wording: 'uWqkXcPzv2Yd1m2cEo8v4Q3p6gkq1T7c5nN0bqjQmXo',
    renderedAt: '1773480360000',
    who: 'a••••@example.com',
    faults: [],
    notice: {
      tone: 'good',
      strong: copy['saved'] ?? '',
      sentences: [t('nowOff', { names: words.list(['Offers and discounts', 'Guest survey']) })],
      undo: { action: '/p/token', nonce: 'n0nce', label: copy['undo'] ?? '' },
    },
    units: sampleUnits(words),
    stops: [
      { value: 'unit-1', label: t('stopUnit', { unit: 'Northwind Outdoors' }), isMain: true },
      { value: 'unit-2', label: t('stopUnit', { unit: 'Fjell Hotels' }), isMain: false },
      { value: 'all', label: copy['stopAllBrands'] ?? '', isMain: false },
    ],
    stillArrives: copy['stillArrives'] ?? '',
    myHistoryUrl: '/p/token/data',
  };
}

/** Forty types with long names, an opt-out of all, and faults: what breaks weak designs. */
export function crowdedPreferences(locale: Locale): PreferencesPage {
  const words = wordsFor(locale);
  const page = samplePreferences(locale);
  const long = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenneuigkeiten und Veranstaltungshinweise';
  const types = Array.from({ length: 40 }, (_, i) => ({
    ...row(words, 100 + i, i % 7 === 0 ? `${long} ${i}` : `Letters ${i}`, 'One sentence on it.', i % 3 !== 0),
    chips:
      i % 9 === 0
        ? [{ text: words.t('pausedUntil', { day: words.day(laterDay) }), tone: 'warn' as const }]
        : [],
  }));
  const { notice: _saved, ...rest } = page;
  return {
    ...rest,
    who: 'averyveryveryverylongmailboxname••••@subdomain.of.some.department.example.com',
    faults: [
      { text: words.t('refusedOptIn', { names: 'Trail notes' }), href: '#type-1' },
      { text: words.copy['tickNeeded'] ?? '', href: '#type-100' },
    ],
    units: [
      ...page.units,
      {
        id: 3,
        name: 'Vereinigte Verkehrsbetriebe Oberbayerisches Alpenvorland und Umgebung',
        initial: 'V',
        isFrom: false,
        standing: words.t('standingUnit', { unit: 'Vereinigte Verkehrsbetriebe' }),
        countText: words.t('unitCount', { on: 0, count: 40 }),
        types,
      },
    ],
  };
}

export function sampleMessages(locale: Locale): Record<string, MessagePage> {
  const { copy, t } = wordsFor(locale);
  const word = (key: string): string => copy[key] ?? '';
  const plain = { faults: [], forms: [], links: [] };
  const manage = { href: '/p/token', text: word('manageInstead') };
  const names = { type: 'Trail notes', unit: 'Northwind Outdoors' };
  const { unit: _unit, ...bare } = { ...sampleFrame(locale, word('notFoundHeading')), brandStyles: [] };
  return {
    unsubscribe: {
      ...sampleFrame(locale, t('unsubscribeHeadingType', names)),
      ...plain,
      tone: 'plain',
      heading: t('unsubscribeHeadingType', names),
      sentences: [t('unsubscribeTextType', names)],
      forms: [{ action: '/u/token', hidden: [], button: word('unsubscribe'), look: 'main' }],
      links: [manage],
    },
    unsubscribed: {
      ...sampleFrame(locale, word('unsubscribedHeading')),
      ...plain,
      tone: 'good',
      heading: word('unsubscribedHeading'),
      sentences: [t('unsubscribedType', names), word('stillArrives')],
      forms: [
        {
          action: '/u/token',
          hidden: [],
          button: word('reasonSend'),
          look: 'plain',
          choices: {
            legend: word('reasonLegend'),
            name: 'reason',
            options: ['TooMany', 'NotRelevant', 'NeverAsked', 'Other'].map((value) => ({
              value,
              label: word(`reason${value}`),
            })),
          },
        },
        {
          action: '/u/token',
          hidden: [{ name: 'undo', value: 'n0nce' }],
          lead: `${word('undoHeading')} ${t('undoText', { names: 'Trail notes' })}`,
          button: word('undoButton'),
          look: 'plain',
          tick: [{ name: 'yes', label: word('undoTick'), isRequired: true }],
        },
      ],
      links: [manage],
    },
    confirm: {
      ...sampleFrame(locale, word('confirmHeading')),
      ...plain,
      tone: 'plain',
      heading: word('confirmHeading'),
      sentences: [t('confirmText', { names: 'Trail notes', unit: 'Northwind Outdoors' })],
      faults: [{ text: word('tickNeeded'), href: '#yes' }],
      forms: [
        {
          action: '/c/token',
          hidden: [],
          button: word('confirmButton'),
          look: 'main',
          tick: [{ name: 'yes', label: word('confirmTick'), isRequired: true }],
        },
      ],
    },
    expired: {
      ...sampleFrame(locale, word('expiredHeading')),
      ...plain,
      tone: 'warn',
      heading: word('expiredHeading'),
      sentences: [word('expiredText')],
      forms: [
        { action: '/p/token/fresh-link', hidden: [], button: word('freshLink'), look: 'main' },
        { action: '/p/token', hidden: [], button: t('stopUnit', names), look: 'stop' },
      ],
    },
    away: {
      ...sampleFrame(locale, word('awayHeading')),
      ...plain,
      tone: 'stop',
      heading: word('awayHeading'),
      sentences: [word('awayText')],
      links: [{ href: '/p/token', text: word('tryAgain') }],
    },
    'not-found': {
      ...bare,
      ...plain,
      tone: 'plain',
      heading: word('notFoundHeading'),
      sentences: [word('notFoundText')],
      links: [{ href: '/find', text: word('findLink') }],
    },
  };
}

export function sampleFind(locale: Locale, extra: Partial<FindPage> = {}): FindPage {
  const { unit: _unit, ...bare } = sampleFrame(locale, wordsFor(locale).copy['findTitle'] ?? '');
  return { ...bare, brandStyles: [], action: '/find', address: '', faults: [], ...extra };
}

export function sampleHistory(locale: Locale): MyHistoryPage {
  const { copy, t, moment, day } = wordsFor(locale);
  const by = (kind: string): string => copy[`by${kind}`] ?? '';
  const told = (hour: number, what: string, who: string): MyHistoryPage['events'][number] => {
    const at = new Date(Date.UTC(2026, 2, 14, hour, 5));
    return { when: moment(at), isoTime: at.toISOString(), what, by: who };
  };
  return {
    ...sampleFrame(locale, copy['myDataTitle'] ?? ''),
    who: 'a••••@example.com',
    preferencesUrl: '/p/token',
    fileUrl: '/p/token/data.json',
    eraseAction: '/p/token/data',
    wording: 'uWqkXcPzv2Yd1m2cEo8v4Q3p6gkq1T7c5nN0bqjQmXo',
    faults: [],
    current: [
      {
        what: 'Trail notes · Northwind Outdoors',
        notes: [t('stateSince', { state: copy['stateOn'] ?? '', day: day(laterDay) })],
      },
      { what: 'Offers and discounts · Northwind Outdoors', notes: [copy['stateNone'] ?? ''] },
      { what: t('mailsLately', { count: 2 }), notes: [] },
    ],
    events: [
      told(21, t('eventStatusOff', { type: 'Offers and discounts' }), by('Machine')),
      told(20, t('eventPaused', { type: 'Repair reminders', day: day(laterDay) }), by('CONTACT')),
      told(14, t('eventAllUnitOff', { unit: 'Fjell Hotels' }), t('bySTAFF', { unit: 'Fjell Hotels' })),
      {
        ...told(9, t('eventStatusOn', { type: 'Trail notes' }), by('CONTACT')),
        basis: t('basisLine', { basis: copy['basisCONSENT_WITH_NOTICE'] ?? '' }),
      },
    ],
  };
}

export function sampleOutbox(locale: Locale): OutboxPage {
  const { unit: _unit, ...bare } = sampleFrame(locale, wordsFor(locale).copy['outboxTitle'] ?? '');
  const mail = {
    id: '1',
    to: 'alice@example.com',
    subject: 'Your link to your preferences at Northwind Outdoors',
    when: '09:26',
    url: '/dev/outbox/1',
  };
  return {
    ...bare,
    brandStyles: [],
    mails: [mail, { ...mail, id: '2', subject: 'Please confirm: Northwind Outdoors' }],
  };
}

export function sampleMail(locale: Locale): MailParts {
  const { copy, t, direction } = wordsFor(locale);
  return {
    subject: t('mailConfirmSubject', { unit: 'Northwind Outdoors' }),
    heading: copy['mailConfirmHeading'] ?? '',
    sentences: [t('mailConfirmText', { names: 'Trail notes' })],
    button: { label: copy['mailConfirmButton'] ?? '', url: 'https://mail.example/c/token?a=1&b=2' },
    small: [copy['mailConfirmSmall'] ?? ''],
    unit: {
      name: 'Northwind Outdoors',
      postalAddress: 'Northwind Outdoors, Storgata 1, 0155 Oslo, Norway',
      accent: accentPair('#2f5d50').light,
    },
    footerLinks: [
      { label: copy['footerManage'] ?? '', url: 'https://mail.example/p/token' },
      {
        label: t('footerUnsubscribeAll', { unit: 'Northwind Outdoors' }),
        url: 'https://mail.example/u/token',
      },
    ],
    locale,
    direction,
  };
}
