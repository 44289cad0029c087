/** Recognition of API keys: guesses tell nothing by the database or by time. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createApiKey, whoseKey, type ApiKeyDeps } from '../../../src/domain/staff/api-keys.js';
import { openTestDatabase, watchedBy } from '../../support/connection.js';

const commands: string[] = [];
const see = (command: object) => commands.push(JSON.stringify(command));
const { models } = await watchedBy(await openTestDatabase(), see);
const deps: ApiKeyDeps = { models, clock: () => new Date() };

const about = { name: 'test', scopes: ['links'], scope: null, expiresAt: null, by: 'user:1' } as const;
const refused = { code: 'INVALID_AUTHENTICATION' };

it('a key is looked up by its hash, so the time of the read tells nothing of the key', async () => {
  const { key, record } = await createApiKey(deps, about);
  const near = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
  commands.length = 0;
  expect(await whoseKey(deps, `Bearer ${key}`)).toMatchObject({ id: record._id });
  await expect(whoseKey(deps, `Bearer ${near}`)).rejects.toMatchObject(refused);
  const asked = commands.filter((command) => command.includes('api_keys'));
  expect(asked).toHaveLength(2);
  // One of two keys that differ in their last character is looked up at an unrelated place.
  expect(asked[0]).toContain(record._id);
  expect(asked[1]).not.toContain(record._id.slice(0, 6));
  for (const command of asked) expect(command).not.toContain(key.slice('sayso_'.length, 12));
});

it('the whole hash is compared, in constant time', async () => {
  const { key, record } = await createApiKey(deps, about);
  const compare = vi.spyOn(crypto, 'timingSafeEqual');
  syncBuiltinESMExports();
  onTestFinished(() => {
    compare.mockRestore();
    syncBuiltinESMExports();
  });
  const hash = record.hash.slice(0, -1) + (record.hash.endsWith('A') ? 'E' : 'A');
  await models.apiKeys.updateOne({ _id: record._id }, { hash });
  await expect(whoseKey(deps, `Bearer ${key}`)).rejects.toMatchObject(refused);
  const [[one, other] = []] = compare.mock.calls;
  expect([one, other].map(String)).toEqual([hash, record.hash]);
});
