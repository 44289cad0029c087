/** Migrations: numbered steps, each done once by one process, and never on a database newer than the code. */
import type { Connection } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../src/models/connect.js';
import { createModels } from '../src/models/index.js';
import {
  findMissingIndexes,
  migrate,
  readSchemaVersion,
  requireSchema,
  schemaVersion,
} from '../src/migrations.js';
import { facet } from '../src/domain/filters/facet.js';
import { freezeChunk } from '../src/models/job-chunk.js';
import { openContactRoom } from './support/contact-room.js';
import { openTestDatabase } from './support/connection.js';
import type { TestDatabase } from './support/connection.js';

let database: TestDatabase;
let connection: Connection;

beforeEach(async () => {
  database = await openTestDatabase();
  connection = database.connection;
});

describe('migrate', () => {
  it('creates every index that the models declare, and stores the version', async () => {
    const models = createModels(connection);
    expect(await findMissingIndexes(connection)).not.toEqual([]);
    expect(await migrate({ connection, models })).toEqual({ from: 0, to: schemaVersion });
    expect(await findMissingIndexes(connection)).toEqual([]);
    expect(await readSchemaVersion(models)).toBe(schemaVersion);
  });

  it('changes and prints nothing the second time', async () => {
    const models = createModels(connection);
    await migrate({ connection, models });
    const said: string[] = [];
    expect(await migrate({ connection, models, say: (sentence) => said.push(sentence) })).toEqual({
      from: schemaVersion,
      to: schemaVersion,
    });
    expect(said).toEqual([]);
  });

  it('creates the unique index of the request counts, although an older release counted one network twice', async () => {
    const models = createModels(connection);
    await models.settings.create({ _id: 'schema', value: 1 });
    for (const points of [3, 4]) await models.rateLimits.create({ key: 'find:one', points });
    await migrate({ connection, models });
    expect(await findMissingIndexes(connection)).toEqual([]);
    await models.rateLimits.create({ key: 'find:one', points: 1 });
    await expect(models.rateLimits.create({ key: 'find:one', points: 1 })).rejects.toMatchObject({
      code: 11_000,
    });
  });

  it('creates an index that was dropped', async () => {
    const models = createModels(connection);
    await migrate({ connection, models });
    const [name] = Object.keys(await models.mails.collection.indexInformation()).filter(
      (index) => index !== '_id_',
    );
    await models.mails.collection.dropIndex(name ?? '');
    expect(await findMissingIndexes(connection)).toHaveLength(1);
    await migrate({ connection, models });
    expect(await findMissingIndexes(connection)).toEqual([]);
  });

  it('makes the other indexes of a collection if one cannot be made, and says which', async () => {
    const models = createModels(connection);
    await migrate({ connection, models });
    const { collection } = models.rateLimits;
    await collection.dropIndexes();
    const missing = await findMissingIndexes(connection);
    expect(missing.length).toBeGreaterThan(1);
    for (const points of [3, 4]) await collection.insertOne({ key: 'find:one', points });
    await expect(migrate({ connection, models })).rejects.toMatchObject({ code: 11_000 });
    expect(await findMissingIndexes(connection)).toEqual(['rate_limits {"key":1}']);
  });

  it('does each step once when four processes begin at the same moment', async () => {
    const others = await Promise.all([1, 2, 3, 4].map(() => connect(database.uri)));
    const done: string[] = [];
    const step = (version: number) => ({
      version,
      title: `step ${version}`,
      run: async () => {
        done.push(`begin ${version}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        done.push(`end ${version}`);
      },
    });
    const outcomes = await Promise.all(
      others.map((other) => migrate({ connection: other, models: createModels(other) }, [step(1), step(2)])),
    );
    expect(done).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
    expect(outcomes.filter(({ from }) => from === 0)).toHaveLength(1);
    await Promise.all(others.map((other) => other.close()));
  });

  it('keeps completed steps when a later one fails, and continues from there', async () => {
    const models = createModels(connection);
    const done: number[] = [];
    const step = (version: number, isBroken = false) => ({
      version,
      title: `step ${version}`,
      run: async () => {
        if (isBroken) throw new Error('broken step');
        done.push(version);
        await Promise.resolve();
      },
    });
    await expect(migrate({ connection, models }, [step(1), step(2, true)])).rejects.toThrow('broken step');
    expect(await readSchemaVersion(models)).toBe(1);
    await migrate({ connection, models }, [step(1), step(2)]);
    expect(done).toEqual([1, 2]);
  });

  it('refuses a database migrated by a newer release, and does not change it', async () => {
    const models = createModels(connection);
    await models.settings.create({ _id: 'schema', value: schemaVersion + 1 });
    await expect(migrate({ connection, models })).rejects.toMatchObject({
      code: 'WRONG_SCHEMA',
      message: expect.stringContaining('newer release'),
    });
    expect(await readSchemaVersion(models)).toBe(schemaVersion + 1);
  });
});

describe('the step that begins the change feed', () => {
  it('refreshes the contacts that older marks name, and removes the marks and their indexes', async () => {
    const room = await openContactRoom();
    const { subscribers, contacts, jobChunks, settings } = room.models;
    const [marked, inChunk] = [
      await room.contact({ email: 'ann@example.com' }),
      await room.contact({ email: 'bea@example.com' }),
    ];
    await contacts.collection.updateMany({}, { $set: { facets: [] } });
    await subscribers.collection.updateOne(
      { _id: marked.subscribers.EMAIL as never },
      { $set: { isUnprojected: true } },
    );
    const job = { _id: 'an older job', fence: 1, at: room.deps.clock() };
    await freezeChunk(room.models, { job, index: 0 }, [inChunk._id]);
    await jobChunks.collection.updateOne({ jobId: job._id }, { $set: { state: 'BEGUN' } });
    await subscribers.collection.createIndex({ isUnprojected: 1 });
    await jobChunks.collection.createIndex({ state: 1 });
    await settings.updateOne({ _id: 'schema' }, { $set: { value: 9 } });
    await migrate({ connection: room.database.connection, models: room.models });
    for (const { _id } of [marked, inChunk])
      expect((await room.stored(_id))?.facets).toEqual(
        expect.arrayContaining([facet.all, facet.unit(0), facet.channel('EMAIL')]),
      );
    expect(await subscribers.collection.countDocuments({ isUnprojected: { $exists: true } })).toBe(0);
    expect(await subscribers.collection.indexInformation()).not.toHaveProperty('isUnprojected_1');
    expect(await jobChunks.collection.indexInformation()).not.toHaveProperty('state_1');
  });
});

describe('requireSchema', () => {
  it('says what to do for a database that was never migrated', async () => {
    await expect(requireSchema(createModels(connection))).rejects.toMatchObject({
      code: 'WRONG_SCHEMA',
      message: expect.stringContaining('sayso migrate'),
    });
  });

  it('lets a process start on its own schema, and not on a newer one', async () => {
    const models = createModels(connection);
    await migrate({ connection, models });
    await expect(requireSchema(models)).resolves.toBeUndefined();
    await models.settings.updateOne({ _id: 'schema' }, { $set: { value: schemaVersion + 1 } });
    await expect(requireSchema(models)).rejects.toMatchObject({ code: 'WRONG_SCHEMA' });
  });
});
