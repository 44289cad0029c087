/** Gives a test file its own database on the server that all tests share. */
import { randomBytes } from 'node:crypto';
import type { Document } from 'mongodb';
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

async function drop({ connection, uri }: TestDatabase): Promise<void> {
  await connection.close();
  // Dropping a large database takes longer than the portal waits for an answer.
  const patient = await connect(uri, { isUnhurried: true });
  await patient.dropDatabase();
  await patient.close();
}

/** What a migration makes, by collection. */
type Made = Map<string, { documents: Document[]; indexes: string }>;

/** A migrated database that a file of this process has finished with. */
interface Finished {
  uri: string;
  made: Made;
  /** When nothing that was sent to it is still under way, in the time of `performance`. */
  restedAt: number;
}
const finished: Finished[] = [];
/** Deleting more documents of one collection than these takes longer than a migration. */
const fewDocuments = 1000;
/** A command that its client no longer waits for may still be written. */
const restMs = 5000;

/**
 * The same, migrated. A migration takes 0.2 s of a core, so a database serves one file after the other: its documents are replaced by those of a new one.
 */
export async function openMigratedDatabase(): Promise<TestDatabase> {
  const isRested = finished[0] !== undefined && finished[0].restedAt < performance.now();
  const known = isRested ? finished.shift() : undefined;
  const database = await connectTo(known?.uri ?? newUri());
  if (known) await replaceDocuments(database.connection, known.made);
  else await migrate(database);
  const made = known?.made ?? (await contentOf(database.connection));
  closeAfterwards(() => finish(database, made));
  return database;
}

async function contentOf(connection: Connection): Promise<Made> {
  const read = async (name: string) =>
    [
      name,
      {
        documents: await connection.collection(name).find().toArray(),
        indexes: await indexesOf(connection, name),
      },
    ] as const;
  const collections = await connection.listCollections();
  return new Map(await Promise.all(collections.map(({ name }) => read(name))));
}

async function indexesOf(connection: Connection, name: string): Promise<string> {
  const found = await connection.collection(name).listIndexes().toArray();
  return found
    .map((index) => JSON.stringify(index))
    .toSorted()
    .join();
}

async function replaceDocuments(connection: Connection, made: Made): Promise<void> {
  for (const [name, { documents }] of made) {
    const collection = connection.collection(name);
    await collection.deleteMany({});
    if (documents.length > 0) await collection.insertMany(documents);
  }
}

async function finish(database: TestDatabase, made: Made): Promise<void> {
  // A test may have closed the connection, which is an error here.
  const mayServeAgain = await isLikeNew(database, made).catch(() => false);
  if (!mayServeAgain) return drop(database);
  await database.connection.close();
  finished.push({ uri: database.uri, made, restedAt: performance.now() + restMs });
}

/** False if a test has made or dropped collections or indexes, for which a database may choose other plans. */
async function isLikeNew({ connection, models }: TestDatabase, made: Made): Promise<boolean> {
  const { contacts, subscribers, changes, mails, jobChunks } = models;
  for (const model of [contacts, subscribers, changes, mails, jobChunks])
    if ((await model.estimatedDocumentCount()) > fewDocuments) return false;
  const collections = await connection.listCollections();
  if (collections.length !== made.size) return false;
  const indexes = await Promise.all(collections.map(({ name }) => indexesOf(connection, name)));
  return collections.every(({ name }, at) => made.get(name)?.indexes === indexes[at]);
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
