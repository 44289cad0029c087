/** API keys: created by an admin, shown once, and limited to their scopes. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { adminPaths } from '../../../src/admin-paths.js';
import { createApiKey } from '../../../src/domain/staff/api-keys.js';
import type { NewApiKey } from '../../../src/domain/staff/api-keys.js';
import { apiPaths } from '../../../src/paths.js';
import { openTestPortal } from '../../support/app.js';
import { commandsOf } from '../../support/commands.js';
import { monitored } from '../../support/connection.js';
import { dumpOf } from '../../support/dump.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal({ through: monitored });

const fault = z.strictObject({
  status: z.literal('error'),
  message: z.string(),
  correlationId: z.uuid(),
  category: z.string(),
});

async function call(authorization?: string) {
  const response = await fetch(portal.url + apiPaths.key, {
    headers: authorization === undefined ? {} : { authorization },
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(response.headers.get('set-cookie')).toBeNull();
  const answer: unknown = await response.json();
  return { status: response.status, headers: response.headers, answer };
}

async function keyOf(wanted: Partial<NewApiKey> = {}) {
  return createApiKey(portal.deps, {
    name: 'The mailer',
    scopes: ['links', 'eligibility'],
    scope: [northwind.id],
    expiresAt: null,
    by: 'user:test',
    ...wanted,
  });
}

const form = {
  name: 'The shop',
  scope: ['statuses.read', 'statuses.write'],
  unit: String(northwind.id),
  lifetime: '30',
};

it('an admin creates a key and sees it once, and its holder can read what it may do', async () => {
  const admin = await signedIn(portal, 'admin');
  const made = await admin.press(await admin.open(adminPaths.newKey()), /Create key/, form);
  const key = /value="(sayso_[\w-]{43})"/.exec(made.html)?.[1] ?? '';
  expect(made.text).toContain('it is not shown again');

  const { status, answer } = await call(`Bearer ${key}`);
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    name: 'The shop',
    scopes: ['statuses.read', 'statuses.write'],
    businessUnitIds: [northwind.id],
  });

  const list = await admin.open(adminPaths.keys());
  expect(list.text).toMatch(/The shop .* statuses\.read statuses\.write Northwind Outdoors/);
  expect(list.html).not.toContain(key);
  expect(JSON.stringify(await portal.deps.models.apiKeys.find().lean())).not.toContain(key.slice(6));
  expect(portal.logged.join('')).not.toContain(key);
});

it('a revoked key is refused at once, and both acts are audited', async () => {
  const admin = await signedIn(portal, 'admin');
  const { key, record } = await keyOf({ name: 'To be revoked' });
  expect((await call(`Bearer ${key}`)).status).toBe(200);
  const list = await admin.post(adminPaths.keyRevocations(record._id), {});
  expect(list.text).toContain('Key revoked.');
  expect((await call(`Bearer ${key}`)).status).toBe(401);
  const entry = await portal.deps.models.auditEntries.findOne({ kind: 'KEY_REVOKED' }).lean();
  expect(entry).toMatchObject({
    by: `user:${admin.user._id}`,
    about: `key:${record._id}`,
    unitId: northwind.id,
  });
});

it('a missing, unknown or expired key gets the same 401', async () => {
  const { key } = await keyOf({ expiresAt: new Date(portal.deps.clock().getTime() - 1000) });
  const other = `sayso_${'A'.repeat(43)}`;
  const answers = await Promise.all(
    [undefined, '', 'Bearer', `Bearer ${other}`, `Basic ${other}`, `Bearer ${key}`, `Bearer ${key}x`].map(
      call,
    ),
  );
  const bodies = answers.map(({ status, headers, answer }) => {
    const { correlationId: _id, ...rest } = fault.parse(answer);
    return JSON.stringify({ status, authenticate: headers.get('www-authenticate'), rest });
  });
  expect(new Set(bodies).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 401, answer: { category: 'INVALID_AUTHENTICATION' } });
});

it('the authentication scheme is case-insensitive, as in the standard', async () => {
  const { key } = await keyOf();
  expect((await call(`bearer ${key}`)).status).toBe(200);
});

it('the last use of a key is stored once in five minutes, and viewing the list writes nothing', async () => {
  const { key, record } = await keyOf({ name: 'Often used' });
  const lastUse = async () => (await portal.deps.models.apiKeys.findById(record._id).lean())?.lastUsedAt;
  await call(`Bearer ${key}`);
  await expect.poll(lastUse).toBeInstanceOf(Date);
  const first = await lastUse();
  await call(`Bearer ${key}`);
  portal.advance(4 * 60_000);
  await call(`Bearer ${key}`);
  await portal.deps.models.apiKeys.findById(record._id);
  expect(await lastUse()).toEqual(first);
  portal.advance(61_000);
  await call(`Bearer ${key}`);
  await expect.poll(lastUse).not.toEqual(first);

  const auditor = await signedIn(portal, 'auditor');
  const before = await dumpOf(portal.deps.connection);
  const list = await auditor.open(adminPaths.keys());
  expect(list.text).toMatch(/Often used .* Northwind Outdoors \d/);
  expect(list.text).not.toContain('Revoke it now');
  expect(await dumpOf(portal.deps.connection)).toEqual(before);
});

it('a key has a limit of calls a minute, and is told when to retry', async () => {
  const { key, record } = await keyOf({ name: 'Too often' });
  await call(`Bearer ${key}`);
  // As if other processes had made this minute's calls: making six thousand of them would only take time.
  await portal.deps.models.rateLimits.updateMany({}, { $set: { points: 60_000 } });
  // What this process has already reserved from the count.
  await Promise.all(Array.from({ length: 59 }, () => call(`Bearer ${key}`)));
  const { status, headers, answer } = await call(`Bearer ${key}`);
  expect(status).toBe(429);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(fault.parse(answer).category).toBe('RATE_LIMITS');
  await portal.deps.models.rateLimits.deleteMany({});
  const other = await keyOf({ name: 'Seldom' });
  expect((await call(`Bearer ${other.key}`)).answer).toMatchObject({ id: other.record._id });
  expect(record._id).not.toBe(other.record._id);
});

it('calls write to the database only once in sixty calls and five minutes', async () => {
  const { key } = await keyOf({ name: 'Frugal' });
  await call(`Bearer ${key}`);
  const commands = await commandsOf(portal, async () => {
    for (let count = 0; count < 59; count++) expect((await call(`Bearer ${key}`)).status).toBe(200);
  });
  expect(
    commands.filter((command) =>
      /^(update|insert|delete|findAndModify) .*(rate_limits|api_keys)/.test(command),
    ),
  ).toEqual([]);
});

it('a faulty key form keeps what was typed and links to the fields', async () => {
  const admin = await signedIn(portal, 'admin');
  const page = await admin.post(adminPaths.keys(), {
    name: '',
    scope: ['links', 'everything'],
    lifetime: '7',
  });
  expect(page.status).toBe(422);
  for (const href of ['#name', '#scope', '#unit', '#lifetime']) expect(page.html).toContain(`href="${href}"`);
  expect(page.html).toMatch(/value="links" checked/);
});

it('an admin of one unit creates keys for that unit only, and neither sees nor revokes wider ones', async () => {
  const limited = await signedIn(portal, 'admin', [northwind.id]);
  const wide = await keyOf({ name: 'Wide', scope: null });
  const other = await keyOf({ name: 'Others', scope: [northwind.id, fjell.id] });
  const list = await limited.open(adminPaths.keys());
  expect(list.text).not.toMatch(/Wide|Others|Fjell/);
  for (const { record, key } of [wide, other]) {
    expect((await limited.post(adminPaths.keyRevocations(record._id), {})).status).toBe(404);
    expect((await call(`Bearer ${key}`)).status).toBe(200);
  }
  for (const units of [{ reach: 'all', unit: [] }, { unit: String(fjell.id) }])
    expect((await limited.post(adminPaths.keys(), { ...form, ...units })).status).toBe(422);
  expect((await limited.post(adminPaths.keys(), form)).status).toBe(200);
});

it('an unknown API path is a 404 in the API’s format, not a page', async () => {
  const response = await fetch(`${portal.url}/api/v1/nowhere`);
  expect(response.status).toBe(404);
  expect(fault.parse(await response.json()).category).toBe('OBJECT_NOT_FOUND');
});
