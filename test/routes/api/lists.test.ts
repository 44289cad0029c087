/** The API of lists: members by their addresses, active lists, scopes and business units. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createList } from '../../../src/domain/lists/lists.js';
import { createApiKey } from '../../../src/domain/staff/api-keys.js';
import type { ApiScope } from '../../../src/models/api-key.js';
import { openTestPortal, type TestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind } from '../../support/people.js';

let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal();
});
afterAll(() => portal.stop());

async function keyWith(scopes: ApiScope[], scope: number[] | null = null): Promise<string> {
  const about = { name: 'test', scopes, scope, expiresAt: null, by: 'user:1' };
  return (await createApiKey(portal.deps, about)).key;
}

async function call(as: string, path: string, body?: object) {
  const response = await fetch(`${portal.url}/api/v1/lists${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

async function listOf(name: string, kind: 'STATIC' | 'ACTIVE', unitIds: number[] | null) {
  const made = await createList(portal.deps, { name, kind, unitIds, by: 'user:1', scope: null });
  if (!('list' in made)) expect.fail('no list');
  return made.list;
}

it('members are added and removed by their addresses, and a repeat changes nothing', async () => {
  const key = await keyWith(['contacts.read', 'contacts.write']);
  const list = await listOf('Readers', 'STATIC', null);
  const { _id } = await contactIn(portal, { email: 'reader@example.com' });
  const emails = ['Reader@example.com', 'nobody@example.com', 'no address'];
  const outcomes = ['CHANGED', 'NO_CONTACT', 'NO_CONTACT'];
  const path = `/${list._id}/members`;
  expect((await call(key, path, { emails })).answer).toEqual({
    results: emails.map((email, at) => ({ email, outcome: outcomes[at] })),
  });
  expect((await call(key, path, { emails })).answer).toMatchObject({
    results: [{ outcome: 'NO_CHANGE' }, {}, {}],
  });
  expect((await portal.deps.models.contacts.findById(_id).lean())?.listIds).toEqual([list._id]);
  const removal = await call(key, path, { emails, isRemoval: true });
  expect(removal.answer).toMatchObject({ results: [{ outcome: 'CHANGED' }, {}, {}] });
  expect((await call(key, path, { emails: [] })).status).toBe(400);
  const active = await listOf('By a filter', 'ACTIVE', null);
  expect((await call(key, `/${active._id}/members`, { emails })).status).toBe(409);
});

it('a key reaches the lists of its business units, and needs its scope', async () => {
  const own = await listOf('Of Northwind', 'STATIC', [northwind.id]);
  const other = await listOf('Of Fjell', 'STATIC', [fjell.id]);
  const limited = await keyWith(['contacts.read', 'contacts.write'], [northwind.id]);
  const { answer } = await call(limited, '');
  expect(answer).toEqual({
    results: [{ id: own._id, name: 'Of Northwind', kind: 'STATIC', businessUnitIds: [northwind.id] }],
  });
  const body = { emails: ['reader@example.com'] };
  expect((await call(limited, `/${other._id}/members`, body)).status).toBe(404);
  await contactIn(portal, { email: 'guest@example.com', unitIds: [fjell.id] });
  const guest = await call(limited, `/${own._id}/members`, { emails: ['guest@example.com'] });
  expect(guest.answer).toMatchObject({ results: [{ outcome: 'NO_CONTACT' }] });
  const reader = await keyWith(['contacts.read']);
  expect((await call(reader, `/${own._id}/members`, body)).status).toBe(403);
});
