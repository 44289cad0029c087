/** Gives a test file its own database on the server that all tests share. */
import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { inject } from 'vitest';
import { connect } from '../../src/models/connect.js';

export interface TestDatabase {
  connection: Connection;
  /** Names this database, for a process with its own connection. */
  uri: string;
  /** Drops the database and closes the connection. */
  close(): Promise<void>;
}

/** Connects to a database that no other test file has. Close it in `afterAll`. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const uri = withDatabaseName(inject('databaseUri'), `test-${randomBytes(6).toString('hex')}`);
  const connection = await connect(uri);
  return {
    connection,
    uri,
    async close() {
      await connection.close();
      // Dropping a large database takes longer than the portal waits for an answer.
      const patient = await connect(uri, { isUnhurried: true });
      await patient.dropDatabase();
      await patient.close();
    },
  };
}

/** Puts another database name into a connection string. The string may name several hosts, so it is not a URL. */
export function withDatabaseName(uri: string, name: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`);
}

/** The same database, over a connection that reports every command. */
export function monitored(uri: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
}
