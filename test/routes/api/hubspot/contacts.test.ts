/** HubSpot's own client against the portal: contacts, their properties, searches, and erasure. */
import { expect, it } from 'vitest';
import { openTestPortal } from '../../../support/app.js';
import { faultOf, hubspotClient } from '../../../support/hubspot.js';
import { alice, charlie, dana, erin, fjell } from '../../../support/people.js';

const portal = await openTestPortal();
const hubspot = await hubspotClient(portal);

const { contacts, byEmail } = hubspot;
const path = '/crm/v3/objects/contacts';

it('creates a contact, which has a number that integrations parse', async () => {
  const created = await contacts.basicApi.create({
    properties: { email: 'new@example.com', firstname: 'Nora', lastname: 'Berg', shoe_size: '38' },
  });
  expect(created.id).toMatch(/^[1-9]\d*$/);
  expect(created).toMatchObject({
    archived: false,
    properties: { email: 'new@example.com', shoe_size: '38' },
  });
  expect(created.createdAt).toBeInstanceOf(Date);
  const read = await contacts.basicApi.getById(created.id, ['firstname', 'lastname', 'phone', 'hs_nonsense']);
  expect(read.properties).toMatchObject({
    firstname: 'Nora',
    lastname: 'Berg',
    phone: null,
    hs_object_id: created.id,
  });
  expect(read.properties).not.toHaveProperty('hs_nonsense');
  expect((await byEmail('NEW@example.com')).id).toBe(created.id);
  const again = contacts.basicApi.create({ properties: { email: 'new@example.com' } });
  expect(await faultOf(again)).toMatchObject({
    code: 409,
    body: { category: 'CONFLICT', message: `Contact already exists. Existing ID: ${created.id}` },
  });
  const other = await hubspot.call('GET', `/crm/objects/2026-03/contacts/${created.id}`);
  expect(other).toMatchObject({ status: 200, body: { id: created.id } });
});

it('stores a property that has the name of something every object has', async () => {
  const properties = { email: 'names@example.com', constructor: 'Ann' };
  const { id } = (await hubspot.call('POST', path, { body: { properties } })).body;
  const read = await hubspot.call('GET', `${path}/${id}`, { qs: { properties: 'constructor' } });
  expect(read.body.properties).toMatchObject({ constructor: 'Ann' });
});

it('numbers contacts once, however many requests show them at the same time', async () => {
  const read = async () => (await hubspot.call('GET', path, { qs: { limit: '100' } })).body.results;
  const pages = await Promise.all([read(), read(), read()]);
  const ids = pages.map((page) => page.map((one: { id: string }) => one.id));
  expect(new Set(ids[0]).size).toBe(ids[0].length);
  expect(ids[1]).toEqual(ids[0]);
  expect(ids[2]).toEqual(ids[0]);
});

it('shows the statuses under HubSpot’s names', async () => {
  const names = [
    'hs_email_optout',
    'hs_email_optout_1',
    'hs_email_optout_2',
    'hs_email_bounce',
    'hs_marketable_status',
    'hs_email_quarantined',
    'hs_all_assigned_business_unit_ids',
  ];
  expect((await byEmail(alice.address, names)).properties).toMatchObject({
    ...{ hs_email_optout: 'false', hs_email_optout_1: 'false', hs_email_bounce: null },
    ...{ hs_marketable_status: 'true', hs_email_quarantined: 'false' },
  });
  expect((await byEmail(charlie.address, names)).properties).toMatchObject({ hs_email_optout_1: 'true' });
  expect((await byEmail(dana.address, names)).properties).toMatchObject({ hs_email_optout_1: 'true' });
  expect((await byEmail(erin.address, names)).properties).toMatchObject({ hs_email_bounce: '1' });
});

it('opts out of all by hs_email_optout, and nothing opts in again', async () => {
  const { id } = await contacts.basicApi.create({
    properties: { email: 'out@example.com', hs_email_optout: 'false' },
  });
  const changed = await contacts.basicApi.update(id, { properties: { hs_email_optout: 'true' } });
  expect(changed.properties).toMatchObject({ hs_email_optout: 'true' });
  expect((await portal.subscriberOf({ address: 'out@example.com' })).optOuts.portal).toMatchObject([
    { party: 'API' },
  ]);
  const back = contacts.basicApi.update(id, { properties: { hs_email_optout: 'false' } });
  expect(await faultOf(back)).toMatchObject({
    code: 400,
    body: {
      category: 'VALIDATION_ERROR',
      errors: [{ code: 'READ_ONLY_VALUE', context: { propertyName: ['hs_email_optout'] } }],
    },
  });
  const made = await contacts.basicApi.create({
    properties: { email: 'born-out@example.com', hs_email_optout: 'true' },
  });
  expect(made.properties).toMatchObject({ hs_email_optout: 'true' });
});

it('refuses derived and unknown properties in HubSpot’s words', async () => {
  const { id } = await byEmail(alice.address);
  const refused = await faultOf(
    contacts.basicApi.update(id, { properties: { hs_marketable_status: 'false', hs_nonsense: '1' } }),
  );
  expect(refused).toMatchObject({
    code: 400,
    body: {
      message: expect.stringMatching(/^Property values were not valid: \[\{"isValid":false,/),
      errors: [{ code: 'READ_ONLY_VALUE' }, { code: 'PROPERTY_DOESNT_EXIST' }],
    },
  });
  expect(
    await faultOf(contacts.basicApi.update(id, { properties: { hs_email_optout_1: 'true' } })),
  ).toMatchObject({ code: 400 });
  expect(
    await faultOf(contacts.basicApi.update(id, { properties: { email: 'not an address' } })),
  ).toMatchObject({
    code: 400,
    body: { errors: [{ code: 'INVALID_EMAIL' }] },
  });
  expect(await faultOf(contacts.basicApi.getById('999999'))).toMatchObject({
    code: 404,
    body: { category: 'OBJECT_NOT_FOUND' },
  });
});

it('writes language, legal basis and business units', async () => {
  const { id } = await contacts.basicApi.create({
    properties: {
      ...{ email: 'facts@example.com', hs_language: 'de-at', hs_all_assigned_business_unit_ids: '0;1' },
      hs_legal_basis: 'Legitimate interest – existing customer',
    },
  });
  expect(await portal.deps.models.contacts.findOne({ number: Number(id) }).lean()).toMatchObject({
    ...{ locale: 'de', processingBasis: 'LEGITIMATE_INTEREST_CLIENT', unitIds: [0, 1], source: 'API' },
  });
});

it('a batch creates, changes, upserts and reads; what failed is named', async () => {
  const { batchApi } = contacts;
  const created = await batchApi.create({
    inputs: [
      { properties: { email: 'b1@example.com' } },
      { properties: { email: 'b2@example.com' } },
    ] as never,
  });
  expect(created.results).toHaveLength(2);
  const partly = await hubspot.call('POST', `${path}/batch/create`, {
    body: {
      inputs: [{ properties: { email: 'b1@example.com' } }, { properties: { email: 'b3@example.com' } }],
    },
  });
  expect(partly).toMatchObject({
    status: 207,
    body: {
      numErrors: 1,
      results: [{ properties: { email: 'b3@example.com' } }],
      errors: [{ category: 'CONFLICT' }],
    },
  });
  const [first, second] = created.results;
  const updated = await hubspot.call('POST', `${path}/batch/update`, {
    body: {
      inputs: [
        { id: first?.id, properties: { firstname: 'One' } },
        {
          id: 'b2@example.com',
          idProperty: 'email',
          properties: { firstname: 'Two', hs_email_optout: 'true' },
        },
        { id: first?.id, properties: { lastname: 'Twice' } },
      ],
    },
  });
  expect(updated.status).toBe(200);
  expect(updated.body.results[2]).toMatchObject({ id: first?.id, properties: { lastname: 'Twice' } });
  expect((await byEmail('b2@example.com', ['hs_email_optout'])).properties).toMatchObject({
    hs_email_optout: 'true',
  });
  const upserted = await batchApi.upsert({
    inputs: [
      { id: 'b2@example.com', idProperty: 'email', properties: { lastname: 'Known' } },
      { id: 'b4@example.com', idProperty: 'email', properties: { lastname: 'Fresh' } },
    ],
  });
  expect(upserted.results.map((one) => Object(one)['_new'] ?? Object(one)['new'])).toEqual([false, true]);
  const read = await hubspot.call('POST', `${path}/batch/read`, {
    body: { inputs: [{ id: first?.id }, { id: '999999' }], properties: ['firstname'] },
  });
  expect(read).toMatchObject({
    status: 207,
    body: {
      results: [{ properties: { firstname: 'One' } }],
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['999999'] } }],
    },
  });
  await batchApi.archive({ inputs: [{ id: second?.id ?? '' }, { id: '999999' }] });
  expect(await faultOf(byEmail('b2@example.com'))).toMatchObject({ code: 404 });
  expect((await portal.subscriberOf({ address: 'b2@example.com' })).optOuts.portal).not.toBeNull();
});

it('defines properties', async () => {
  const { results } = await hubspot.client.crm.properties.coreApi.getAll('contacts');
  const optOut = results.find(({ name }) => name === 'hs_email_optout_1');
  expect(optOut).toMatchObject({
    groupName: 'emailinformation',
    type: 'enumeration',
    fieldType: 'booleancheckbox',
    modificationMetadata: { readOnlyValue: true },
  });
  expect((await hubspot.client.crm.properties.coreApi.getByName('contacts', 'email')).hasUniqueValue).toBe(
    true,
  );
  expect(
    await faultOf(hubspot.client.crm.properties.coreApi.getByName('contacts', 'hs_nonsense')),
  ).toMatchObject({ code: 404 });
});

it('deletes, and erases a person', async () => {
  const { id } = await contacts.basicApi.create({ properties: { email: 'gone@example.com' } });
  await contacts.basicApi.archive(id);
  await contacts.basicApi.archive(id);
  expect(await faultOf(contacts.basicApi.getById(id))).toMatchObject({ code: 404 });
  const person = await contacts.basicApi.create({ properties: { email: 'erased@example.com' } });
  const erase = (body: object) => hubspot.call('POST', `${path}/gdpr-delete`, { body });
  expect(await erase({ objectId: person.id })).toMatchObject({ status: 204 });
  expect(await erase({ objectId: 'erased@example.com', idProperty: 'email' })).toMatchObject({ status: 204 });
  const kept = await portal.subscriberOf({ address: 'erased@example.com' });
  expect(kept).toMatchObject({ address: null, contactId: null });
  expect(kept.erasedAt).not.toBeNull();
});

it('a key of one unit reaches the contacts of that unit', async () => {
  const limited = await hubspotClient(portal, { scope: [fjell.id] });
  const { id } = await contacts.basicApi.create({ properties: { email: 'north@example.com' } });
  expect((await limited.call('GET', `${path}/${id}`)).status).toBe(404);
  expect(
    (await limited.call('PATCH', `${path}/${id}`, { body: { properties: { firstname: 'X' } } })).status,
  ).toBe(404);
  const taken = await limited.call('POST', path, { body: { properties: { email: 'north@example.com' } } });
  expect(taken).toMatchObject({ status: 409, body: { message: 'Contact already exists.' } });
  const own = await limited.call('POST', path, {
    body: { properties: { email: 'fjell@example.com', hs_email_optout: true } },
  });
  expect(own.status).toBe(201);
  const { optOuts } = await portal.subscriberOf({ address: 'fjell@example.com' });
  expect(optOuts).toMatchObject({ portal: null, units: { [fjell.id]: [{ party: 'API' }] } });
  for (const body of [
    { objectId: own.body.id },
    ...['north@example.com', 'never-seen@example.com'].map((objectId) => ({ objectId, idProperty: 'email' })),
  ])
    expect((await limited.call('POST', `${path}/gdpr-delete`, { body })).status).toBe(403);
  await hubspot.call('PATCH', `${path}/${own.body.id}`, {
    body: { properties: { hs_all_assigned_business_unit_ids: '0;1' } },
  });
  const shared = await limited.call('PATCH', `${path}/${own.body.id}`, {
    body: { properties: { firstname: 'X' } },
  });
  expect(shared.status).toBe(400);
  expect((await limited.call('DELETE', `${path}/${own.body.id}`)).status).toBe(403);
});
