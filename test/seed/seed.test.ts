/** The demonstration world: each person in their role, created through the rules, and the same however often it is seeded. */
import { expect, it } from 'vitest';
import { subscriberIdsOf } from '../../src/domain/consent/address.js';
import { createCatalogueSource } from '../../src/domain/consent/catalogue.js';
import { changeConsent } from '../../src/domain/consent/change.js';
import { effectiveStatus } from '../../src/domain/consent/effective.js';
import { faultsOfHistory, readHistory } from '../../src/domain/consent/history.js';
import type { History } from '../../src/domain/consent/history.js';
import type { SubscriptionType } from '../../src/vocabulary/terms.js';
import { seed } from '../../src/seed/seed.js';
import type { SeedDeps } from '../../src/seed/seed.js';
import { openTestDatabase } from '../support/connection.js';
import { alice, bob, charlie, dana, erin, people } from '../support/people.js';
import { guestSurvey, offers, repairReminders, trailNotes, weekendLetters } from '../support/people.js';
import type { Person } from '../support/people.js';

const now = new Date('2026-03-02T12:00:00Z');
const subscriberIds = subscriberIdsOf('the key of the tests');
const confirmations: string[] = [];

const { models } = await openTestDatabase();
const deps: SeedDeps = {
  models,
  subscriberIds,
  clock: () => now,
  queueConfirmation: async ({ subscriberId }) => void confirmations.push(subscriberId),
};
await seed(deps);

const idOf = (person: Person) => subscriberIds('EMAIL', person.address);

async function historyOf(person: Person): Promise<History> {
  const found = await readHistory(models, idOf(person));
  if (!found) throw new Error(`${person.name} is not there`);
  return found;
}

async function statusOf(person: Person, type: SubscriptionType): Promise<string> {
  const { status, level, standing } = effectiveStatus((await historyOf(person)).subscriber, type);
  return `${status} ${level}${standing ? ` by ${standing.by}` : ''}`;
}

const everything = async () =>
  JSON.stringify([
    await models.subscribers.find({}).sort({ _id: 1 }).lean(),
    await models.contacts.find({}).sort({ _id: 1 }).lean(),
    await models.contactProperties.find({}).sort({ _id: 1 }).lean(),
    await models.units.find({}).sort({ _id: 1 }).lean(),
    await models.types.find({}).sort({ _id: 1 }).lean(),
    await models.settings.find({}).sort({ _id: 1 }).lean(),
  ]);

it('Alice is subscribed since some days, and pauses her repair reminders', async () => {
  expect(await statusOf(alice, trailNotes)).toBe('SUBSCRIBED SUBSCRIPTION_STATUS by CONTACT');
  expect(await statusOf(alice, weekendLetters)).toBe('SUBSCRIBED SUBSCRIPTION_STATUS by CONTACT');
  expect(await statusOf(alice, repairReminders)).toBe('SUBSCRIBED SUBSCRIPTION_STATUS by API');
  const { subscriber } = await historyOf(alice);
  expect(subscriber.subscriptions[trailNotes.id]?.at).toEqual(new Date('2025-03-14T09:30:00Z'));
  expect(subscriber.snoozes[repairReminders.id]?.until.getTime()).toBeGreaterThan(now.getTime());
});

it('Bob is pending: his wish is unconfirmed, and only he is asked to confirm', async () => {
  const { subscriber } = await historyOf(bob);
  expect(subscriber.pending.map(({ typeIds }) => typeIds)).toEqual([[weekendLetters.id]]);
  expect(subscriber.pending[0]?.expiresAt.getTime()).toBeGreaterThan(now.getTime());
  expect(await statusOf(bob, weekendLetters)).toBe('NOT_SPECIFIED SUBSCRIPTION_STATUS');
  expect(confirmations).toEqual([idOf(bob)]);
});

it('Charlie opted out himself', async () => {
  expect(await statusOf(charlie, offers)).toBe('UNSUBSCRIBED BRAND_WIDE_STATUS by CONTACT');
});

it('Dana was opted out by staff', async () => {
  expect(await statusOf(dana, trailNotes)).toBe('UNSUBSCRIBED BRAND_WIDE_STATUS by STAFF');
});

it('Erin bounced, which is not an opt-out', async () => {
  expect(await statusOf(erin, trailNotes)).toBe('SUBSCRIBED SUBSCRIPTION_STATUS by CONTACT');
  expect((await historyOf(erin)).subscriber.undeliverable).toMatchObject({
    reason: 'HARD_BOUNCE',
    by: 'SYSTEM',
  });
});

it('each person is a contact of their brands, with matching facets; Alice also has a phone', async () => {
  const contacts = await models.contacts.find({}).sort({ nameKey: 1 }).lean();
  expect(contacts.map(({ firstName, lastName, unitIds }) => [firstName, lastName, unitIds])).toEqual([
    ['Alice', 'Holm', [0, 1]],
    ['Bob', 'Nygaard', [1]],
    ['Charlie', 'Berg', [0]],
    ['Dana', 'Vik', [0, 1]],
    ['Erin', 'Moe', [0]],
  ]);
  const facetsOf = (person: Person) => contacts.find(({ email }) => email === person.address)?.facets;
  expect(facetsOf(alice)).toContain(`SMS:${guestSurvey.id}:SUBSCRIBED`);
  expect(facetsOf(alice)).toContain(`EMAIL:${trailNotes.id}:SUBSCRIBED`);
  expect(facetsOf(charlie)).toContain('EMAIL:out-of-all:0');
  expect(facetsOf(erin)).toContain('EMAIL:undeliverable');
});

it('every history is valid, in order of time, and names the wording that the contact saw', async () => {
  const { revision } = await createCatalogueSource(models).read();
  expect(revision).not.toBe('');
  for (const person of people) {
    const found = await historyOf(person);
    expect(faultsOfHistory(found), person.name).toEqual([]);
    const times = found.events.map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const event of found.events)
      if (event.actor.kind === 'CONTACT') expect(event.wording, person.name).toMatch(/^[\w-]{43}$/);
  }
});

it('seeding again changes nothing, and keeps later changes', async () => {
  const before = await everything();
  expect((await seed(deps)).people.map(({ isNew }) => isNew)).toEqual(people.map(() => false));
  expect(await everything()).toBe(before);
  const catalogue = await createCatalogueSource(models).read();
  await changeConsent(
    { ...deps, catalogue: async () => catalogue },
    {
      subscriberId: idOf(alice),
      channel: 'EMAIL',
      actor: { kind: 'ONE_CLICK' },
      wishes: [{ kind: 'OPT_OUT', typeId: trailNotes.id }],
    },
  );
  await models.units.updateOne({ _id: 0 }, { $set: { name: 'A real company' } });
  await seed(deps);
  expect(await statusOf(alice, trailNotes)).toBe('UNSUBSCRIBED SUBSCRIPTION_STATUS by ONE_CLICK');
  expect((await models.units.findById(0).lean())?.name).toBe('A real company');
});
