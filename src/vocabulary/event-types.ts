/** The types of events as other systems get them, by webhook and from `GET /api/v1/changes`. A type that is published never changes its name. */
import type { Change } from './terms.js';

/** Each type, and what happened, as pages show it. */
export const eventTypes = {
  'subscription.status_changed': 'A subscription to a type began or ended',
  'subscription.opt_out_of_all_changed': 'Somebody opted out of everything, or that was lifted',
  'subscription.pause_changed': 'A pause began, changed or ended',
  'subscription.confirmation_requested': 'An opt-in waits for its confirmation',
  'subscription.confirmed': 'An opt-in was confirmed',
  'address.undeliverable': 'An address cannot receive any more',
  'address.deliverable': 'An address can receive again',
  'communication.recorded': 'A single message after an opt-out was recorded',
  'links.revoked': 'The links of a subscriber were revoked',
  'subscriber.erased': 'A subscriber was erased',
  'contact.created': 'A contact was created',
  'contact.changed': 'A contact was changed',
  'contact.deleted': 'A contact was deleted',
} as const;
export type EventType = keyof typeof eventTypes;

const names = new Set<string>(Object.keys(eventTypes));

export const isEventType = (name: string): name is EventType => names.has(name);
export const allEventTypes = Object.keys(eventTypes).filter(isEventType);

/** The type of an event of consent, by the operation of its change. */
export const typeOfConsent: Readonly<Record<Change['op'], EventType>> = {
  STATUS: 'subscription.status_changed',
  OPT_OUT_OF_ALL: 'subscription.opt_out_of_all_changed',
  SNOOZE: 'subscription.pause_changed',
  PENDING: 'subscription.confirmation_requested',
  CONFIRMED: 'subscription.confirmed',
  UNDELIVERABLE: 'address.undeliverable',
  DELIVERABLE: 'address.deliverable',
  ONE_TIME_BASIS: 'communication.recorded',
  LINKS_REVOKED: 'links.revoked',
  ERASED: 'subscriber.erased',
};

/** The type of a change of a contact. */
export const typeOfContact = {
  CREATED: 'contact.created',
  CHANGED: 'contact.changed',
  DELETED: 'contact.deleted',
} as const satisfies Record<string, EventType>;
