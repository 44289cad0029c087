/** The numbers of addresses that a setting concerns are those for which `decideEligibility` answers differently. */
import { expect, it } from 'vitest';
import { decideEligibility, type Purpose } from '../../../src/domain/consent/eligibility.js';
import { facet } from '../../../src/domain/filters/facet.js';
import { countByPrivacyMode, countByPurpose } from '../../../src/domain/marketing/addresses-concerned.js';
import { newSubscriber } from '../../../src/models/subscriber.js';
import type { Subscriber } from '../../../src/models/subscriber.js';
import { channels } from '../../../src/vocabulary/terms.js';
import type { OptOut, Standing, SubscriptionType } from '../../../src/vocabulary/terms.js';
import { openTestPortal } from '../../support/app.js';

const portal = await openTestPortal();

/** The same random numbers each time. */
function dice(seed: number) {
  let state = seed;
  return (sides: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % sides;
  };
}

it('counts the addresses that privacy mode, or the purpose of a type, lets be mailed, over random states', async () => {
  const { models, clock, rereadCatalogue } = portal.deps;
  const catalogue = await rereadCatalogue();
  const roll = dice(20_261_128);
  const now = clock();
  const standing: Standing = { at: now, by: 'API', seq: 1 };
  const optOut: OptOut = { ...standing, by: 'ONE_CLICK', party: 'CONTACT' };
  const nonMarketing = new Set<string>();
  const made = Array.from({ length: 400 }, (_one, at): Subscriber => {
    const channel = channels[roll(channels.length)] ?? 'EMAIL';
    const subscriber = newSubscriber(`random-${at}`, channel, roll(9) === 0 ? null : `${at}@x.example`, now);
    // Most states decide on every type, so that both answers are frequent.
    for (const { id } of catalogue.orderedTypes) {
      const choice = roll(12);
      if (choice < 5) subscriber.subscriptions[id] = standing;
      else if (choice < 10) subscriber.optOuts.types[id] = [optOut];
      else if (choice < 11) {
        const until = new Date(now.getTime() + (roll(2) === 0 ? 1 : -1) * 3_600_000);
        subscriber.snoozes[id] = { at: now, until };
      }
    }
    for (const id of catalogue.units.keys()) if (roll(5) === 0) subscriber.optOuts.units[id] = [optOut];
    if (roll(6) === 0) subscriber.optOuts.portal = [optOut];
    if (roll(6) === 0) subscriber.undeliverable = { at: now, by: 'SYSTEM', seq: 1, reason: 'HARD_BOUNCE' };
    if (roll(4) > 0) subscriber.contactId = `contact-${at}`;
    if (subscriber.contactId && roll(2) === 0) nonMarketing.add(subscriber.contactId);
    return subscriber;
  });
  await models.subscribers.deleteMany({});
  await models.subscribers.insertMany(made);
  await models.contacts.deleteMany({});
  await models.contacts.collection.insertMany(
    made.flatMap(({ _id, channel, contactId }) => {
      if (!contactId) return [];
      const isMarketing = !nonMarketing.has(contactId);
      const subscribers = { EMAIL: null, SMS: null, WHATSAPP: null, [channel]: _id };
      return [{ _id: contactId, isMarketing, subscribers, facets: [facet.marketing(isMarketing)] } as never];
    }),
  );
  /** An address without a contact gets the answer of a marketing contact. */
  const may = (one: Subscriber, type: SubscriptionType, purpose: Purpose, isPrivacyMode: boolean) => {
    const isMarketingContact = !nonMarketing.has(one.contactId ?? '');
    return decideEligibility(one, type, { purpose, now, isMarketingContact }, { isPrivacyMode }).isEligible;
  };
  const numbersOf = (found: readonly Subscriber[]) => {
    const ofContacts = found.filter(({ contactId }) => contactId !== null).length;
    return { ofContacts, others: found.length - ofContacts };
  };
  const differs = (subscriber: Subscriber) =>
    subscriber.address !== null &&
    catalogue.orderedTypes.some((type) => {
      if (type.channel !== subscriber.channel || type.purpose === 'TRANSACTIONAL') return false;
      return may(subscriber, type, 'MARKETING', true) !== may(subscriber, type, 'MARKETING', false);
    });
  const expected = numbersOf(made.filter(differs));
  expect(Math.min(expected.ofContacts, expected.others)).toBeGreaterThan(10);
  expect(expected.ofContacts + expected.others).toBeLessThan(380);
  expect(await countByPrivacyMode(portal.deps, catalogue)).toEqual(expected);

  for (const type of catalogue.orderedTypes.filter(({ purpose }) => purpose === 'MARKETING').slice(0, 3))
    for (const isPrivacyMode of [true, false]) {
      const gains = made.filter((subscriber) => {
        if (type.channel !== subscriber.channel || subscriber.address === null) return false;
        const [before, after] = (['MARKETING', 'TRANSACTIONAL'] as const).map((purpose) =>
          may(subscriber, type, purpose, isPrivacyMode),
        );
        return !before && after;
      });
      expect(await countByPurpose(portal.deps, type, { isPrivacyMode })).toEqual(numbersOf(gains));
    }
});
