/** The page of a single override: the types, what is in effect and by whom, and why the override is made. */
import { adminPaths } from '../../../admin-paths.js';
import { effectiveStatus, optOutsOver } from '../../../domain/consent/effective.js';
import type { Offer } from '../../../domain/consent/offers.js';
import { hasParty, isContacts, leadingOf } from '../../../domain/consent/opt-out-sets.js';
import { whoActedWithin } from '../../../domain/staff/names.js';
import type { RefusalCode } from '../../../vocabulary/refusal-codes.js';
import type { OptOutSet, SubscriptionStatus, SubscriptionType } from '../../../vocabulary/terms.js';
import { dayOf, statusNames } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import type { FieldPlan } from '../kit/fields.js';
import { basisOptions } from '../options.js';
import { basisField, explanationField, type ActPage, type Target } from './act-page.js';
import { unitAndAddress, unitName } from './event-words.js';
import { correctable, offersOf, whyNot, wishFor } from './offered.js';
import { actOf, isMailable } from './open-record.js';
import { saidBy, saidByAll, verbOf } from './record-page.js';
import { present } from '../present.js';

export interface Override extends Target {
  /** The type whose button was pressed. The other types of its unit are offered with it. */
  type: SubscriptionType;
  to: SubscriptionStatus;
  offered: readonly OfferedType[];
}

interface OfferedType {
  type: SubscriptionType;
  offer: Offer;
}

/** Types, each with what the rules say to its change. */
export function withOffers(
  { record, one, to }: Pick<Override, 'record' | 'one' | 'to'>,
  types: readonly SubscriptionType[],
): OfferedType[] {
  const given = offersOf(
    record,
    one,
    types.map((type) => wishFor(to, type)),
  );
  return given.flatMap((offer, place) => {
    const type = types[place];
    return type ? [{ type, offer }] : [];
  });
}

export function verbFor({ one, type, to }: Override): string {
  return verbOf(to, effectiveStatus(one.subscriber, type).status);
}

export function overridePage(override: Override): ActPage {
  const { record, one, type, to, offered } = override;
  const verb = verbFor(override);
  const refusal = withOffers(override, [type])[0]?.offer.refusal ?? null;
  const status = statusNames[effectiveStatus(one.subscriber, type).status].toLowerCase();
  return {
    title: verb,
    heading: to === 'NOT_SPECIFIED' ? `Set ${record.name} back to not specified?` : `${verb} ${record.name}?`,
    sentences: [
      offered.length > 0
        ? `${unitAndAddress(record.catalogue, type.unitId, one)}.`
        : `${type.name} is ${status} already.`,
    ],
    points: pointsOf(override, refusal),
    isOffered: refusal === null && offered.length > 0,
    ways: waysOf(override, refusal !== null),
  };
}

/** @param ticked the types that the user has ticked */
export function fieldsOf(override: Override, ticked: readonly SubscriptionType[]): FieldPlan[] {
  const { record, to, offered } = override;
  const isOptIn = to === 'SUBSCRIBED';
  // Opting in needs reasons of consent, and so does setting back what the contact itself opted out of.
  const needsReasons = isOptIn || offered.some(({ offer }) => offer.needs('explanation'));
  const isRequired = offered.some(({ type, offer }) => ticked.includes(type) && offer.needs('legalBasis'));
  return [
    {
      kind: 'ticks',
      name: 'types',
      label: 'Subscription types',
      options: offered.map(({ type }) => ({
        value: String(type.id),
        label: type.name,
        hint: standingOf(override, type),
      })),
    },
    ...(needsReasons ? [basisField(isRequired)] : []),
    needsReasons
      ? explanationField('How and when did they say so? It is kept in the history, with your name.')
      : explanationField(),
    ...(isOptIn && record.contact && !record.contact.processingBasis ? [processingField] : []),
  ];
}

/** For a contact that has no legal basis for processing. */
const processingField: FieldPlan = {
  kind: 'select',
  name: 'processingBasis',
  label: 'Legal basis for processing',
  hint: 'For keeping and using this contact’s data. None has been given yet.',
  options: basisOptions('Not now'),
};

/** "Opted out by the contact (one-click), on 2 Nov 2026" */
function standingOf({ record: { catalogue }, one, doerOf }: Target, type: SubscriptionType): string {
  const { status, standing } = effectiveStatus(one.subscriber, type);
  if (!standing) return `${statusNames[status]}: no choice is recorded`;
  return `${statusNames[status]} by ${whoActedWithin(actOf(one, standing), doerOf)}, on ${dayOf(standing.at, catalogue.timeZone)}`;
}

type Points = NonNullable<Panel['points']>;

/** What is in the way of the change, or should be considered first. */
function pointsOf(override: Override, refusal: RefusalCode | null): Points {
  const { record, one, type, to, doerOf } = override;
  if (to === 'UNSUBSCRIBED') return [];
  if (to === 'NOT_SPECIFIED') return contactsOptOut(override, 'Set it back');
  const { portal, units } = one.subscriber.optOuts;
  const wide: [string, OptOutSet | null | undefined][] = [
    ['everything', portal],
    [`all of ${unitName(record.catalogue, type.unitId)}`, units[type.unitId]],
  ];
  const tone = refusal ? 'stop' : 'warn';
  const points = wide.flatMap(([what, optOuts]): Points => {
    if (!optOuts) return [];
    const said = saidByAll(record, one, optOuts, doerOf);
    return [{ tone, text: `${record.name} is opted out of ${what}. ${said}` }];
  });
  if (refusal) return [...points, { tone, text: whyNot(refusal, optOutsOver(one.subscriber, type)) }];
  if (points.length === 0) return contactsOptOut(override, 'Subscribe again');
  const text =
    'Subscribing removes that opt-out. Its other types stay opted out, each by itself, unless you choose them here.';
  return [...points, { tone, text }];
}

/** The contact's own opt-out of the type. Staff override it only if the contact has asked for that. */
function contactsOptOut({ record, one, type, doerOf }: Override, act: string): Points {
  const own = leadingOf(one.subscriber.optOuts.types[type.id]);
  if (!own || !isContacts(own)) return [];
  const said = saidBy(record, one, own, doerOf);
  const text = `${record.name} opted out of ${type.name}. ${said} ${act} only if they have asked for it since.`;
  return [{ tone: 'warn', text }];
}

function waysOf({ record, one, type, to }: Override, isBlocked: boolean): NonNullable<Panel['ways']> {
  const { id } = record;
  const { channel } = one;
  const isMachine =
    hasParty(optOutsOver(one.subscriber, type), 'AUTOMATED') && correctable(record, one).length > 0;
  const [back] = offersOf(record, one, [wishFor('NOT_SPECIFIED', type)]);
  return present([
    to === 'SUBSCRIBED' &&
      isMachine && { href: adminPaths.corrections(id, { channel }), label: 'Correct the automated opt-out' },
    isBlocked &&
      isMailable(one) && { href: adminPaths.linkMails(id), label: 'Send preferences link', isMain: true },
    to !== 'NOT_SPECIFIED' &&
      back?.isOffered && {
        href: adminPaths.overrides(id, { channel, type: type.id, to: 'NOT_SPECIFIED' }),
        label: `Set ${type.name} back to not specified`,
        hint: 'As if nobody had said anything.',
      },
  ]);
}
