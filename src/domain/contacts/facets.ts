/** Facets: the strings that the contacts' index filters by, made from the contact, what its addresses decided, and the types there are. */
import type { Contact } from '../../models/contact.js';
import { effectiveStatus } from '../consent/effective.js';
import { channels } from '../../vocabulary/terms.js';
import type {
  ActorKind,
  Catalogue,
  Channel,
  ConsentState,
  SubscriptionStatus,
} from '../../vocabulary/terms.js';

/** What a contact's addresses decided, by channel; null where it has none. */
export type Decisions = Readonly<
  Record<Channel, Pick<ConsentState, 'subscriptions' | 'optOuts' | 'undeliverable'> | null>
>;

/** How each facet is written. */
export const facet = {
  /** Every contact has it: the filter of an index that is not filtered. */
  all: 'all',
  unit: (unitId: number) => `unit:${unitId}`,
  locale: (locale: string) => `locale:${locale}`,
  source: (kind: ActorKind) => `source:${kind}`,
  property: (name: string, value: string) => `property:${folded(name)}=${folded(value)}`,
  /** Has an address in this channel. */
  channel: (channel: Channel) => channel,
  /** Effective status for one type. */
  status: (channel: Channel, typeId: number, status: SubscriptionStatus) => `${channel}:${typeId}:${status}`,
  /** The property "Unsubscribed from all email": any opt-out of all stands. With a unit: one that covers that unit. */
  outOfAll: (channel: Channel, unitId?: number) =>
    `${channel}:out-of-all${unitId === undefined ? '' : `:${unitId}`}`,
  undeliverable: (channel: Channel) => `${channel}:undeliverable`,
} as const;

/** Everything that one contact can be found by, in a fixed order. */
export function facetsOf(
  contact: Pick<Contact, 'unitIds' | 'locale' | 'properties' | 'source'>,
  decisions: Decisions,
  catalogue: Pick<Catalogue, 'units' | 'orderedTypes'>,
): string[] {
  return [
    facet.all,
    ...contact.unitIds.map(facet.unit),
    ...(contact.locale ? [facet.locale(contact.locale)] : []),
    facet.source(contact.source),
    ...Object.entries(contact.properties).map(([name, value]) => facet.property(name, value)),
    ...channels.flatMap((channel) => {
      const decided = decisions[channel];
      return decided ? facetsOfChannel(channel, decided, catalogue) : [];
    }),
  ];
}

/** The same for a contact of which one channel alone has moved: what the others come to is left as it is written. */
export function facetsAfter(
  contact: Pick<Contact, 'unitIds' | 'locale' | 'properties' | 'source' | 'facets'>,
  channel: Channel,
  decided: Exclude<Decisions[Channel], null>,
  catalogue: Pick<Catalogue, 'units' | 'orderedTypes'>,
): string[] {
  const isOf = (one: Channel) => (text: string) => text === one || text.startsWith(`${one}:`);
  return [
    ...facetsOf(contact, { EMAIL: null, SMS: null, WHATSAPP: null }, catalogue),
    ...channels.flatMap((one) =>
      one === channel ? facetsOfChannel(one, decided, catalogue) : contact.facets.filter(isOf(one)),
    ),
  ];
}

function facetsOfChannel(
  channel: Channel,
  decided: Exclude<Decisions[Channel], null>,
  { units, orderedTypes }: Pick<Catalogue, 'units' | 'orderedTypes'>,
): string[] {
  const { portal, units: ofUnits } = decided.optOuts;
  const isOutOfAll = portal !== null || Object.keys(ofUnits).length > 0;
  return [
    facet.channel(channel),
    ...(decided.undeliverable ? [facet.undeliverable(channel)] : []),
    ...(isOutOfAll ? [facet.outOfAll(channel)] : []),
    ...[...units.keys()].filter((id) => portal ?? ofUnits[id]).map((id) => facet.outOfAll(channel, id)),
    ...orderedTypes
      .filter((type) => type.channel === channel && type.isActive)
      .map((type) => facet.status(channel, type.id, effectiveStatus(decided, type).status)),
  ];
}

/** Values that differ in case or in spaces are one to anyone who filters. */
function folded(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase().slice(0, 100);
}
