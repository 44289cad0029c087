/** The sweep follows all marks that stopped processes left, some hundred at a time. */
import { trusted } from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepUnprojected } from '../../../src/domain/contacts/project.js';
import { connect } from '../../../src/models/connect.js';
import { createModels } from '../../../src/models/index.js';
import { findSubscriber } from '../../../src/models/find-subscribers.js';
import { monitored } from '../../support/connection.js';
import { openContactRoom } from '../../support/contact-room.js';
import type { ContactRoom } from '../../support/contact-room.js';

let room: ContactRoom;
beforeAll(async () => {
  room = await openContactRoom();
});
afterAll(() => room.close());

/** So many contacts with one address each, whose facets are yet to follow. @returns the subscribers' ids */
async function manyMarked(count: number): Promise<string[]> {
  const contact = await room.contact({ email: 'marked@example.com' });
  const { _id, ...head } =
    (await findSubscriber(room.models.subscribers, contact.subscribers.EMAIL ?? '')) ?? {};
  const numbers = Array.from({ length: count }, (_, at) => at);
  const idOf = (at: number) => `marked-${at}-of-${_id ?? ''}`;
  await room.models.contacts.collection.insertMany(
    numbers.map((at) => ({
      ...contact,
      _id: `contact-${at}-of-${contact._id}`,
      email: null,
      subscribers: { ...contact.subscribers, EMAIL: idOf(at) },
      facets: [],
    })) as never,
  );
  await room.models.subscribers.collection.insertMany(
    numbers.map((at) => ({
      ...head,
      _id: idOf(at),
      contactId: `contact-${at}-of-${contact._id}`,
      isUnprojected: true,
    })) as never,
  );
  return numbers.map(idOf);
}

it('follows every mark in one sweep, and stops between two batches when told to', async () => {
  const ids = await manyMarked(1200);
  const connection = await connect(monitored(room.database.uri));
  let messages = 0;
  connection.getClient().on('commandStarted', () => (messages += 1));
  const deps = { ...room.contacts, models: createModels(connection) };
  expect(await sweepUnprojected(deps)).toBe(ids.length);
  // Three batches, each with a handful of messages.
  expect(messages).toBeLessThan(60);
  expect(await sweepUnprojected(deps)).toBe(0);
  expect(await room.models.subscribers.countDocuments({ isUnprojected: true })).toBe(0);

  await room.models.subscribers.updateMany({ _id: trusted({ $in: ids }) }, { $set: { isUnprojected: true } });
  expect(await sweepUnprojected(deps, AbortSignal.abort())).toBe(500);
  expect(await sweepUnprojected(deps)).toBe(700);
  await connection.close();
});
