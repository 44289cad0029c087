/** The contacts of the demonstration world with half a year of acts: made up from one seed, so they are the same each time. */
import type { ConsentInput } from '../domain/consent/change.js';
import type { ContactForm } from '../domain/contacts/contact-form.js';
import type { UnsubscribeReason } from '../models/unsubscribe-reason.js';
import { locales, type Locale } from '../vocabulary/locales.js';
import type { ActorKind } from '../vocabulary/terms.js';
import { chanceOf, type Chance } from './chance.js';
import { namesByLocale } from './demo-names.js';
import { fjell, guestSurvey, northwind, offers, productNews } from './world.js';
import { repairReminders, trailNotes, weekendLetters } from './world.js';

/** The world begins this many days before today. */
export const historyDays = 182;
/** Acts of a day happen at a few moments, so that each moment is one bulk write. Contacts are made at the first. */
export const slots = ['07:10', '10:42', '14:05', '19:27'] as const;

/** The API key of the shop, the support user, and the user who imports, as events name them. */
export type Actors = Record<'API' | 'STAFF' | 'IMPORT', string>;

export interface CrowdAct extends Pick<ConsentInput, 'actor' | 'wishes' | 'circumstances'> {
  daysAgo: number;
  slot: number;
  channel: 'EMAIL' | 'SMS';
  /** Confirms the pending opt-in. */
  isConfirmation?: true;
  reason?: Pick<UnsubscribeReason, 'reason' | 'unitId' | 'typeId'>;
}

export interface CrowdContact {
  id: string;
  form: ContactForm;
  daysAgo: number;
  by: { kind: ActorKind; ref: string };
  acts: CrowdAct[];
}

/** Mailings: contacts opt out in the days after one. */
const campaigns = [
  { name: 'hut-openings', daysAgo: 168, type: trailNotes },
  { name: 'rain-gear-guide', daysAgo: 149, type: productNews },
  { name: 'members-sale', daysAgo: 128, type: offers },
  { name: 'five-quiet-ridges', daysAgo: 110, type: trailNotes },
  { name: 'midweek-rooms', daysAgo: 96, type: weekendLetters },
  { name: 'boots-that-last', daysAgo: 74, type: productNews },
  { name: 'end-of-season-sale', daysAgo: 52, type: offers },
  { name: 'first-frost', daysAgo: 31, type: trailNotes },
  { name: 'winter-weekends', daysAgo: 18, type: weekendLetters },
  { name: 'gift-ideas', daysAgo: 6, type: offers },
] as const;

const madeBy = ['API', 'API', 'STAFF', 'IMPORT'] as const;

const optIn = (...typeIds: number[]) => typeIds.map((typeId) => ({ kind: 'OPT_IN', typeId }) as const);
const page = (locale: string) => ({ legalBasis: 'CONSENT_WITH_NOTICE', locale }) as const;
const contact = { kind: 'CONTACT', isLinkFresh: true, ref: 'link' } as const;

/** All contacts, in the order in which they were made. */
export function crowdOf(actors: Actors): CrowdContact[] {
  // Each contact has a seed of its own, so that a change of one leaves the others alone.
  const crowd = locales.flatMap((locale, language) =>
    Array.from({ length: namesByLocale[locale].contacts }, (_, at) =>
      contactOf(chanceOf(20_261 + 1000 * language + at), locale, at, actors),
    ),
  );
  return crowd.sort((a, b) => b.daysAgo - a.daysAgo || (a.id < b.id ? -1 : 1));
}

function contactOf(chance: Chance, locale: Locale, at: number, actors: Actors): CrowdContact {
  const names = namesByLocale[locale];
  const first = names.first[at % names.first.length] ?? '';
  const last = names.last[at % names.last.length] ?? '';
  const isOf = chance.below(100);
  const unitIds = isOf < 62 ? [northwind.id] : isOf < 84 ? [fjell.id] : [northwind.id, fjell.id];
  // Some were there when the account began. Records are made every second day, by one tool.
  const daysAgo = chance.is(0.3)
    ? historyDays - 2 * chance.below(4)
    : 2 * (1 + chance.below(historyDays / 2 - 5));
  const by = madeBy[(daysAgo / 2) % 4] ?? 'API';
  const phone =
    names.phone !== undefined && chance.is(0.5) ? `${names.phone}${String(at + 5).padStart(2, '0')}` : '';
  const domain = chance.pick(names.domains);
  const properties: Record<string, string> = {
    City: chance.pick(names.cities),
    'Customer level': chance.pick(['New', 'New', 'Regular', 'Regular', 'Gold']),
    ...(chance.is(0.25) ? { Company: chance.pick(names.companies) } : {}),
    ...(chance.is(0.6) ? { 'Loyalty points': String(chance.below(90) * 25) } : {}),
    ...(chance.is(0.4) ? { 'Guide member': chance.is(0.5) ? 'yes' : 'no' } : {}),
  };
  const form: ContactForm = {
    ...{ firstName: first, lastName: last, email: `${asciiOf(first)}.${asciiOf(last)}@${domain}`, phone },
    ...{ locale: chance.is(0.93) ? locale : '', unitIds, properties },
    processingBasis: by === 'API' ? 'PERFORMANCE_OF_CONTRACT' : 'PROCESS_AND_STORE',
  };
  return {
    ...{ id: idOf(chance), form, daysAgo, by: { kind: by, ref: actors[by] } },
    acts: [
      ...signUps(chance, { form, daysAgo, locale }, actors),
      ...laterActs(chance, { form, daysAgo, locale }, actors),
    ],
  };
}

interface Joined {
  form: ContactForm;
  daysAgo: number;
  locale: Locale;
}

function signUps(chance: Chance, { form, daysAgo: made, locale }: Joined, { API: shop }: Actors): CrowdAct[] {
  const daysAgo = made - chance.below(2);
  const shopActor = { kind: 'API', version: 4, ref: shop, scope: null } as const;
  const acts: CrowdAct[] = [];
  if (form.unitIds.includes(northwind.id)) {
    const how = chance.below(100);
    const types = [
      ...(chance.is(0.82) ? [trailNotes.id] : []),
      ...(chance.is(0.45) ? [productNews.id] : []),
      ...(chance.is(0.34) ? [offers.id] : []),
      ...(chance.is(0.3) ? [repairReminders.id] : []),
    ];
    if (how < 56 && types.length > 0)
      acts.push({
        ...{ daysAgo, slot: 1, channel: 'EMAIL', actor: shopActor, wishes: optIn(...types) },
        circumstances: { ...page(locale), explanation: 'Ticked the box for letters at the checkout.' },
      });
    else if (how < 88 && types.length > 0)
      acts.push({
        ...{ daysAgo, slot: 2, channel: 'EMAIL', actor: contact, wishes: optIn(...types) },
        circumstances: page(locale),
      });
    if (how < 12)
      acts.push({
        ...{ daysAgo, slot: 3, channel: 'EMAIL', actor: contact, circumstances: { locale } },
        wishes: [{ kind: 'OPT_OUT', typeId: productNews.id }],
      });
  }
  if (form.unitIds.includes(fjell.id) && chance.is(0.85)) {
    const circumstances = page(locale);
    acts.push({
      ...{ daysAgo, slot: 1, channel: 'EMAIL', actor: contact, circumstances },
      wishes: optIn(weekendLetters.id),
    });
    if (chance.is(0.86))
      acts.push({
        ...{ daysAgo, slot: 3, channel: 'EMAIL', actor: contact, circumstances, wishes: [] },
        isConfirmation: true,
      });
    if (form.phone && chance.is(0.6))
      acts.push({
        ...{ daysAgo, slot: 2, channel: 'SMS', actor: shopActor, wishes: optIn(guestSurvey.id) },
        circumstances: { ...page(locale), explanation: 'Said yes at the reception desk.' },
      });
  }
  return acts;
}

/** At most one change of mind each, after the contact has joined. */
function laterActs(
  chance: Chance,
  { form, daysAgo, locale }: Joined,
  { STAFF: support }: Actors,
): CrowdAct[] {
  const [unitId = northwind.id] = form.unitIds;
  const mailed = campaigns.filter((one) => one.type.unitId === unitId && one.daysAgo < daysAgo - 4);
  const campaign = mailed[chance.below(Math.max(1, mailed.length))];
  const what = chance.below(100);
  const slot = 1 + chance.below(3);
  const channel = 'EMAIL' as const;
  const onPage = { channel, actor: contact, slot } as const;
  const lately = 1 + chance.below(Math.max(1, Math.min(daysAgo - 1, 60)));
  if (campaign && what < 26) {
    const { type } = campaign;
    const act = { ...onPage, daysAgo: campaign.daysAgo - chance.below(4) };
    const circumstances = { locale, campaign: campaign.name };
    const typeOut = [{ kind: 'OPT_OUT', typeId: type.id }] as const;
    if (what < 9)
      return [{ ...act, circumstances, actor: { kind: 'ONE_CLICK', ref: 'link' }, wishes: [...typeOut] }];
    if (what < 11) {
      const userAgent = 'Mozilla/5.0 (compatible; LinkGuard/2.1)';
      return [
        { ...act, circumstances: { ...circumstances, isMachine: true, userAgent }, wishes: [...typeOut] },
      ];
    }
    const said = chance.pick<UnsubscribeReason['reason']>([
      'TOO_MANY',
      'TOO_MANY',
      'TOO_MANY',
      'NOT_RELEVANT',
      'NOT_RELEVANT',
      'NEVER_ASKED',
      'OTHER',
    ]);
    const isOfAll = what < 16;
    const reason = chance.is(0.7)
      ? { reason: { reason: said, unitId: type.unitId, typeId: isOfAll ? null : type.id } as const }
      : {};
    const out = { ...act, circumstances, ...reason };
    if (isOfAll) {
      // Some want nothing of any business unit.
      const unitIds = chance.is(0.4) ? [northwind.id, fjell.id] : [type.unitId];
      const wishes = unitIds.map((id) => ({ kind: 'OPT_OUT_OF_ALL', unitId: id }) as const);
      return [{ ...out, wishes }];
    }
    const back = act.daysAgo - 12;
    return [
      { ...out, wishes: [...typeOut] },
      ...(what < 19 && back > 1
        ? [{ ...onPage, daysAgo: back, circumstances: page(locale), wishes: optIn(type.id) }]
        : []),
    ];
  }
  if (what < 33)
    return [
      {
        ...onPage,
        daysAgo: lately,
        circumstances: { locale },
        wishes: [{ kind: 'SNOOZE', typeId: trailNotes.id, days: 60 }],
      },
    ];
  if (what < 45 && unitId === northwind.id)
    return [
      {
        ...onPage,
        daysAgo: lately,
        circumstances: { ...page(locale), ...(campaign ? { campaign: campaign.name } : {}) },
        wishes: optIn(offers.id, repairReminders.id),
      },
    ];
  if (what < 48) {
    const actor = { kind: 'STAFF', isBulk: false, ref: support, scope: null } as const;
    const explanation = 'Called us, and asked for no more letters.';
    return [
      {
        ...{ daysAgo: lately, slot, channel, actor },
        circumstances: { explanation },
        wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId }],
      },
    ];
  }
  return [];
}

function idOf(chance: Chance): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from({ length: 16 }, () => letters[chance.below(letters.length)]).join('');
}

function asciiOf(name: string): string {
  const special: Record<string, string> = {
    ø: 'o',
    å: 'aa',
    ß: 'ss',
    ł: 'l',
    æ: 'ae',
    ä: 'ae',
    ö: 'oe',
    ü: 'ue',
  };
  return name
    .toLowerCase()
    .replace(/[øåßłæäöü]/g, (letter) => special[letter] ?? '')
    .normalize('NFD')
    .replace(/[^a-z -]/g, '')
    .replace(/ /g, '-');
}
