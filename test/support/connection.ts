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

/** A migrated database that a file of this process has finished with. */
interface Finished {
  uri: string;
  /** The documents that the migration made, by collection. */
  made: Map<string, Document[]>;
  /** When nothing that was sent to it is still under way, in the time of `performance`. */
  restedAt: number;
}
const finished: Finished[] = [];
/** Deleting more contacts than these takes longer than a migration. */
const fewDocuments = 1000;
/** A command that its client no longer waits for may still be written. */
const restMs = 5000;

/**
 * The same, migrated. A migration takes 0.2 s of a core, so a database serves one file after the other: its documents are replaced by those of a new one.
 * A test that creates or drops indexes needs `openTestDatabase`.
 */
export async function openMigratedDatabase(): Promise<TestDatabase> {
  const isRested = finished[0] !== undefined && finished[0].restedAt < performance.now();
  const known = isRested ? finished.shift() : undefined;
  const database = await connectTo(known?.uri ?? newUri());
  if (known) await replaceDocuments(database.connection, known.made);
  else await migrate(database);
  const made = known?.made ?? (await documentsOf(database.connection));
  closeAfterwards(() => finish(database, made));
  return database;
}

async function replaceDocuments(connection: Connection, made: Finished['made']): Promise<void> {
  for (const { name } of await connection.listCollections()) {
    const collection = connection.collection(name);
    await collection.deleteMany({});
    const documents = made.get(name);
    if (documents) await collection.insertMany(documents);
  }
}

async function documentsOf(connection: Connection): Promise<Finished['made']> {
  const made: Finished['made'] = new Map();
  for (const { name } of await connection.listCollections()) {
    const documents = await connection.collection(name).find().toArray();
    if (documents.length > 0) made.set(name, documents);
  }
  return made;
}

async function finish(database: TestDatabase, made: Finished['made']): Promise<void> {
  const { contacts, subscribers } = database.models;
  // The test may have closed the connection.
  const counts = await Promise.all(
    [contacts, subscribers].map((model) => model.estimatedDocumentCount()),
  ).catch(() => [Infinity]);
  if (Math.max(...counts) > fewDocuments) return drop(database);
  await database.connection.close();
  finished.push({ uri: database.uri, made, restedAt: performance.now() + restMs });
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
