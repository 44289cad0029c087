/** Stored files: whole or absent, and gone after their time. */
import { expect, it } from 'vitest';
import { deleteOldFiles, findFile, readFile, storeFile } from '../../src/models/stored-file.js';
import { openTestDatabase } from '../support/connection.js';

const { models } = await openTestDatabase();
await models.storedFiles.createIndexes();
await models.storedChunks.createIndexes();

const now = new Date();
const inDays = (days: number) => new Date(now.getTime() + days * 24 * 3_600_000);
const piece = Buffer.alloc(700_000, 'a');
const chunks = () => models.storedChunks.countDocuments();

async function lengthOf(id: string): Promise<number> {
  let length = 0;
  for await (const bytes of readFile(models, id, now)) length += bytes.length;
  return length;
}

it('a file of several pieces is read as it was written, and a second one of the same id replaces it', async () => {
  await storeFile(models, { id: 'one', expiresAt: inDays(7) }, [piece, piece, piece]);
  expect(await lengthOf('one')).toBe(2_100_000);
  await storeFile(models, { id: 'one', expiresAt: inDays(7) }, [Buffer.from('short')]);
  expect(await lengthOf('one')).toBe(5);
  expect(await chunks()).toBe(1);
});

it('an interrupted file does not exist, and its bytes are deleted a day later', async () => {
  function* broken() {
    yield piece;
    yield piece;
    throw new Error('interrupted');
  }
  await expect(storeFile(models, { id: 'broken', expiresAt: inDays(7) }, broken())).rejects.toThrow(
    'interrupted',
  );
  expect(await findFile(models, 'broken', now)).toBeUndefined();
  // The stream of a killed process cannot remove what it wrote.
  await models.storedChunks.create({ files_id: 'killed', n: 0, data: piece });
  await deleteOldFiles({ models, clock: () => now });
  expect(await chunks()).toBeGreaterThan(1);
  await deleteOldFiles({ models, clock: () => inDays(2) });
  expect(await chunks()).toBe(1);
});

it('an expired file is absent at once, and is deleted by the schedule', async () => {
  await storeFile(models, { id: 'old', expiresAt: inDays(1) }, [Buffer.from('old')]);
  expect(await findFile(models, 'old', inDays(0.9))).toMatchObject({ length: 3 });
  expect(await findFile(models, 'old', inDays(1))).toBeUndefined();
  await expect(readFile(models, 'old', inDays(1)).next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await deleteOldFiles({ models, clock: () => inDays(1) });
  expect(await models.storedFiles.findById('old')).toBeNull();
});

it('a reader gets small pieces in order, also of a part of the file', async () => {
  const written = Buffer.from(Uint8Array.from({ length: 2_500_000 }, (_, at) => Math.floor(at / 7) % 251));
  await storeFile(models, { id: 'pieces', expiresAt: inDays(7) }, [written]);
  for (const part of [{}, { start: 70_000, end: 1_200_001 }]) {
    const pieces: Uint8Array[] = [];
    for await (const bytes of readFile(models, 'pieces', now, part)) pieces.push(bytes);
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(65_536);
    expect(Buffer.concat(pieces).equals(written.subarray(part.start, part.end))).toBe(true);
  }
});
