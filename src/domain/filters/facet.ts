/** How each facet is written: the strings in a contact's `facets`, which conditions compare. */
import type { ActorKind, Channel, SubscriptionStatus, UndeliverableReason } from '../../vocabulary/terms.js';
import { folded, sortable } from './values.js';

export const facet = {
  /** Every contact has it, so an unfiltered index uses it. */
  all: 'all',
  unit: (unitId: number) => `unit:${unitId}`,
  locale: (locale: string) => `locale:${locale}`,
  source: (kind: ActorKind) => `source:${kind}`,
  name: (name: string) => `name:${folded(name)}`,
  domain: (domain: string) => `domain:${folded(domain)}`,
  property: (name: string, value: string) => `property:${folded(name)}=${folded(value)}`,
  /** Values of a property that is a number or a date, in sortable form. */
  number: (name: string, value: number) => `number:${folded(name)}=${sortable(value)}`,
  date: (name: string, day: string) => `date:${folded(name)}=${day}`,
  /** Has an address in this channel. */
  channel: (channel: Channel) => channel,
  /** Effective status for one type. */
  status: (channel: Channel, typeId: number, status: SubscriptionStatus) => `${channel}:${typeId}:${status}`,
  /** The property "Unsubscribed from all email": any opt-out of all is in effect. With a unit: one that covers that unit. */
  outOfAll: (channel: Channel, unitId?: number) =>
    `${channel}:out-of-all${unitId === undefined ? '' : `:${unitId}`}`,
  marketing: (isMarketing: boolean) => `marketing:${isMarketing ? 'yes' : 'no'}`,
  /** Is a marketing contact until the next update. */
  untilUpdate: 'until-update:yes',
  /** Is on a static list. */
  list: (listId: string) => `list:${listId}`,
  undeliverable: (channel: Channel, reason?: UndeliverableReason) =>
    `${channel}:undeliverable${reason === undefined ? '' : `:${reason}`}`,
} as const;

/** How `standings` of a contact are named: those of opt-outs of all of the account and of a unit, and those of types. */
export const standing = {
  all: (channel: Channel, unitId?: number) => (unitId === undefined ? channel : `${channel}:${unitId}`),
  type: (typeId: number) => `type:${typeId}`,
} as const;
