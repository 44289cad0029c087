/** A copied test database has the collections, indexes and documents of a migrated one. */
import { expect, it } from 'vitest';
import { migrate } from '../../src/migrations.js';
import { contentOf, openMigratedDatabase, openTestDatabase } from './connection.js';

it('a test database has what a migration makes, also if it is a copy', async () => {
  const migrated = await openTestDatabase();
  await migrate(migrated);
  const expected = await shapeOf(migrated);
  await openMigratedDatabase();
  expect(await shapeOf(await openMigratedDatabase())).toEqual(expected);
});

/** Documents are compared by their ids, since some hold the time of the migration. */
async function shapeOf({ connection }: Parameters<typeof migrate>[0]): Promise<unknown> {
  const made = (await contentOf(connection)).map(({ name, documents, indexes }) => ({
    name,
    ids: documents.map(({ _id }) => String(_id)).toSorted(),
    indexes: indexes.map((index) => JSON.stringify(index)).toSorted(),
  }));
  return made.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
