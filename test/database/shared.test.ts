/** The database that all tests share, and the separate one of each test file. */
import { expect, it } from 'vitest';
import { openTestDatabase, withDatabaseName } from '../support/connection.js';

const database = await openTestDatabase();

it('a test file gets a database of its own, which keeps what it writes', async () => {
  await database.connection.collection<{ _id: string }>('notes').insertOne({ _id: 'alice' });
  expect(await database.connection.collection('notes').countDocuments()).toBe(1);
  expect(database.uri).toContain(database.connection.name);
});

it('a database name is put into a connection string of several hosts, with or without a name before', () => {
  expect(withDatabaseName('mongodb://a:1,b:2/old?replicaSet=r', 'new')).toBe(
    'mongodb://a:1,b:2/new?replicaSet=r',
  );
  expect(withDatabaseName('mongodb+srv://u:p@host', 'new')).toBe('mongodb+srv://u:p@host/new');
});
