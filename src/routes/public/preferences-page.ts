/** Builds the preference page: a subscriber's statuses in the reader's words. */
import { isConfirmable } from '../../domain/consent/decide-opt-in.js';
import { effectiveStatus, isShownOn } from '../../domain/consent/effective.js';
import { maskAddress } from '../../domain/consent/shown-address.js';
import type { BusinessUnit, SubscriptionType } from '../../vocabulary/terms.js';
import { paths } from '../../paths.js';
import type { Words } from '../../views/contract.js';
import type { Chip, Notice, PreferencesPage, TypeRow, UnitSection } from '../../views/public-pages.js';
import { faceOf, frameOf, withLocale } from './frame.js';
import type { OpenedLink } from './link.js';
import { publicTypes, typeIn, unitIn } from '../../domain/wordings/naming.js';
import { noticeWords } from './notice.js';
import { stillArrives, whatStopped } from '../../domain/wordings/still-arrives.js';
import { renderedAtMark } from './visits.js';
import { whyOf } from './why.js';
import { pageWording, wordingOf } from '../../domain/wordings/wording.js';

type PreferencesLink = OpenedLink<'preferences'>;

/** The reader's choices when a save was refused, so that no input is lost. */
export interface Draft {
  isOn: (typeId: number) => boolean | undefined;
  faults: { text: string; href: string }[];
}

/** The page of `GET /p/:token`, and of a refused `POST`. */
export function preferencesPage(
  link: PreferencesLink,
  now: Date,
  extra: { lang: unknown; notice?: Notice; draft?: Draft },
): PreferencesPage {
  const { subscriber, catalogue, words } = link;
  const types = publicTypes(catalogue, subscriber.channel);
  const units = unitsOf(link, types);
  const action = withLocale(paths.preferences(link.token), extra.lang);
  return {
    ...frameOf(link, words.t('pageTitle'), paths.preferences(link.token), units),
    action,
    shown: types.map((type) => `${type.id}:${isShownOn(subscriber, type, catalogue) ? 1 : 0}`).join(','),
    wording: wordingOf(catalogue, subscriber.channel, words.locale).hash,
    renderedAt: renderedAtMark(now),
    who: maskAddress(subscriber.channel, subscriber.address),
    faults: extra.draft?.faults ?? [],
    ...(extra.notice && { notice: extra.notice, noticeWording: pageWording(noticeWords(extra.notice)).hash }),
    ...standingOverAll(link, types),
    units: units.map((unit) => sectionOf(link, unit, types, now, extra.draft)),
    stops: stopsOf(link, units),
    stillArrives: stillArrives(catalogue, { channel: subscriber.channel, unitId: null }, words),
    myHistoryUrl: withLocale(paths.myHistory(link.token), extra.lang),
  };
}

/** An opt-out of everything is stated once, above the brands. */
function standingOverAll(
  { subscriber, catalogue, words }: PreferencesLink,
  types: readonly SubscriptionType[],
): Pick<PreferencesPage, 'standing'> {
  const isStopped = subscriber.optOuts.portal !== null && !isWaitingFor(subscriber, types);
  // No hint to switch something on if nothing can be switched on.
  const mayReturn = types.some((type) => isConfirmable(type, catalogue));
  if (!isStopped) return {};
  const about = { channel: subscriber.channel, unit: null };
  return { standing: whatStopped(mayReturn ? 'STANDING' : 'NOW', catalogue, about, words).join(' ') };
}

/** Units with something to show, starting with the one that sent the mail. */
function unitsOf(link: PreferencesLink, types: readonly SubscriptionType[]): BusinessUnit[] {
  const shown = [...link.catalogue.units.values()].filter((unit) =>
    types.some(({ unitId }) => unitId === unit.id),
  );
  return shown.sort((a, b) => Number(b.id === link.unit?.id) - Number(a.id === link.unit?.id));
}

function sectionOf(
  link: PreferencesLink,
  unit: BusinessUnit,
  types: readonly SubscriptionType[],
  now: Date,
  draft: Draft | undefined,
): UnitSection {
  const { words, claims, subscriber } = link;
  const own = types
    .filter(({ unitId }) => unitId === unit.id)
    .sort((a, b) => Number(b.id === claims.typeId) - Number(a.id === claims.typeId));
  const rows = own.map((type) => rowOf(link, unit, type, now, draft));
  const on = rows.filter(({ isOn }) => isOn).length;
  const face = faceOf(unit, words.locale, link.catalogue.revision);
  const { portal, units } = subscriber.optOuts;
  // A contact who waits for a confirmation has switched something on. A hint to do so would read as if it had failed.
  const isStopped = !portal && units[unit.id] !== undefined && !isWaitingFor(subscriber, own);
  const mayReturn = rows.some(({ notOffered }) => notOffered === undefined);
  const about = { channel: subscriber.channel, unit };
  // The buttons that stop things say what still arrives.
  const [standing] = isStopped
    ? whatStopped(mayReturn ? 'STANDING' : 'NOW', link.catalogue, about, words)
    : [];
  return {
    ...face,
    isFrom: unit.id === link.unit?.id,
    countText: words.t('unitCount', { on, count: rows.length }),
    ...(standing ? { standing } : {}),
    types: rows,
  };
}

function rowOf(
  link: PreferencesLink,
  unit: BusinessUnit,
  type: SubscriptionType,
  now: Date,
  draft: Draft | undefined,
): TypeRow {
  const { subscriber, catalogue, words, claims } = link;
  const isOn = isShownOn(subscriber, type, catalogue);
  const snooze = subscriber.snoozes[type.id];
  const until = isOn && snooze && snooze.until > now ? snooze.until : null;
  const isFrom = type.id === claims.typeId;
  const { name, description } = typeIn(type, words.locale);
  return {
    id: type.id,
    name,
    what: description,
    chips: chipsOf(link, type, until, isFrom),
    isOn: draft?.isOn(type.id) ?? isOn,
    isFrom,
    ...(isOn || isConfirmable(type, catalogue) ? {} : { notOffered: words.t('notOffered') }),
    ...(isOn && {
      reason: whyOf(subscriber, type, unitIn(unit, words.locale).name, words),
      pause: pausesOf(link, until),
    }),
  };
}

/** True if an opt-in to one of these types is pending. */
function isWaitingFor(
  { pending }: PreferencesLink['subscriber'],
  types: readonly SubscriptionType[],
): boolean {
  return pending.some((wish) => !wish.confirmedAt && types.some((type) => wish.typeIds.includes(type.id)));
}

function chipsOf(link: PreferencesLink, type: SubscriptionType, until: Date | null, isFrom: boolean): Chip[] {
  const { words, subscriber } = link;
  const isWaiting =
    isWaitingFor(subscriber, [type]) && effectiveStatus(subscriber, type).status !== 'SUBSCRIBED';
  const chip = (text: string | undefined, tone: Chip['tone']): Chip[] => (text ? [{ text, tone }] : []);
  return [
    ...(isFrom ? chip(words.copy['cameFrom'], 'plain') : []),
    ...(type.channel === 'EMAIL' ? [] : chip(words.copy[`channel${type.channel}`], 'plain')),
    ...(until ? chip(words.t('pausedUntil', { day: words.day(until) }), 'warn') : []),
    ...(isWaiting ? chip(words.copy['pendingChip'], 'warn') : []),
  ];
}

/** The first choice changes nothing, so an unchanged form changes nothing. */
function pausesOf({ words }: PreferencesLink, until: Date | null): Pauses {
  const known = until ? undefined : unpaused.get(words);
  if (known) return known;
  const pauses = Object.freeze(makePauses(words, until));
  if (!until) unpaused.set(words, pauses);
  return pauses;
}

type Pauses = NonNullable<TypeRow['pause']>;

/** The choices for a type that is not paused: one list per language, which the views render once and cache. */
const unpaused = new WeakMap<Words, Pauses>();

function makePauses({ copy, t, day }: Words, until: Date | null): Pauses {
  const asItIs = until ? t('pauseStays', { day: day(until) }) : copy['pauseNone'];
  return [
    { value: '', label: asItIs ?? '', isSelected: true },
    ...(until ? [{ value: '0', label: t('pauseResume'), isSelected: false }] : []),
    ...['30', '60', '90'].map((value) => ({ value, label: t(`pause${value}`), isSelected: false })),
  ];
}

/** One button for the unit that sent the mail (or the first that still sends), one for all of them. */
function stopsOf(link: PreferencesLink, units: BusinessUnit[]): PreferencesPage['stops'] {
  const { words, subscriber } = link;
  if (subscriber.optOuts.portal) return [];
  const unit = units.find(({ id }) => !subscriber.optOuts.units[id]);
  const ofUnit = unit
    ? [
        {
          value: `unit-${unit.id}`,
          label: words.t('stopUnit', { unit: unitIn(unit, words.locale).name }),
          isMain: true,
        },
      ]
    : [];
  if (link.catalogue.units.size < 2) return ofUnit;
  return [...ofUnit, { value: 'all', label: words.t('stopAllBrands'), isMain: !unit }];
}
