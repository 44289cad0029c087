/** The demonstration world never mixes with a real account, and seeding it twice changes nothing. */
import { beforeEach, expect, it } from 'vitest';
import { importCatalogue } from '../../src/domain/catalogue/import.js';
import type { Models } from '../../src/models/index.js';
import { migrate } from '../../src/migrations.js';
import { seed } from '../../src/seed/seed.js';
import { openTestDatabase } from '../support/connection.js';
import type { TestDatabase } from '../support/connection.js';
import { dumpOf } from '../support/dump.js';
import { fjell, northwind, trailNotes } from '../support/people.js';
import { subscriberIds } from '../support/sending.js';

let database: TestDatabase;
let models: Models;
beforeEach(async () => {
  database = await openTestDatabase();
  ({ models } = database);
  await migrate(database);
});

const seedAgain = () =>
  seed({
    models,
    subscriberIds,
    clock: () => new Date('2026-03-02T12:00:00Z'),
    queueConfirmation: async () => undefined,
  });
const isNew = async () => (await seedAgain()).people.map((person) => person.isNew);
const real = { ...northwind, name: 'Acme', senderAddress: 'news@acme.internal' };

it('seed refuses an account with a catalogue of its own, and writes nothing', async () => {
  await importCatalogue(models, { units: [real], types: [trailNotes], isPrivacyMode: undefined });
  const before = await dumpOf(database.connection);
  await expect(seedAgain()).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
  expect(await dumpOf(database.connection)).toEqual(before);
});

it('seed refuses a demonstration whose units have become real ones', async () => {
  await seedAgain();
  await models.units.updateOne({ _id: northwind.id }, { senderAddress: 'news@acme.internal' });
  await models.units.updateOne({ _id: fjell.id }, { senderAddress: 'stay@acme.internal' });
  await expect(seedAgain()).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
});

it('seed fills an empty database, and a repeat keeps its own world unchanged', async () => {
  expect(await isNew()).toEqual([true, true, true, true, true]);
  await models.units.updateOne(
    { _id: northwind.id },
    { name: 'Renamed', senderAddress: 'new@acme.internal' },
  );
  const before = await dumpOf(database.connection);
  expect(await isNew()).toEqual([false, false, false, false, false]);
  expect(await dumpOf(database.connection)).toEqual(before);
});
