/** `sayso key create`: prints a working API key once, with the rights that were asked for. */
import { expect, it } from 'vitest';
import type { ApiKey } from '../../src/models/api-key.js';
import { apiPaths } from '../../src/paths.js';
import { openTestPortal } from '../support/app.js';
import { fjell } from '../support/people.js';
import { completeEnv, runSayso } from '../support/program.js';

const portal = await openTestPortal();

const create = async (...args: string[]) =>
  runSayso(['key', 'create', ...args], {
    env: await completeEnv({ BASE_URL: portal.url, MONGODB_URI: portal.database.uri }),
  });

it('prints a key that works, with its scopes, units and end', async () => {
  const wanted = ['--name', ' Web  shop ', '--scope', 'links', 'eligibility', '--unit', String(fjell.id)];
  const { code, out, err } = await create(...wanted, '--days', '30');
  expect([code, err]).toEqual([0, '']);
  const headers = { authorization: `Bearer ${out.trim()}` };
  const answer = await fetch(portal.url + apiPaths.key, { headers });
  expect(answer.status).toBe(200);
  const [record, ...others] = await portal.deps.models.apiKeys.find().lean<ApiKey[]>();
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    ...{ name: 'Web shop', scopes: ['links', 'eligibility'], unitIds: [fjell.id], createdBy: 'cli' },
  });
  const days = ((record?.expiresAt?.getTime() ?? 0) - portal.deps.clock().getTime()) / 86_400_000;
  expect(Math.round(days)).toBe(30);
  expect(JSON.stringify(record)).not.toContain(out.trim());
  expect(await portal.deps.models.auditEntries.findOne({ kind: 'KEY_CREATED' }).lean()).toMatchObject({
    ...{ by: 'cli', about: `key:${record?._id}`, unitId: fjell.id },
  });
});

it('creates nothing for an unknown scope or unit', async () => {
  const before = await portal.deps.models.apiKeys.countDocuments();
  for (const wrong of [
    ['--scope', 'everything'],
    ['--scope', 'links', '--unit', '999'],
  ])
    expect(await create('--name', 'Shop', ...wrong)).toMatchObject({ code: 1, out: '' });
  expect(await portal.deps.models.apiKeys.countDocuments()).toBe(before);
});
