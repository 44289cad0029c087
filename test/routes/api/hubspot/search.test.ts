/** Searches and pages of contacts with HubSpot's own client. */
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/index.js';
import { expect, it } from 'vitest';
import { openTestPortal } from '../../../support/app.js';
import { hubspotClient } from '../../../support/hubspot.js';

const portal = await openTestPortal();
const hubspot = await hubspotClient(portal);

const { contacts, byEmail } = hubspot;
const path = '/crm/v3/objects/contacts';

it('searches by HubSpot’s operators', async () => {
  await hubspot.call('POST', `${path}/batch/upsert`, {
    body: {
      inputs: [
        {
          id: 's1@search.example',
          idProperty: 'email',
          properties: { firstname: 'Search', lastname: 'Alpha', city: 'Oslo' },
        },
        {
          id: 's2@search.example',
          idProperty: 'email',
          properties: { firstname: 'Search', lastname: 'Beta', city: 'Bergen', hs_email_optout: 'true' },
        },
        {
          id: 's3@search.example',
          idProperty: 'email',
          properties: { firstname: 'Other', lastname: 'Gamma' },
        },
      ],
    },
  });
  const found = async (...filters: object[]) => {
    const all = [
      { propertyName: 'email', operator: 'CONTAINS_TOKEN', value: '*@search.example' },
      ...filters,
    ];
    const { status, body } = await hubspot.call('POST', `${path}/search`, {
      body: {
        filterGroups: [{ filters: all }],
        sorts: [{ propertyName: 'email', direction: 'ASCENDING' }],
        limit: 100,
      },
    });
    return status === 200
      ? body.results.map((one: { properties: { email: string } }) => one.properties.email.slice(0, 2))
      : body;
  };
  const is = (propertyName: string, operator: string, more: object = {}) => ({
    propertyName,
    operator,
    ...more,
  });
  expect(await found()).toEqual(['s1', 's2', 's3']);
  expect(await found(is('email', 'EQ', { value: 'S1@Search.example' }))).toEqual(['s1']);
  expect(await found(is('email', 'IN', { values: ['s1@search.example', 's3@search.example'] }))).toEqual([
    's1',
    's3',
  ]);
  expect(await found(is('firstname', 'EQ', { value: 'search' }))).toEqual(['s1', 's2']);
  expect(await found(is('lastname', 'NOT_IN', { values: ['Alpha'] }))).toEqual(['s2', 's3']);
  expect(await found(is('city', 'EQ', { value: 'oslo' }))).toEqual(['s1']);
  expect(await found(is('city', 'NOT_HAS_PROPERTY'))).toEqual(['s3']);
  expect(await found(is('hs_email_optout', 'EQ', { value: 'true' }))).toEqual(['s2']);
  expect(await found(is('hs_email_optout', 'NEQ', { value: 'true' }))).toEqual(['s1', 's3']);
  expect(await found(is('hs_email_optout_1', 'EQ', { value: 'true' }))).toEqual(['s2']);
  expect(await found(is('hs_email_optout_1', 'NOT_HAS_PROPERTY'))).toEqual(['s1', 's3']);
  expect(await found(is('createdate', 'GT', { value: '0' }))).toEqual(['s1', 's2', 's3']);
  expect(await found(is('createdate', 'LT', { value: '2020-01-01T00:00:00Z' }))).toEqual([]);
  expect(await found(is('hs_marketable_status', 'EQ', { value: 'false' }))).toEqual([]);
  const id = (await byEmail('s3@search.example')).id;
  expect(await found(is('hs_object_id', 'EQ', { value: id }))).toEqual(['s3']);
  expect(await found(is('city', 'GT', { value: '1' }))).toMatchObject({ category: 'VALIDATION_ERROR' });
});

it('pages through a search and through all contacts', async () => {
  const { searchApi } = contacts;
  const filters = [
    { propertyName: 'hs_email_domain', operator: FilterOperatorEnum.Eq, value: 'search.example' },
  ];
  const search = (after: string) =>
    searchApi.doSearch({
      filterGroups: [{ filters }],
      sorts: ['-lastname'],
      properties: ['lastname'],
      limit: 2,
      after,
    });
  const first = await search('0');
  expect(first).toMatchObject({ total: 3, paging: { next: { after: '2' } } });
  expect(first.results.map(({ properties }) => properties['lastname'])).toEqual(['Gamma', 'Beta']);
  const second = await search('2');
  expect(second.results.map(({ properties }) => properties['lastname'])).toEqual(['Alpha']);
  expect(second.paging?.next).toBeUndefined();
  const byWord = await hubspot.call('POST', `${path}/search`, { body: { query: 'gam' } });
  expect(byWord.body).toMatchObject({ total: 1 });
  const all = await contacts.getAll(3, undefined, ['email']);
  expect(all).toHaveLength(await portal.deps.models.contacts.countDocuments({ isDeleted: null }));
});
