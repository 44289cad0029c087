/** The API of the change feed: order, cursors, waiting, filters, business units, and erased addresses. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { publicEvent, type PublicEvent } from '../../../src/domain/changes/public-event.js';
import { drainFeed } from '../../../src/feed/run.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind, offers, trailNotes } from '../../support/people.js';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { actors, given } from '../../support/judge.js';

const portal = await openTestPortal();
const all = await keyIn(portal, ['changes.read']);

const answerSchema = z.strictObject({
  results: z.array(publicEvent),
  after: z.string(),
  hasMore: z.boolean(),
});

async function ask(query: Record<string, string | number> = {}, key = all) {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) text.set(name, String(value));
  return callApi(portal, key, 'GET', `/api/v1/changes?${text}`);
}

async function read(query: Record<string, string | number> = {}, key = all) {
  const { status, text, answer } = await ask(query, key);
  expect(status, text).toBe(200);
  return answerSchema.parse(answer);
}

/** Everything from a cursor on, a few entries at a time. */
async function readAll(after: string, query: Record<string, string | number> = {}, key = all) {
  const events: PublicEvent[] = [];
  for (let cursor = after; ;) {
    const answer = await read({ ...query, after: cursor, limit: 3 }, key);
    events.push(...answer.results);
    cursor = answer.after;
    if (!answer.hasMore) return { events, cursor };
  }
}

async function now(): Promise<string> {
  await drainFeed(portal.deps);
  return (await read({ after: 'now' })).after;
}

async function act(address: string, wish: Parameters<typeof changeConsent>[1]['wishes'][number]) {
  const subscriberId = portal.deps.subscriberIds('EMAIL', address);
  const how = { channel: 'EMAIL', actor: actors.staff, circumstances: given } as const;
  await changeConsent(portal.deps, { subscriberId, wishes: [wish], ...how });
  return subscriberId;
}

const optIn = { kind: 'OPT_IN', typeId: trailNotes.id } as const;
const optOut = { kind: 'OPT_OUT', typeId: trailNotes.id } as const;

it('events come once each and in order, a few at a time, and nothing comes again after the last cursor', async () => {
  const start = await now();
  await contactIn(portal, { email: 'changing@example.com' });
  for (const wish of [optIn, optOut, optIn]) await act('changing@example.com', wish);
  await drainFeed(portal.deps);
  const { events, cursor } = await readAll(start);
  const consent = events.filter(({ data }) => data.subscriberId !== null);
  expect(consent.map(({ data }) => data.sequence)).toEqual(consent.map((_, at) => at + 1));
  expect(consent.map(({ data }) => data.to)).toContain('UNSUBSCRIBED');
  expect(consent.every(({ data }) => data.address === 'changing@example.com')).toBe(true);
  expect(events.map(({ type }) => type)).toContain('contact.created');
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  expect((await readAll(cursor)).events).toEqual([]);
  expect((await readAll(start)).events, 'the same call gets the same events').toEqual(events);
});

it('a reader that waits gets an event as soon as it is published, and an empty answer in the end', async () => {
  const start = await now();
  const empty = await read({ after: start, wait: 1 });
  expect(empty).toMatchObject({ results: [], hasMore: false });
  const waiting = Promise.all([1, 2, 3].map(() => read({ after: empty.after, wait: 30 })));
  await contactIn(portal, { email: 'awaited@example.com' });
  await drainFeed(portal.deps);
  for (const { results } of await waiting) expect(results.length).toBeGreaterThan(0);
});

it('filters leave events out, and the cursor passes them', async () => {
  const start = await now();
  await contactIn(portal, { email: 'filtered@example.com' });
  await act('filtered@example.com', optIn);
  await act('filtered@example.com', { kind: 'OPT_IN', typeId: offers.id });
  await drainFeed(portal.deps);
  const about = { types: 'subscription.status_changed', subscriptionTypeId: trailNotes.id };
  const { events, cursor } = await readAll(start, about);
  expect(events.map(({ data }) => data.subscriptionTypeId)).toEqual([trailNotes.id]);
  expect((await readAll(cursor)).events).toEqual([]);
});

it('a key of one business unit gets the events of that unit only', async () => {
  const start = await now();
  await contactIn(portal, { email: 'northern@example.com', unitIds: [northwind.id] });
  await act('northern@example.com', optIn);
  await drainFeed(portal.deps);
  const fjellKey = await keyIn(portal, ['changes.read'], [fjell.id]);
  const northwindKey = await keyIn(portal, ['changes.read'], [northwind.id]);
  expect((await readAll(start, {}, fjellKey)).events).toEqual([]);
  const own = await readAll(start, {}, northwindKey);
  expect(own.events).toEqual((await readAll(start)).events);
  expect(own.events.length).toBeGreaterThan(1);
});

it('a key of one business unit does not learn of a contact of another, from an event of its own unit either', async () => {
  const start = await now();
  const { _id } = await contactIn(portal, { email: 'shared@example.com', unitIds: [fjell.id] });
  await act('shared@example.com', optIn);
  await drainFeed(portal.deps);
  const contactsSeenBy = async (key?: string) =>
    (await readAll(start, { types: 'subscription.status_changed' }, key)).events.map(
      ({ data }) => data.contactId,
    );
  expect(await contactsSeenBy()).toEqual([_id]);
  expect(await contactsSeenBy(await keyIn(portal, ['changes.read'], [northwind.id]))).toEqual([null]);
});

it('no event has the address of an erased subscriber', async () => {
  const start = await now();
  await contactIn(portal, { email: 'erased@example.com' });
  const id = await act('erased@example.com', optIn);
  await act('erased@example.com', { kind: 'ERASE' });
  await drainFeed(portal.deps);
  const { events } = await readAll(start);
  expect(events.filter(({ data }) => data.subscriberId === id).length).toBeGreaterThan(1);
  expect(JSON.stringify(events)).not.toContain('erased@');
});

it('invalid cursors, unknown fields, long waits, and keys without the scope are refused', async () => {
  const statusOf = async (query: Record<string, string | number>, key?: string) =>
    (await ask(query, key)).status;
  expect(await statusOf({ after: 'nonsense' })).toBe(400);
  expect(await statusOf({ types: 'no.such' })).toBe(400);
  expect(await statusOf({ unknown: 1 })).toBe(400);
  expect(await statusOf({ wait: 31 })).toBe(400);
  expect(await statusOf({}, await keyIn(portal, ['contacts.read']))).toBe(403);
});

it('a cursor of a database that was restored from a backup is refused, since events behind it may be others', async () => {
  await contactIn(portal, { email: 'backed-up@example.com' });
  await drainFeed(portal.deps);
  const cursor = await now();
  const { changes } = portal.deps.models;
  expect((await ask({ after: cursor })).status).toBe(200);
  for (const { _id, key } of await changes.find({}).lean())
    await changes.updateOne({ _id }, { key: `${key}:restored` });
  expect((await ask({ after: cursor })).status).toBe(409);
});
