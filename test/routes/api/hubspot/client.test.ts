/** HubSpot's own client against the portal: definitions, statuses, business units, and v4 under each prefix. */
import { expect, it } from 'vitest';
import { openTestPortal } from '../../../support/app.js';
import { faultOf, hubspotClient } from '../../../support/hubspot.js';
import {
  alice,
  charlie,
  fjell,
  northwind,
  offers,
  productNews,
  trailNotes,
  types,
  weekendLetters,
} from '../../../support/people.js';

const portal = await openTestPortal();
const hubspot = await hubspotClient(portal);

const basis = { legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'Asked at the counter.' } as const;
const v4 = '/communication-preferences/v4';
const email = { channel: 'EMAIL' };

it('reads definitions as v3 and v4 show them', async () => {
  const { subscriptionDefinitions } = await hubspot.client.communicationPreferences.definitionApi.getPage();
  expect(subscriptionDefinitions.map(({ id }) => id).sort()).toEqual(
    types.map(({ id }) => String(id)).sort(),
  );
  const first = subscriptionDefinitions.find(({ id }) => id === String(trailNotes.id));
  expect(first).toMatchObject({ name: trailNotes.name, isActive: true, isDefault: true, isInternal: false });
  expect(first?.createdAt).toBeInstanceOf(Date);
  const ofFjell = await hubspot.call('GET', `${v4}/definitions`, { qs: { businessUnitId: '1' } });
  expect(ofFjell.body.results.map((one: { id: string }) => one.id)).toEqual(['5', '6']);
  expect(ofFjell.body.results[0]).toMatchObject({ businessUnitId: 1, subscriptionTranslations: null });
  const translated = await hubspot.call('GET', `${v4}/definitions`, { qs: { includeTranslations: 'true' } });
  expect(translated.body.results[0].subscriptionTranslations).toContainEqual(
    expect.objectContaining({ subscriptionId: trailNotes.id, languageCode: 'de', createdAt: 0 }),
  );
});

it('reads statuses of v3 for every type, with the level that decides', async () => {
  const read = (address: string) => hubspot.client.communicationPreferences.statusApi.getEmailStatus(address);
  const { recipient, subscriptionStatuses } = await read(alice.address);
  expect(recipient).toBe(alice.address);
  expect(subscriptionStatuses).toHaveLength(types.filter(({ channel }) => channel === 'EMAIL').length);
  expect(subscriptionStatuses.find(({ id }) => id === '1')).toMatchObject({
    status: 'SUBSCRIBED',
    preferenceGroupName: null,
  });
  const charlies = await read(charlie.address);
  expect(charlies.subscriptionStatuses.every(({ status }) => status === 'NOT_SUBSCRIBED')).toBe(true);
  const unknown = await read('nobody+1/x@example.com');
  expect(unknown.recipient).toBe('nobody+1/x@example.com');
});

it('v3 subscribes and unsubscribes, and a change that changes nothing is a fault in HubSpot’s words', async () => {
  const { statusApi } = hubspot.client.communicationPreferences;
  const emailAddress = 'v3+a/b@example.com';
  const change = { emailAddress, subscriptionId: '2', ...basis };
  expect(await statusApi.subscribe(change as never)).toMatchObject({
    id: '2',
    status: 'SUBSCRIBED',
    ...basis,
    sourceOfStatus: 'SUBSCRIPTION_STATUS',
  });
  expect(await faultOf(statusApi.subscribe(change as never))).toMatchObject({
    code: 400,
    body: {
      status: 'error',
      category: 'VALIDATION_ERROR',
      message: `${emailAddress} is already subscribed to subscription 2`,
    },
  });
  const out = { emailAddress, subscriptionId: '2' };
  expect(await statusApi.unsubscribe(out)).toMatchObject({ status: 'NOT_SUBSCRIBED' });
  expect(await faultOf(statusApi.unsubscribe(out))).toMatchObject({
    code: 400,
    body: { message: `${emailAddress} is already unsubscribed from subscription 2` },
  });
  expect(await faultOf(statusApi.subscribe(change as never))).toMatchObject({
    code: 400,
    body: { message: `Subscription 2 for ${emailAddress} cannot be updated because they have unsubscribed` },
  });
  expect(await faultOf(statusApi.unsubscribe({ ...out, subscriptionId: '999' }))).toMatchObject({
    code: 404,
    body: { category: 'OBJECT_NOT_FOUND' },
  });
});

it('v4 answers 200 for a change that changes nothing, and says what a change did', async () => {
  const path = `${v4}/statuses/${encodeURIComponent('v4@example.com')}`;
  const change = async (statusState: string, more: object = basis) => {
    const body = { channel: 'EMAIL', subscriptionId: productNews.id, statusState, ...more };
    const { status, body: answer } = await hubspot.call('POST', path, { body });
    return { status, reason: answer.results?.[0]?.setStatusSuccessReason, answer };
  };
  expect(await change('SUBSCRIBED')).toMatchObject({ status: 200, reason: 'REQUESTED_CHANGE_OCCURRED' });
  expect(await change('SUBSCRIBED')).toMatchObject({ status: 200, reason: 'NO_STATUS_CHANGE' });
  expect(await change('UNSUBSCRIBED', {})).toMatchObject({
    status: 200,
    reason: 'REQUESTED_CHANGE_OCCURRED',
  });
  expect(await change('SUBSCRIBED', {})).toMatchObject({ status: 400 });
  expect(await change('SUBSCRIBED')).toMatchObject({ status: 200, reason: 'RESUBSCRIBE_OCCURRED' });
  expect(await change('NOT_SPECIFIED')).toMatchObject({ status: 400 });
  const { body } = await hubspot.call('GET', path, { qs: { ...email, businessUnitId: '0' } });
  expect(body).toMatchObject({ status: 'COMPLETE', numErrors: 0 });
  expect(body.results.map((one: { subscriptionId: number }) => one.subscriptionId)).toEqual([
    1, 2, 3, 4, 7, 8,
  ]);
  expect(body.results[1]).toEqual({
    ...{
      subscriberIdString: 'v4@example.com',
      channel: 'EMAIL',
      subscriptionId: 2,
      subscriptionName: productNews.name,
    },
    ...{
      businessUnitId: 0,
      status: 'SUBSCRIBED',
      timestamp: expect.any(String),
      source: 'Public status API',
    },
    ...{ ...basis, setStatusSuccessReason: null },
  });
  expect(body.results[2]).toMatchObject({
    status: 'NOT_SPECIFIED',
    source: 'Not specified',
    legalBasis: null,
  });
  const all = await hubspot.call('GET', path, { qs: email });
  expect(all.body.results.map((one: { subscriptionId: number }) => one.subscriptionId)).toContain(
    weekendLetters.id,
  );
});

it('an opt-out by the contact is never undone, whichever version asks', async () => {
  const path = `${v4}/statuses/${encodeURIComponent(charlie.address)}`;
  const body = { channel: 'EMAIL', subscriptionId: trailNotes.id, statusState: 'SUBSCRIBED', ...basis };
  const words = `Subscription 1 for ${charlie.address} cannot be updated because they have unsubscribed`;
  expect(await hubspot.call('POST', path, { body })).toMatchObject({ status: 400, body: { message: words } });
  const resubscribe = await hubspot.call('POST', '/communication-preferences/2026-09/resubscribe', {
    body: { emailAddress: charlie.address, subscriptionId: '1', ...basis },
  });
  expect(resubscribe).toMatchObject({ status: 400, body: { message: words } });
});

it('resubscribes after an opt-out by the API, under the dated prefixes only', async () => {
  const emailAddress = 'again@example.com';
  const body = { emailAddress, subscriptionId: String(offers.id), ...basis };
  const dated = '/communication-preferences/2025-09';
  expect((await hubspot.call('POST', `${dated}/unsubscribe`, { body })).status).toBe(200);
  expect((await hubspot.call('POST', `${dated}/subscribe`, { body })).status).toBe(400);
  expect(await hubspot.call('POST', `${dated}/resubscribe`, { body })).toMatchObject({
    status: 200,
    body: { status: 'SUBSCRIBED' },
  });
  expect((await hubspot.call('POST', '/communication-preferences/v3/resubscribe', { body })).status).toBe(
    404,
  );
  expect((await hubspot.call('POST', '/communication-preferences/2026-03/subscribe', { body })).status).toBe(
    404,
  );
});

it('reads business units, with logos if asked for', async () => {
  const { businessUnitApi } = hubspot.client.settings.businessUnits;
  expect((await businessUnitApi.getByUserID('7')).results.map(({ id, name }) => [id, name])).toEqual([
    ['0', northwind.name],
    ['1', fjell.name],
  ]);
  const { results } = await businessUnitApi.getByUserID('7', ['logoMetadata'], [northwind.name]);
  expect(results).toHaveLength(1);
  expect((await fetch(results[0]?.logoMetadata?.logoUrl ?? '')).status).toBe(200);
  expect(
    (await hubspot.call('GET', '/business-units/public/2026-03/business-units/user/7')).body.results,
  ).toHaveLength(2);
});
