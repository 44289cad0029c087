/** The page that asks before a single override: the types, what stands and by whom, and why it is made. */
import { adminPaths } from '../../../admin-paths.js';
import { effectiveStatus, optOutsOver, ownStatus } from '../../../domain/consent/effective.js';
import { hasParty, isContacts, leadingOf, mayStaffAdd } from '../../../domain/consent/opt-out-sets.js';
import type { OptOutSet, SubscriptionStatus, SubscriptionType } from '../../../vocabulary/terms.js';
import type { ActField, ActionLink, AdminContactActPage } from '../../../views/admin-record-pages.js';
import type { FieldFault } from '../form.js';
import type { Ask } from '../route.js';
import { dayOf, statusNames } from '../../../vocabulary/words.js';
import type { Reasons } from './act.js';
import { basisField, explanationField, processingField } from './act-page.js';
import type { ActParts } from './act-page.js';
import { unitAndAddress, unitName } from './event-words.js';
import { whoActedWithin } from '../../../domain/staff/names.js';
import type { DoerOf } from '../../../domain/staff/names.js';
import { actOf } from './open-record.js';
import type { ChannelRecord, OpenedRecord } from './open-record.js';
import { saidBy, saidByAll, typesOf, verbOf } from './record-page.js';
import { shownStates } from './shown-states.js';

interface Asked {
  record: OpenedRecord;
  one: ChannelRecord;
  type: SubscriptionType;
  to: SubscriptionStatus;
  doerOf: DoerOf;
}

/** Types of the same unit and channel that are not yet what they shall become, the one asked for among them. */
export function offeredTypes(
  record: OpenedRecord,
  one: ChannelRecord,
  { unitId }: SubscriptionType,
  to: SubscriptionStatus,
): SubscriptionType[] {
  return typesOf(record, one, unitId).filter((type) => {
    if (to === 'NOT_SPECIFIED') return ownStatus(one.subscriber, type.id) !== to;
    const { status, optOuts } = effectiveStatus(one.subscriber, type);
    const isSo = status === to && !(to === 'UNSUBSCRIBED' && mayStaffAdd(optOuts));
    return !isSo && (type.isActive || to === 'UNSUBSCRIBED');
  });
}

/** What the page says and asks. */
export function overrideParts(
  ask: Ask,
  asked: Asked,
  draft: { ticked: readonly number[]; reasons: Reasons; faults: FieldFault[] },
): ActParts {
  const { record, one, type, to } = asked;
  const verb = verbOf(to, effectiveStatus(one.subscriber, type).status);
  const offered = offeredTypes(record, one, type, to);
  const stands = standsOf(ask, asked);
  const isBlocked = stands.some(({ tone }) => tone === 'stop');
  return {
    title: verb,
    heading: headingOf(asked, verb),
    sentences:
      offered.length > 0
        ? [`${unitAndAddress(record.catalogue, type.unitId, one)}.`]
        : [
            `${type.name} is ${statusNames[effectiveStatus(one.subscriber, type).status].toLowerCase()} already.`,
          ],
    stands,
    ...(isBlocked || offered.length === 0
      ? {}
      : {
          form: {
            action: adminPaths.overrides(record.id),
            hidden: [
              { name: 'channel', value: one.channel },
              { name: 'type', value: String(type.id) },
              { name: 'to', value: to },
              { name: 'shown', value: shownStates(one.subscriber, offered) },
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
  offered: SubscriptionType[],
  { ticked, reasons, faults }: { ticked: readonly number[]; reasons: Reasons; faults: FieldFault[] },
): ActField[] {
  const isOptIn = to === 'SUBSCRIBED';
  const needsReasons = needsReasonsOfConsent(one, offered, to);
  const isRequired = needsReasonsOfConsent(
    one,
    offered.filter(({ id }) => ticked.includes(id)),
    to,
  );
  return [
    {
      kind: 'ticks',
      id: 'types',
      name: 'types',
      label: 'Subscription types',
      isInvalid: faults.some(({ href }) => href === '#types'),
      choices: offered.map((type) => ({
        id: `type-${type.id}`,
        value: String(type.id),
        label: type.name,
        hint: standingOf(record, one, type, doerOf),
        isSelected: ticked.includes(type.id),
      })),
    },
    ...(needsReasons
      ? [
          basisField(reasons.legalBasis, faults, {
            isRequired: isRequired && record.catalogue.isPrivacyMode,
          }),
        ]
      : []),
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

/** Opting in needs reasons of consent, and so does setting back what the contact itself opted out of. */
export function needsReasonsOfConsent(
  { subscriber }: ChannelRecord,
  types: readonly SubscriptionType[],
  to: SubscriptionStatus,
): boolean {
  if (to !== 'NOT_SPECIFIED') return to === 'SUBSCRIBED' && types.length > 0;
  return types.some(({ id }) => subscriber.optOuts.types[id]?.some(isContacts));
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

/** What stands in the way of an opt-in, or should be thought of first. */
function standsOf({ scope }: Ask, { record, one, type, to, doerOf }: Asked): AdminContactActPage['stands'] {
  if (to === 'UNSUBSCRIBED') return [];
  if (to === 'NOT_SPECIFIED') return contactsOptOut({ record, one, type, doerOf }, 'Set it back');
  const { subscriber } = one;
  const { portal, units } = subscriber.optOuts;
  const wide: [string, OptOutSet | null | undefined][] = [
    ['everything', portal],
    [`all of ${unitName(record.catalogue, type.unitId)}`, units[type.unitId]],
  ];
  const stands = wide.flatMap(([what, optOuts]): AdminContactActPage['stands'] => {
    if (!optOuts) return [];
    const said = `${record.name} is opted out of ${what}. ${saidByAll(record, one, optOuts, doerOf)}`;
    if (!optOuts.every(({ party }) => party === 'STAFF'))
      return [{ tone: 'stop', text: `${said} ${whoseItIs(optOuts)}` }];
    if (optOuts === portal && scope !== null)
      return [
        { tone: 'stop', text: `${said} Only somebody who reaches all business units can change that.` },
      ];
    return [
      {
        tone: 'warn',
        text: `${said} Subscribing removes it; types that are not chosen here are then opted out one by one.`,
      },
    ];
  });
  if (stands.length === 0) stands.push(...contactsOptOut({ record, one, type, doerOf }, 'Subscribe again'));
  if (subscriber.erasedAt && subscriber.address === null)
    stands.push({ tone: 'stop', text: 'This person’s data was erased, so nobody can subscribe them again.' });
  return stands;
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

/** Why staff cannot remove an opt-out of all, and what can be done. */
export function whoseItIs(optOuts: OptOutSet): string {
  if (hasParty(optOuts, 'CONTACT')) return 'Only the contact can take that back: send them their link.';
  return hasParty(optOuts, 'AUTOMATED')
    ? 'It looked like a machine: where the contact says so, it can be put right.'
    : 'Staff did not set it, so staff cannot remove it.';
}

function linksOf({ record, one, type, to }: Asked, isBlocked: boolean): ActionLink[] {
  const id = record.id;
  const isMachine = hasParty(optOutsOver(one.subscriber, type), 'AUTOMATED');
  const isSaid = ownStatus(one.subscriber, type.id) !== 'NOT_SPECIFIED';
  return [
    ...(to === 'SUBSCRIBED' && isMachine
      ? [
          {
            href: adminPaths.corrections(id, { channel: one.channel }),
            label: 'Put a machine’s opt-out right',
          },
        ]
      : []),
    ...(isBlocked && one.channel === 'EMAIL'
      ? [{ href: adminPaths.linkMails(id), label: 'Send preferences link', isMain: true }]
      : []),
    ...(to !== 'NOT_SPECIFIED' && isSaid
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
