/** Gives a test file its own database on the server that all tests share. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Document, IndexDescriptionInfo } from 'mongodb';
import type { Connection } from 'mongoose';
import { inject } from 'vitest';
import { migrate } from '../../src/migrations.js';
import { connect } from '../../src/models/connect.js';
import { createModels, type Models } from '../../src/models/index.js';
import { closeAfterwards } from './close-afterwards.js';

export interface TestDatabase {
  connection: Connection;
  models: Models;
  /** Names this database, for a process with its own connection. */
  uri: string;
}

/** Connects to a database that no other test file has. It is dropped after the test or the file that opened it. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const database = await connectTo(newUri());
  closeAfterwards(() => drop(database));
  return database;
}

function newUri(): string {
  return withDatabaseName(inject('databaseUri'), `test-${randomBytes(6).toString('hex')}`);
}

/** Dropping a large database takes longer than the portal waits for an answer. The worker keeps the connection until it ends. */
let patient: Promise<Connection> | undefined;

async function drop({ connection }: TestDatabase): Promise<void> {
  const { name } = connection;
  // After a test that computed for seconds, the driver finds its connections too quiet, and ends what they are doing. Nothing is under way here.
  await setImmediate();
  await connection.close();
  patient ??= connect(inject('databaseUri'), { isUnhurried: true });
  await (await patient).getClient().db(name).dropDatabase();
}

/** What a migration has made of a collection. */
export interface Made {
  name: string;
  documents: Document[];
  indexes: IndexDescriptionInfo[];
}
let migrated: Promise<readonly Made[]> | undefined;

/** The same, migrated. It is a copy of the first one of the process, since a migration takes 0.2 s of a core. */
export async function openMigratedDatabase(): Promise<TestDatabase> {
  const database = await openTestDatabase();
  if (migrated) await Promise.all((await migrated).map((made) => copyInto(database.connection, made)));
  else {
    const made = migrate(database).then(() => contentOf(database.connection));
    migrated = made;
    // A failure is that of one file.
    await made.catch((error: unknown) => {
      migrated = undefined;
      throw error;
    });
  }
  return database;
}

export async function contentOf(connection: Connection): Promise<Made[]> {
  const collections = await connection.listCollections();
  return Promise.all(
    collections.map(async ({ name }) => {
      const collection = connection.collection(name);
      const [documents, indexes] = await Promise.all([
        collection.find().toArray(),
        collection.listIndexes().toArray(),
      ]);
      return { name, documents, indexes: indexes.filter(({ key }) => !isDeepStrictEqual(key, { _id: 1 })) };
    }),
  );
}

async function copyInto(connection: Connection, { name, documents, indexes }: Made): Promise<void> {
  const collection = connection.collection(name);
  await (indexes.length > 0 ? collection.createIndexes(indexes) : connection.createCollection(name));
  if (documents.length > 0) await collection.insertMany(documents);
}

/** Connects to a database that a test has opened, for a process of its own. */
export async function connectTo(uri: string): Promise<TestDatabase> {
  const connection = await connect(uri);
  return { connection, models: createModels(connection), uri };
}

/** Opens another connection to a database, which reports each command that it sends, with its name. */
export async function watchedBy(
  { uri }: Pick<TestDatabase, 'uri'>,
  see: (command: Document, name: string) => unknown,
): Promise<TestDatabase> {
  const watched = await connectTo(monitored(uri));
  closeAfterwards(() => watched.connection.close());
  watched.connection
    .getClient()
    .on('commandStarted', ({ command, commandName }) => void see(command, commandName));
  return watched;
}

/** Puts another database name into a connection string. The string may name several hosts, so it is not a URL. */
export function withDatabaseName(uri: string, name: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`);
}

/** The same database, over a connection that reports every command. */
export function monitored(uri: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
}
