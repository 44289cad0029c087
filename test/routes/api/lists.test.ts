/** The API of lists: members by their addresses, active lists, scopes and business units. */
import { expect, it } from 'vitest';
import { createList } from '../../../src/domain/lists/lists.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind } from '../../support/people.js';

const portal = await openTestPortal();

const call = (as: string, path: string, body?: object, method = body ? 'POST' : 'GET') =>
  callApi(portal, as, method, `/api/v1/lists${path}`, body);

async function listOf(name: string, kind: 'STATIC' | 'ACTIVE', unitIds: number[] | null) {
  const made = await createList(portal.deps, { name, kind, unitIds, by: 'user:1', scope: null });
  if (!('list' in made)) expect.fail('no list');
  return made.list;
}

it('members are added and removed by their addresses, and a repeat changes nothing', async () => {
  const key = await keyIn(portal, ['contacts.read', 'contacts.write']);
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
  const limited = await keyIn(portal, ['contacts.read', 'contacts.write'], [northwind.id]);
  const { answer } = await call(limited, '');
  expect(answer).toEqual({
    results: [
      {
        ...{ id: own._id, name: 'Of Northwind', kind: 'STATIC', businessUnitIds: [northwind.id] },
        ...{ filter: null, version: 1 },
      },
    ],
  });
  const body = { emails: ['reader@example.com'] };
  expect((await call(limited, `/${other._id}/members`, body)).status).toBe(404);
  await contactIn(portal, { email: 'guest@example.com', unitIds: [fjell.id] });
  const guest = await call(limited, `/${own._id}/members`, { emails: ['guest@example.com'] });
  expect(guest.answer).toMatchObject({ results: [{ outcome: 'NO_CONTACT' }] });
  const reader = await keyIn(portal, ['contacts.read']);
  expect((await call(reader, `/${own._id}/members`, body)).status).toBe(403);
});

it('lists are created, changed and deleted as staff do it, and each act is audited', async () => {
  const key = await keyIn(portal, ['contacts.read', 'contacts.write']);
  const filter = { any: [{ all: [{ on: 'email', of: '', is: 'CONTAINS', values: ['@vip.example'] }] }] };
  const active = { kind: 'ACTIVE', filter };
  const made = await call(key, '', { name: ' Very  important ', ...active });
  expect(made).toMatchObject({ status: 201, answer: { name: 'Very important', ...active, version: 1 } });
  const path = `/${made.answer.id}`;
  const stored = await portal.deps.models.lists.findById(made.answer.id).lean();
  expect(stored).toMatchObject({ name: 'Very important', ...active, unitIds: null });
  for (const wrong of [
    { name: 'very important', kind: 'STATIC' },
    { name: 'Static', kind: 'STATIC', filter },
    { name: 'Nowhere', kind: 'STATIC', businessUnitIds: [99] },
    {
      name: 'Unreadable',
      kind: 'ACTIVE',
      filter: { any: [{ all: [{ on: 'x', of: '', is: 'IS', values: ['1'] }] }] },
    },
  ])
    expect((await call(key, '', wrong)).status, wrong.name).toBe(400);
  const user = await call(key, '', {
    ...{ name: 'Uses it', kind: 'ACTIVE' },
    filter: { any: [{ all: [{ on: 'list', of: '', is: 'IS', values: [made.answer.id] }] }] },
  });
  expect((await call(key, path, undefined, 'DELETE')).status).toBe(409);
  const none = { any: [] };
  const changed = await call(key, path, { name: 'VIP', filter: none, version: 1 }, 'PATCH');
  expect(changed).toMatchObject({ status: 200, answer: { name: 'VIP', filter: none, version: 2 } });
  expect((await call(key, path, { name: 'Late', version: 1 }, 'PATCH')).status).toBe(409);
  expect((await call(key, path)).answer).toEqual(changed.answer);
  for (const id of [user.answer.id, made.answer.id])
    expect((await call(key, `/${id}`, undefined, 'DELETE')).status).toBe(204);
  expect((await call(key, path)).status).toBe(404);
  const entries = await portal.deps.models.auditEntries.find({ about: `list:${made.answer.id}` }).lean();
  expect(entries.map(({ detail }) => detail).sort()).toEqual([
    'created, active',
    'deleted: VIP',
    'filter',
    'name or business units',
  ]);
  expect(entries.every(({ by }) => by?.startsWith('key:'))).toBe(true);
});

it('a limited key creates, changes and deletes only lists of its business units', async () => {
  const limited = await keyIn(portal, ['contacts.read', 'contacts.write'], [fjell.id]);
  const made = await call(limited, '', { name: 'Mountain', kind: 'STATIC' });
  expect(made).toMatchObject({ status: 201, answer: { businessUnitIds: [fjell.id] } });
  const path = `/${made.answer.id}`;
  for (const businessUnitIds of [null, [northwind.id]]) {
    expect((await call(limited, '', { name: 'Wide', kind: 'STATIC', businessUnitIds })).status).toBe(400);
    expect((await call(limited, path, { businessUnitIds }, 'PATCH')).status).toBe(400);
  }
  const other = await listOf('Only Northwind', 'STATIC', [northwind.id]);
  expect((await call(limited, `/${other._id}`)).status).toBe(404);
  expect((await call(limited, `/${other._id}`, { name: 'Mine' }, 'PATCH')).status).toBe(404);
  expect((await call(limited, `/${other._id}`, undefined, 'DELETE')).status).toBe(404);
  const reader = await keyIn(portal, ['contacts.read'], [fjell.id]);
  expect((await call(reader, path, undefined, 'DELETE')).status).toBe(403);
  expect((await call(limited, path, undefined, 'DELETE')).status).toBe(204);
  expect(await portal.deps.models.jobs.findById(`CLEAR_LIST:${made.answer.id}`).lean()).toMatchObject({
    ...{ kind: 'CLEAR_LIST', scope: [fjell.id] },
  });
});
