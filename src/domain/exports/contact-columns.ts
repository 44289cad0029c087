/** The columns that an export of contacts can have: one definition each, from the catalogue. */
import type { Contact } from '../../models/contact.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { isInScope } from '../../vocabulary/scope.js';
import { channels } from '../../vocabulary/terms.js';
import type { Channel } from '../../vocabulary/terms.js';
import { basisNames, channelNames, listOf, statusNames } from '../../vocabulary/words.js';
import { nameOfKind } from '../consent/actors.js';
import { effectiveStatus } from '../consent/effective.js';
import { derivedProperties } from '../contacts/derived-properties.js';
import type { FilterContext } from '../filters/condition-kind.js';
import { subscriptionStatus } from '../filters/conditions/consent.js';
import { marketingStatusName, untilUpdateName } from '../filters/conditions/marketing.js';
import { isMarketingContact, isUntilNextUpdate } from '../marketing/status.js';
import { folded } from '../filters/values.js';
import type { Cell } from './contract.js';
import { exportedReasonNames } from './unsubscribed.js';

export const columnGroups = ['Contact', 'Properties', 'Subscriptions', 'Opt-outs'] as const;

/** A contact, and the subscribers of its addresses. */
export interface ExportedContact {
  contact: Contact;
  heads: Partial<Record<Channel, SubscriberHead>>;
}

export interface ContactColumn {
  /** Never changed: forms, jobs and API calls name it so. */
  key: string;
  heading: string;
  group: (typeof columnGroups)[number];
  /** Chosen unless somebody chooses otherwise. */
  isUsual: boolean;
  value: (row: ExportedContact) => Cell;
}

/** All columns within the scope. @param properties names of properties that contacts within the scope have */
export function contactColumns(context: FilterContext, properties: readonly string[]): ContactColumn[] {
  const hasChannel = (channel: Channel) =>
    [...context.catalogue.types.values()].some((type) => type.channel === channel);
  return [
    ...ownColumns(context),
    ...properties.map((name): ContactColumn => {
      const value = propertyOf(name);
      return { key: `property:${name}`, heading: name, group: 'Properties', isUsual: true, value };
    }),
    ...statusColumns(context),
    ...derivedProperties(context).map(({ key, name, channel, isOfAnyUnit, isYes }): ContactColumn => ({
      key,
      heading: name,
      group: 'Opt-outs',
      isUsual: isOfAnyUnit,
      value: ({ heads }) => {
        const head = heads[channel];
        return head ? (isYes(head) ? 'Yes' : 'No') : null;
      },
    })),
    ...channels.filter((channel) => channel === 'EMAIL' || hasChannel(channel)).map(cannotReceiveColumn),
  ];
}

function ownColumns({ catalogue, scope }: FilterContext): ContactColumn[] {
  const column = (key: string, heading: string, value: (contact: Contact) => Cell): ContactColumn => ({
    key,
    heading,
    group: 'Contact',
    isUsual: true,
    value: ({ contact }) => value(contact),
  });
  const unitNames = ({ unitIds }: Contact) =>
    unitIds.filter((id) => isInScope(scope, id)).map((id) => catalogue.units.get(id)?.name ?? `unit ${id}`);
  return [
    column('contactId', 'Contact', ({ _id }) => _id),
    column('firstName', 'First name', ({ firstName }) => firstName),
    column('lastName', 'Last name', ({ lastName }) => lastName),
    column('email', 'E-mail', ({ email }) => email),
    column('phone', 'Phone', ({ phone }) => phone),
    column('language', 'Language', ({ locale }) => locale),
    column('businessUnits', 'Business units', (contact) => unitNames(contact).join('; ')),
    column(
      ...(['processingBasis', 'Legal basis for processing'] as const),
      ({ processingBasis }) => processingBasis && basisNames[processingBasis],
    ),
    column('marketingStatus', marketingStatusName, (contact) =>
      isMarketingContact(contact) ? 'Marketing' : 'Non-marketing',
    ),
    column('untilNextUpdate', untilUpdateName, (contact) => (isUntilNextUpdate(contact) ? 'Yes' : 'No')),
    column('added', 'Added', ({ createdAt }) => createdAt.toISOString()),
  ];
}

/** Names of properties are compared without case. */
function propertyOf(name: string) {
  const wanted = folded(name);
  return ({ contact: { properties } }: ExportedContact): Cell => {
    if (Object.hasOwn(properties, name)) return properties[name] ?? null;
    return Object.entries(properties).find(([other]) => folded(other) === wanted)?.[1] ?? null;
  };
}

/** The effective status of each type, and since when and by whom. */
function statusColumns(context: FilterContext): ContactColumn[] {
  return subscriptionStatus.subjects(context, []).flatMap(({ of, label }): ContactColumn[] => {
    const type = context.catalogue.types.get(Number(of));
    if (!type) return [];
    const found = ({ heads }: ExportedContact) => {
      const head = heads[type.channel];
      return head && effectiveStatus(head, type);
    };
    const group = 'Subscriptions';
    return [
      {
        ...{ key: `status:${of}`, heading: label, group, isUsual: true },
        value: (row) => {
          const effective = found(row);
          return effective ? statusNames[effective.status] : null;
        },
      },
      {
        ...{ key: `reason:${of}`, heading: `${label}: by whom and since when`, group, isUsual: false },
        value: (row) => {
          const standing = found(row)?.standing;
          return standing ? `${nameOfKind(standing.by)}, ${standing.at.toISOString()}` : null;
        },
      },
    ];
  });
}

function cannotReceiveColumn(channel: Channel): ContactColumn {
  return {
    key: `cannot-receive:${channel}`,
    heading: `Cannot receive: ${channelNames[channel]}`,
    group: 'Opt-outs',
    isUsual: channel === 'EMAIL',
    value: ({ heads }) => {
      const undeliverable = heads[channel]?.undeliverable;
      return undeliverable ? exportedReasonNames[undeliverable.reason] : null;
    },
  };
}

/** "E-mail, Phone and 12 more" */
export function namesOfColumns(columns: readonly ContactColumn[]): string {
  const names = columns.map(({ heading }) => heading);
  return names.length <= 6 ? listOf(names) : listOf([...names.slice(0, 5), `${names.length - 5} more`]);
}
