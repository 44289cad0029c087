/** The API of the catalogue: the order and translations of types and their purpose, logos, and the types of properties. */
import { expect, it } from 'vitest';
import { readAccount } from '../../../src/domain/catalogue/account.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { optOutOf } from '../../support/newcomer.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';

const portal = await openTestPortal();
const scopes = ['settings.write', 'contacts.read', 'statuses.read'] as const;
const wide = await keyIn(portal, scopes);
const narrow = await keyIn(portal, scopes, [fjell.id]);
const call = (as: string, method: string, path: string, body?: object) =>
  callApi(portal, as, method, `/api/v1/${path}`, body);

it('types have translations and an order within their unit, and a move is one place', async () => {
  const path = `subscription-types/${trailNotes.id}`;
  const words = { translations: { nb: { name: 'Turbrev', description: 'Hver fredag.' } } };
  const more = { ...words, communicationMethod: 'Letter' };
  expect(await call(wide, 'PATCH', path, more)).toMatchObject({ status: 200, answer: more });
  expect((await call(wide, 'PATCH', path, { translations: { nb: { name: 'Uten' } } })).status).toBe(400);
  const moved = async (direction: string) => {
    const { status, answer } = await call(wide, 'POST', `${path}/moves`, { direction });
    expect(status).toBe(200);
    return answer.results.map(({ id }: { id: number }) => id).indexOf(trailNotes.id);
  };
  const last = await moved('DOWN');
  expect(await moved('UP')).toBe(last - 1);
  expect((await call(narrow, 'POST', `${path}/moves`, { direction: 'UP' })).status).toBe(404);
  expect((await call(wide, 'POST', `${path}/moves`, { direction: 'LEFT' })).status).toBe(400);
});

it('a marketing type becomes transactional only after an answer has said how many addresses opted out of it', async () => {
  const path = `subscription-types/${trailNotes.id}`;
  const { models } = portal.deps;
  const others = await optOutOf(portal, trailNotes);
  const purpose = async () => (await models.types.findById(trailNotes.id).lean())?.purpose;
  const wanted = { purpose: 'TRANSACTIONAL', isActive: false };
  const told = expect.stringContaining(`${others} address`);
  expect(await call(wide, 'PATCH', path, wanted)).toMatchObject({ status: 409, answer: { message: told } });
  const limited = await call(await keyIn(portal, scopes, [northwind.id]), 'PATCH', path, wanted);
  expect(limited.status).toBe(409);
  expect(limited.answer.message, 'a limited key gets no count of the whole account').not.toMatch(/\d/);
  expect([await purpose(), (await models.types.findById(trailNotes.id).lean())?.isActive]).toEqual([
    ...['MARKETING', true],
  ]);
  const confirmed = { purpose: 'TRANSACTIONAL', confirmedPurpose: 'TRANSACTIONAL' };
  expect(await call(wide, 'PATCH', path, confirmed)).toMatchObject({
    status: 200,
    answer: { purpose: 'TRANSACTIONAL' },
  });
  // Another field needs no confirmation of a purpose that the type has.
  expect((await call(wide, 'PATCH', path, { isDefault: false })).status).toBe(200);
  expect((await call(wide, 'PATCH', path, { purpose: 'MARKETING' })).answer.purpose).toBe('MARKETING');
  expect((await call(wide, 'PATCH', path, { purpose: 'Marketing' })).status).toBe(400);
});

it('the logo of a business unit is set from its content, and removed', async () => {
  const path = `business-units/${fjell.id}`;
  const send = (as: string, body: string) =>
    callApi(portal, as, 'PUT', `/api/v1/${path}/logo`, body, { 'content-type': 'image/svg+xml' });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"></svg>';
  expect(await send(wide, svg)).toMatchObject({ status: 200, answer: { id: fjell.id, hasLogo: true } });
  const stored = async () => (await portal.deps.models.units.findById(fjell.id).lean())?.logo;
  expect(await stored()).toMatchObject({ contentType: 'image/svg+xml' });
  expect((await send(await keyIn(portal, scopes, [northwind.id]), svg)).status).toBe(404);
  for (const wrong of ['GIF89a', `${svg}${' '.repeat(65_536)}`])
    expect((await send(wide, wrong)).status).toBe(400);
  await call(wide, 'PATCH', path, { hasDoubleOptIn: fjell.hasDoubleOptIn });
  expect(await stored(), 'another change keeps the logo').toBeDefined();
  expect((await call(wide, 'DELETE', `${path}/logo`)).answer).toMatchObject({ hasLogo: false });
  expect(await stored()).toBeUndefined();
});

it('properties of contacts get a type once, by a key that reaches all business units', async () => {
  const path = 'contact-properties/Tier';
  const choice = { kind: 'CHOICE', choices: ['Gold', 'Silver'] };
  for (const _ of [1, 2])
    expect(await call(wide, 'PUT', path, choice)).toMatchObject({
      ...{ status: 200, answer: { name: 'Tier', ...choice } },
    });
  expect((await call(narrow, 'PUT', path, choice)).status).toBe(403);
  for (const [at, body] of [
    [path, { kind: 'CHOICE' }],
    ['contact-properties/9lives', { kind: 'DATE' }],
    [path, { kind: 'COLOUR' }],
  ] as const)
    expect((await call(wide, 'PUT', at, body)).status).toBe(400);
  const { results } = (await call(wide, 'GET', 'contact-properties')).answer;
  expect(results).toContainEqual({ name: 'Tier', ...choice });
  expect((await call(wide, 'PUT', path, { kind: 'TEXT' })).answer).toMatchObject({ kind: 'TEXT' });
  const entries = await portal.deps.models.auditEntries.find({ kind: 'SETTINGS_CHANGED' }).lean();
  expect(entries.map(({ detail }) => detail)).toEqual(['property Tier: CHOICE', 'property Tier: TEXT']);
});

it('settings of the account are changed by a key that reaches all business units, and the privacy mode is not', async () => {
  const before = await call(narrow, 'GET', 'account');
  expect(before.answer).toEqual(await readAccount(portal.deps));
  const { version, isPrivacyMode } = before.answer;
  const changes = { timeZone: 'America/Lima', filterProperties: ['city'] };
  expect((await call(narrow, 'PATCH', 'account', changes)).status).toBe(403);
  const sent = { ...changes, filterProperties: ['City', 'city'], version };
  const changed = await call(wide, 'PATCH', 'account', sent);
  expect(changed).toMatchObject({ status: 200, answer: { ...changes, isPrivacyMode } });
  expect((await call(wide, 'PATCH', 'account', { ...changes, version })).status).toBe(409);
  for (const wrong of [{ isPrivacyMode: !isPrivacyMode }, { timeZone: 'Oslo' }, { defaultCountry: 'XX' }])
    expect((await call(wide, 'PATCH', 'account', wrong)).status).toBe(400);
  const entries = await portal.deps.models.auditEntries.find({ about: 'account' }).lean();
  expect(entries.map(({ detail }) => detail)).toContain('time zone America/Lima, filters');
});
