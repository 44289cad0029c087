/** Gives a test file its own database on the server that all tests share. */
import { randomBytes } from 'node:crypto';
import type { Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { inject } from 'vitest';
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
  const database = await connectTo(
    withDatabaseName(inject('databaseUri'), `test-${randomBytes(6).toString('hex')}`),
  );
  closeAfterwards(async () => {
    await database.connection.close();
    // Dropping a large database takes longer than the portal waits for an answer.
    const patient = await connect(database.uri, { isUnhurried: true });
    await patient.dropDatabase();
    await patient.close();
  });
  return database;
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
