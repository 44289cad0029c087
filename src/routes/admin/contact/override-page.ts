/** The page that asks before a single override: the types, what is in effect and by whom, and why the override is made. */
import { adminPaths } from '../../../admin-paths.js';
import { effectiveStatus, optOutsOver } from '../../../domain/consent/effective.js';
import type { Offer } from '../../../domain/consent/offers.js';
import { hasParty, isContacts, leadingOf } from '../../../domain/consent/opt-out-sets.js';
import type { RefusalCode } from '../../../vocabulary/refusal-codes.js';
import type { OptOutSet, SubscriptionStatus, SubscriptionType } from '../../../vocabulary/terms.js';
import type { ActField, ActionLink, AdminContactActPage } from '../../../views/admin-record-pages.js';
import type { FieldFault } from '../form.js';
import { dayOf, statusNames } from '../../../vocabulary/words.js';
import type { Reasons } from './act.js';
import { basisField, explanationField, processingField, type ActParts } from './act-page.js';
import { unitAndAddress, unitName } from './event-words.js';
import { whoActedWithin, type DoerOf } from '../../../domain/staff/names.js';
import { correctable, offersOf, whyNot, wishFor } from './offered.js';
import { actOf, isMailable, typesOf, type ChannelRecord, type OpenedRecord } from './open-record.js';
import { saidBy, saidByAll, verbOf } from './record-page.js';
import { shownStates } from './shown-states.js';

interface Asked {
  record: OpenedRecord;
  one: ChannelRecord;
  type: SubscriptionType;
  to: SubscriptionStatus;
  doerOf: DoerOf;
}

interface OfferedType {
  type: SubscriptionType;
  offer: Offer;
}

/** Types, each with what the rules say to its change. */
export function withOffers(
  { record, one, to }: Pick<Asked, 'record' | 'one' | 'to'>,
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

/** What the page says and asks. */
export function overrideParts(
  asked: Asked,
  draft: { ticked: readonly number[]; reasons: Reasons; faults: FieldFault[] },
): ActParts {
  const { record, one, type, to } = asked;
  const verb = verbOf(to, effectiveStatus(one.subscriber, type).status);
  const ofUnit = withOffers(asked, typesOf(record, one, type.unitId));
  const offered = ofUnit.filter(({ offer }) => offer.isOffered);
  const refusal = withOffers(asked, [type])[0]?.offer.refusal ?? null;
  const isBlocked = refusal !== null;
  return {
    title: verb,
    heading: headingOf(asked, verb),
    sentences:
      offered.length > 0
        ? [`${unitAndAddress(record.catalogue, type.unitId, one)}.`]
        : [
            `${type.name} is ${statusNames[effectiveStatus(one.subscriber, type).status].toLowerCase()} already.`,
          ],
    stands: standsOf(asked, refusal),
    ...(isBlocked || offered.length === 0
      ? {}
      : {
          form: {
            action: adminPaths.overrides(record.id),
            hidden: [
              { name: 'channel', value: one.channel },
              { name: 'type', value: String(type.id) },
              { name: 'to', value: to },
              {
                name: 'shown',
                value: shownStates(
                  one.subscriber,
                  offered.map(({ type: shown }) => shown),
                ),
              },
            ],
            fields: fieldsOf(asked, offered, draft),
            button: verb,
            isStop: false,
          },
        }),
    links: linksOf(asked, isBlocked),
  };
}

function headingOf({ record: { name }, to }: Asked, verb: string): string {
  return to === 'NOT_SPECIFIED' ? `Set ${name} back to not specified?` : `${verb} ${name}?`;
}

function fieldsOf(
  { record, one, to, doerOf }: Asked,
  offered: readonly OfferedType[],
  { ticked, reasons, faults }: { ticked: readonly number[]; reasons: Reasons; faults: FieldFault[] },
): ActField[] {
  const isOptIn = to === 'SUBSCRIBED';
  // Opting in needs reasons of consent, and so does setting back what the contact itself opted out of.
  const needsReasons = offered.some(({ offer }) => offer.needs('explanation'));
  const isRequired = offered.some(({ type, offer }) => ticked.includes(type.id) && offer.needs('legalBasis'));
  return [
    {
      kind: 'ticks',
      id: 'types',
      name: 'types',
      label: 'Subscription types',
      isInvalid: faults.some(({ href }) => href === '#types'),
      choices: offered.map(({ type }) => ({
        id: `type-${type.id}`,
        value: String(type.id),
        label: type.name,
        hint: standingOf(record, one, type, doerOf),
        isSelected: ticked.includes(type.id),
      })),
    },
    ...(needsReasons ? [basisField(reasons.legalBasis, faults, { isRequired })] : []),
    explanationField(
      reasons.explanation,
      faults,
      needsReasons
        ? 'How and when did they say so? It is kept in the history, with your name.'
        : 'Why? It is kept in the history, with your name.',
    ),
    ...(isOptIn && record.contact && !record.contact.processingBasis
      ? [processingField(reasons.processingBasis)]
      : []),
  ];
}

/** "Opted out by the contact (one-click), on 2 Nov 2026" */
function standingOf(
  { catalogue }: OpenedRecord,
  one: ChannelRecord,
  type: SubscriptionType,
  doerOf: DoerOf,
): string {
  const { status, standing } = effectiveStatus(one.subscriber, type);
  if (!standing) return `${statusNames[status]}: no choice is recorded`;
  return `${statusNames[status]} by ${whoActedWithin(actOf(one, standing), doerOf)}, on ${dayOf(standing.at, catalogue.timeZone)}`;
}

/** What is in the way of the change, or should be thought of first. */
function standsOf(
  { record, one, type, to, doerOf }: Asked,
  refusal: RefusalCode | null,
): AdminContactActPage['stands'] {
  if (to === 'UNSUBSCRIBED') return [];
  if (to === 'NOT_SPECIFIED') return contactsOptOut({ record, one, type, doerOf }, 'Set it back');
  const { portal, units } = one.subscriber.optOuts;
  const wide: [string, OptOutSet | null | undefined][] = [
    ['everything', portal],
    [`all of ${unitName(record.catalogue, type.unitId)}`, units[type.unitId]],
  ];
  const tone = refusal ? 'stop' : 'warn';
  const stands = wide.flatMap(([what, optOuts]): AdminContactActPage['stands'] =>
    optOuts
      ? [
          {
            tone,
            text: `${record.name} is opted out of ${what}. ${saidByAll(record, one, optOuts, doerOf)}`,
          },
        ]
      : [],
  );
  if (refusal) return [...stands, { tone, text: whyNot(refusal, optOutsOver(one.subscriber, type)) }];
  if (stands.length === 0) return contactsOptOut({ record, one, type, doerOf }, 'Subscribe again');
  const text =
    'Subscribing removes that opt-out. The other types of it stay opted out, each by itself, unless they are chosen here.';
  return [...stands, { tone, text }];
}

/** The contact's own opt-out of the type, which staff override only where the contact has asked for it. */
function contactsOptOut(
  { record, one, type, doerOf }: Omit<Asked, 'to'>,
  act: string,
): AdminContactActPage['stands'] {
  const own = leadingOf(one.subscriber.optOuts.types[type.id]);
  if (!own || !isContacts(own)) return [];
  return [
    {
      tone: 'warn',
      text: `${record.name} opted out of ${type.name}. ${saidBy(record, one, own, doerOf)} ${act} only if they have asked for it since.`,
    },
  ];
}

function linksOf({ record, one, type, to }: Asked, isBlocked: boolean): ActionLink[] {
  const id = record.id;
  const isMachine =
    hasParty(optOutsOver(one.subscriber, type), 'AUTOMATED') && correctable(record, one).length > 0;
  const [back] = offersOf(record, one, [wishFor('NOT_SPECIFIED', type)]);
  return [
    ...(to === 'SUBSCRIBED' && isMachine
      ? [
          {
            href: adminPaths.corrections(id, { channel: one.channel }),
            label: 'Put a machine’s opt-out right',
          },
        ]
      : []),
    ...(isBlocked && isMailable(one)
      ? [{ href: adminPaths.linkMails(id), label: 'Send preferences link', isMain: true }]
      : []),
    ...(to !== 'NOT_SPECIFIED' && back?.isOffered
      ? [
          {
            href: adminPaths.overrides(id, { channel: one.channel, type: type.id, to: 'NOT_SPECIFIED' }),
            label: `Set ${type.name} back to not specified`,
            hint: 'As if nobody had said anything.',
          },
        ]
      : []),
  ];
}
