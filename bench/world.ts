/** The benchmark's world: 15 types of three units, and a subscriber for every link that is used once. */
import type { Connection } from 'mongoose';
import { applyChange, standingOf } from '../src/domain/consent/apply.js';
import { makeEvents } from '../src/domain/consent/events.js';
import type { BusinessUnit, ConsentState, SubscriptionType } from '../src/vocabulary/terms.js';
import type { Models } from '../src/models/index.js';
import { newSubscriber } from '../src/models/subscriber.js';
import type { Subscriber } from '../src/models/subscriber.js';

export const units: BusinessUnit[] = ['Northwind Outdoors', 'Fjell Hotels', 'Havn Coffee'].map(
  (name, id) => ({
    id,
    name,
    accent: { light: '#2f5d50', dark: '#8fc9b6' },
    senderName: name,
    senderAddress: `letters@unit-${id}.example`,
    postalAddress: `${name}, Storgata ${id + 1}, 0155 Oslo, Norway`,
    privacyPolicyUrl: `https://unit-${id}.example/privacy`,
    defaultLocale: 'en',
    hasDoubleOptIn: false,
    translations: {},
  }),
);

const typeOf = (id: number): SubscriptionType => ({
  id,
  unitId: id % units.length,
  channel: 'EMAIL',
  name: `Letter number ${id}`,
  description: 'Routes, seasons and gear that lasts. Twice a month.',
  purpose: 'MARKETING',
  communicationMethod: 'E-mail',
  isActive: true,
  isInternal: false,
  isDefault: false,
  order: id,
  translations: {},
});

export const types: SubscriptionType[] = Array.from({ length: 15 }, (_, index) => typeOf(index + 1));

/** All begin with the first five types on, and nothing decided about the others. */
const typesOn = types.slice(0, 5);

/** What each act ends and begins: a one-click ends one type, a save ends one and begins another. */
export const acts = {
  oneClick: { off: [typeOf(1)], on: [] },
  save: { off: [typeOf(4)], on: [typeOf(12)] },
} as const;
export type ActKind = keyof typeof acts;

/** A subscriber after an opt-in to five types: statuses, and the chained events that made them. */
export function subscriberOf(id: string, address: string, at: Date): Subscriber {
  const blank = newSubscriber(id, 'EMAIL', address, at);
  const changes = typesOn.map((type) => ({
    op: 'STATUS' as const,
    unitId: type.unitId,
    typeId: type.id,
    from: 'NOT_SPECIFIED' as const,
    to: 'SUBSCRIBED' as const,
  }));
  const events = makeEvents(blank, changes, {
    at,
    channel: 'EMAIL',
    actor: { kind: 'API', version: 4, ref: 'shop', scope: null },
    circumstances: {
      legalBasis: 'CONSENT_WITH_NOTICE',
      explanation: 'Ticked the box for letters at the checkout.',
    },
  });
  let state: ConsentState = blank;
  for (const event of events) state = applyChange(state, event.change, standingOf(event));
  const last = events[events.length - 1];
  return {
    ...blank,
    ...state,
    version: 1,
    seq: events.length,
    eventCount: events.length,
    chainHead: last?.hash ?? '',
    events,
  };
}

export async function writeCatalogue(models: Models): Promise<void> {
  await models.units.insertMany(units.map(({ id, ...unit }) => ({ _id: id, ...unit })));
  await models.types.insertMany(types.map(({ id, ...type }) => ({ _id: id, ...type })));
  await models.settings.updateOne(
    { _id: 'account' },
    { $set: { value: { isPrivacyMode: true } } },
    { upsert: true },
  );
}

/** Inserts in batches, without mongoose, since there are tens of thousands. */
export async function insertSubscribers(
  connections: Connection[],
  people: { id: string; address: string }[],
): Promise<void> {
  const at = new Date('2026-03-14T09:30:00Z');
  for (let first = 0; first < people.length; first += 1000) {
    const batch = people.slice(first, first + 1000).map(({ id, address }) => subscriberOf(id, address, at));
    for (const connection of connections)
      await connection.collection<Subscriber>('subscribers').insertMany(batch, { ordered: false });
  }
}
