/** Contacts by the thousand for the benchmark and the soak test: each with an e-mail address that has a history, inserted directly. */
import type { Connection } from 'mongoose';
import type { SubscriberIds } from '../src/domain/consent/address.js';
import type { Contact } from '../src/models/contact.js';
import type { Subscriber } from '../src/models/subscriber.js';
import { contactPastForms } from '../test/support/crowd.js';
import { subscriberOf, types, units } from './world.js';

export interface Member {
  contact: Contact;
  subscriber: Subscriber;
}

const firstNames = ['Ann', 'Bjørn', 'Cara', 'Dag', 'Eva', 'Finn', 'Gro', 'Hans', 'Ida', 'Jon'];
const lastNames = ['Berg', 'Dahl', 'Eide', 'Foss', 'Haug', 'Lie', 'Moen', 'Nes', 'Ruud', 'Vik'];
const cities = ['Oslo', 'Bergen', 'Trondheim', 'Stavanger', 'Tromsø'];
const madeAt = Date.parse('2026-01-01T00:00:00Z');
const catalogue = {
  units: new Map(units.map((unit) => [unit.id, unit])),
  orderedTypes: types,
  properties: new Map(),
};

/** The member with this number, always the same. */
export function memberOf(index: number, subscriberIds: SubscriberIds): Member {
  const email = `member-${index}@example.com`;
  // Seconds apart, so that no two were added at the same time.
  const at = new Date(madeAt + index * 1000);
  const contactId = `c${String(index).padStart(9, '0')}`;
  const subscriber = { ...subscriberOf(subscriberIds('EMAIL', email), email, at), contactId };
  const named = {
    _id: contactId,
    firstName: firstNames[index % firstNames.length] ?? '',
    lastName: `${lastNames[Math.floor(index / 10) % lastNames.length]} ${index}`,
    email,
    phone: null,
  };
  const about = {
    unitIds: [index % units.length],
    locale: index % 4 === 0 ? 'nb' : 'en',
    properties: { City: cities[index % cities.length] ?? '' },
    source: index % 2 === 0 ? ('API' as const) : ('STAFF' as const),
  };
  return {
    subscriber,
    contact: contactPastForms({ ...named, ...about }, { subscriber, at, by: 'key:shop', catalogue }),
  };
}

const batchSize = 1000;

/** Inserts the members of a range of numbers, in batches, into each database. */
export async function insertMembers(
  connections: readonly Connection[],
  range: { from: number; to: number },
  subscriberIds: SubscriberIds,
): Promise<void> {
  for (let first = range.from; first < range.to; first += batchSize) {
    const length = Math.min(batchSize, range.to - first);
    const members = Array.from({ length }, (_, index) => memberOf(first + index, subscriberIds));
    for (const connection of connections) {
      const insert = (name: string, documents: object[]) =>
        connection.collection(name).insertMany(documents, { ordered: false });
      await insert(
        'subscribers',
        members.map(({ subscriber }) => subscriber),
      );
      await insert(
        'contacts',
        members.map(({ contact }) => contact),
      );
    }
  }
}
