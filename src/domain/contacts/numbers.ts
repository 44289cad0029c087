/** The number of a contact: its id in HubSpot's API, where integrations parse ids as numbers. */
import mongoose from 'mongoose';
import { findContactsById, type Contact } from '../../models/contact.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { Models } from '../../models/index.js';
import { takeContactNumbers } from '../../models/setting.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import type { SubscriberIds } from '../consent/address.js';
import { reading, writing } from '../consent/durability.js';
import { addressOrNull } from '../consent/read-address.js';

export interface NumberDeps {
  models: Pick<Models, 'contacts' | 'settings' | 'subscribers'>;
  subscriberIds: SubscriberIds;
}

/**
 * The numbers of contacts, by their ids. A contact that has none gets the next one, and keeps it (decision 0740).
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function numbersOf(
  { models: { contacts, settings } }: Pick<NumberDeps, 'models'>,
  shown: readonly Pick<Contact, '_id' | 'number'>[],
): Promise<Map<string, number>> {
  const numbers = new Map(shown.flatMap(({ _id, number }) => (number === undefined ? [] : [[_id, number]])));
  const missing = [...new Set(shown.flatMap(({ _id, number }) => (number === undefined ? [_id] : [])))];
  if (missing.length === 0) return numbers;
  const last = await writing(() => takeContactNumbers(settings, missing.length));
  const writes = missing.map((_id, at) => ({
    updateOne: {
      filter: { _id: _id as never, number: null as never },
      update: { $set: { number: last - at } },
    },
  }));
  await writing(() => contacts.collection.bulkWrite(writes, { ordered: false }));
  // Another request may have numbered them first.
  for (const { _id, number } of await reading(() => findContactsById(contacts, missing)))
    if (number !== undefined) numbers.set(_id, number);
  return numbers;
}

/** Contacts within a scope by the numbers that were asked for, as texts. */
export async function findByNumbers(
  { models }: Pick<NumberDeps, 'models'>,
  scope: Scope,
  texts: readonly string[],
): Promise<Map<string, Contact>> {
  const wanted = texts.filter((text) => /^[1-9]\d{0,14}$/.test(text)).map(Number);
  const found = await reading(() =>
    models.contacts
      .find({ number: mongoose.trusted({ $in: wanted }) })
      .batchSize(wanted.length + 1)
      .lean<Contact[]>(),
  );
  return new Map(found.filter((one) => isShown(one, scope)).map((one) => [String(one.number), one]));
}

/** The same by e-mail addresses as people write them. */
export async function findByEmails(
  { models, subscriberIds }: NumberDeps,
  scope: Scope,
  texts: readonly string[],
): Promise<Map<string, Contact>> {
  const idOf = new Map(
    texts.flatMap((text): [string, string][] => {
      const address = addressOrNull('EMAIL', text);
      return address === null ? [] : [[text, subscriberIds('EMAIL', address)]];
    }),
  );
  const heads = await reading(() => findSubscribers(models.subscribers, [...new Set(idOf.values())]));
  const contactIds = [...heads.values()].flatMap(({ contactId }) => contactId ?? []);
  const found = await reading(() => findContactsById(models.contacts, contactIds));
  const contacts = new Map(found.filter((one) => isShown(one, scope)).map((one) => [one._id, one]));
  return new Map(
    [...idOf].flatMap(([text, id]): [string, Contact][] => {
      const contact = contacts.get(heads.get(id)?.contactId ?? '');
      // A claim that the contact does not list was left by a crash, or is in progress.
      return contact?.subscribers.EMAIL === heads.get(id)?._id && contact ? [[text, contact]] : [];
    }),
  );
}

function isShown({ blankUntil, isDeleted, unitIds }: Contact, scope: Scope): boolean {
  return !blankUntil && !isDeleted && isAnyInScope(scope, unitIds);
}
