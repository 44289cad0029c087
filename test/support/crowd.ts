/** A contact document inserted directly, without forms: for large numbers, which would take too long otherwise. */
import { facetsOf, standingsOf } from '../../src/domain/contacts/facets.js';
import { keysOf, wordsOf } from '../../src/domain/contacts/words.js';
import type { Contact } from '../../src/models/contact.js';
import type { SubscriberHead } from '../../src/models/subscriber.js';

type Given = Pick<
  Contact,
  '_id' | 'firstName' | 'lastName' | 'email' | 'phone' | 'unitIds' | 'locale' | 'properties' | 'source'
>;

/** A contact whose only address is the subscriber's e-mail address. */
export function contactPastForms(
  contact: Given,
  of: {
    subscriber: SubscriberHead;
    at: Date;
    by: string;
    catalogue: Parameters<typeof facetsOf>[2];
  },
): Contact {
  const { subscriber, at, by, catalogue } = of;
  const decisions = { EMAIL: subscriber, SMS: null, WHATSAPP: null };
  return {
    ...contact,
    processingBasis: null,
    subscribers: { EMAIL: subscriber._id, SMS: null, WHATSAPP: null },
    createdBy: by,
    facets: facetsOf(contact, decisions, catalogue),
    standings: standingsOf(decisions),
    words: wordsOf(contact),
    ...keysOf({ ...contact, createdAt: at }),
    version: 1,
    projection: 1,
    createdAt: at,
    updatedAt: at,
  };
}
