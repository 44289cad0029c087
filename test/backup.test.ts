/** A backup drill: subscribers are dumped to a file and restored into another database, and every decision is the same. */
import { createReadStream, createWriteStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mongo } from 'mongoose';
import type { Connection } from 'mongoose';
import { expect, it } from 'vitest';
import { createBackground } from '../src/background.js';
import { subscriberIdsOf } from '../src/domain/consent/address.js';
import { createCatalogueSource } from '../src/domain/consent/catalogue.js';
import { changeConsent } from '../src/domain/consent/change.js';
import { effectiveStatus } from '../src/domain/consent/effective.js';
import { faultsOfHistory, readHistory } from '../src/domain/consent/history.js';
import { createModels } from '../src/models/index.js';
import type { Models } from '../src/models/index.js';
import { migrate } from '../src/migrations.js';
import { phoneOfAlice } from '../src/seed/contacts.js';
import { seed } from '../src/seed/seed.js';
import { openTestDatabase } from './support/connection.js';

const { EJSON } = mongo.BSON;

const [original, restored] = await Promise.all([openTestDatabase(), openTestDatabase()]);

/** One line of canonical extended JSON for a document, so that dates, numbers and their types are restored unchanged. */
async function dump(connection: Connection, file: string): Promise<void> {
  const lines = async function* () {
    for (const { name } of await connection.listCollections()) {
      for await (const document of connection.collection(name).find()) {
        yield `${EJSON.stringify({ name, document }, { relaxed: false })}\n`;
      }
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

async function restore(connection: Connection, file: string): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { name, document } = EJSON.parse(line, { relaxed: false }) as {
      name: string;
      document: { _id: never };
    };
    await connection.collection(name).replaceOne({ _id: document._id }, document, { upsert: true });
  }
}

const background = createBackground();

function consentDeps(models: Models, clock = () => new Date()) {
  const catalogue = createCatalogueSource(models);
  return {
    models,
    subscriberIds: subscriberIdsOf('k'.repeat(43)),
    clock,
    catalogue: () => catalogue.read(),
    queueConfirmation: () => Promise.resolve(),
    background: background.add,
  };
}

/** Everything that was decided, and every fault in its proof. */
async function account(models: Models) {
  const { types } = await createCatalogueSource(models).read();
  const told: Record<string, unknown> = {};
  for (const { _id } of await models.subscribers.find({}, { _id: 1 }).lean()) {
    const history = await readHistory(models, _id);
    told[_id] = {
      faults: history ? faultsOfHistory(history) : ['is gone'],
      events: history?.events.length,
      statuses: history
        ? [...types.values()].map((type) => [type.id, effectiveStatus(history.subscriber, type)])
        : [],
    };
  }
  return told;
}

it('a dumped and restored database holds every status with its history, and accepts new acts', async () => {
  const before = createModels(original.connection);
  await migrate({ connection: original.connection, models: before });
  const deps = consentDeps(before);
  const { people } = await seed(deps);
  const phones = (['SMS', 'WHATSAPP'] as const).map((channel) => deps.subscriberIds(channel, phoneOfAlice));
  const ids = [...people.map(({ subscriberId }) => subscriberId), ...phones];
  const [first] = ids;
  const { types } = await deps.catalogue();
  const [typeId = 0] = [...types.keys()];
  // Enough acts that the oldest events are archived.
  for (let act = 0; act < 60; act += 1) {
    await changeConsent(deps, {
      subscriberId: first ?? '',
      channel: 'EMAIL',
      actor: { kind: 'CONTACT', isLinkFresh: true },
      wishes: [{ kind: act % 2 === 0 ? 'OPT_OUT' : 'OPT_IN', typeId }],
    });
  }
  // A dump that is not one point in time must not run while events move (docs/operations.md, "Back up").
  await background.settle(30_000);
  expect(await before.archivedEvents.countDocuments()).toBeGreaterThan(0);

  const file = join(mkdtempSync(join(tmpdir(), 'sayso-backup-')), 'dump.ndjson');
  await dump(original.connection, file);
  await restore(restored.connection, file);
  await restore(restored.connection, file);

  const after = createModels(restored.connection);
  await migrate({ connection: restored.connection, models: after });
  const told = await account(after);
  expect(told).toEqual(await account(before));
  expect(Object.keys(told).sort()).toEqual([...ids].sort());
  for (const one of Object.values(told)) expect(one).toMatchObject({ faults: [] });

  const { events } = await changeConsent(consentDeps(after), {
    subscriberId: first ?? '',
    channel: 'EMAIL',
    actor: { kind: 'ONE_CLICK' },
    wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId: null }],
  });
  expect(events).toHaveLength(1);
  expect(
    faultsOfHistory((await readHistory(after, first ?? '')) ?? expect.fail('the subscriber is gone')),
  ).toEqual([]);
});
