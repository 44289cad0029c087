/** HubSpot's own client against the portal: definitions, statuses, business units, and v4 under each prefix. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestPortal, type TestPortal } from '../../../support/app.js';
import { faultOf, hubspotClient } from '../../../support/hubspot.js';
import {
  alice,
  bob,
  charlie,
  dana,
  fjell,
  northwind,
  offers,
  orderNotices,
  productNews,
  trailNotes,
  types,
  weekendLetters,
} from '../../../support/people.js';

let portal: TestPortal;
let hubspot: Awaited<ReturnType<typeof hubspotClient>>;
beforeAll(async () => {
  portal = await openTestPortal();
  hubspot = await hubspotClient(portal);
});
afterAll(() => portal.stop());

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

it('opts out of all of one unit and of the account, once', async () => {
  const path = `${v4}/statuses/${encodeURIComponent('all@example.com')}/unsubscribe-all`;
  const quiet = await hubspot.call('POST', path, { qs: { ...email, businessUnitId: '1' } });
  expect(quiet).toMatchObject({ status: 200, body: { results: [] } });
  const wide = await hubspot.call('GET', path, { qs: email });
  expect(wide.body.results).toMatchObject([
    { status: 'UNSUBSCRIBED', wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: 1 },
  ]);
  const verbose = await hubspot.call('POST', path, { qs: { ...email, verbose: 'true' } });
  expect(verbose.body.results.map((one: { subscriptionId: number }) => one.subscriptionId)).not.toContain(
    orderNotices.id,
  );
  expect(verbose.body.results[0]).toMatchObject({
    status: 'UNSUBSCRIBED',
    setStatusSuccessReason: 'UNSUBSCRIBE_FROM_ALL_OCCURRED',
  });
  const after = await hubspot.call('GET', path, { qs: email });
  expect(after.body.results).toMatchObject([
    { wideStatusType: 'PORTAL_WIDE', businessUnitId: null },
    { businessUnitId: 1 },
  ]);
});

it('batches answer 207 only for reads, and name the inputs that failed', async () => {
  const inputs = [alice.address, 'no address', dana.address];
  const read = await hubspot.call('POST', `${v4}/statuses/batch/read`, { qs: email, body: { inputs } });
  expect(read.status).toBe(207);
  expect(read.body.results.map((one: { subscriberIdString: string }) => one.subscriberIdString)).toEqual([
    alice.address,
    dana.address,
  ]);
  expect(read.body).toMatchObject({
    numErrors: 1,
    errors: [
      {
        status: 'error',
        category: 'VALIDATION_ERROR',
        context: { subscriberIdString: ['no address'] },
        id: null,
        links: {},
        errors: [],
      },
    ],
  });
  const fine = await hubspot.call('POST', `${v4}/statuses/batch/read`, {
    qs: email,
    body: { inputs: [alice.address] },
  });
  expect(fine.status).toBe(200);
  expect(fine.body).not.toHaveProperty('errors');
  const change = { channel: 'EMAIL', statusState: 'UNSUBSCRIBED' };
  const write = await hubspot.call('POST', `${v4}/statuses/batch/write`, {
    body: {
      inputs: [
        { ...change, subscriberIdString: 'b1@example.com', subscriptionId: 2 },
        { ...change, subscriberIdString: 'no address', subscriptionId: 2 },
        { ...change, subscriberIdString: 'b1@example.com', subscriptionId: 3 },
        { ...change, subscriberIdString: 'b2@example.com', subscriptionId: 999 },
      ],
    },
  });
  expect(write).toMatchObject({
    status: 200,
    body: { numErrors: 2, results: [{ subscriptionId: 2 }, { subscriptionId: 3 }] },
  });
  const out = await hubspot.call('POST', `${v4}/statuses/batch/unsubscribe-all`, {
    qs: email,
    body: { inputs: ['b3@example.com', 'no'] },
  });
  expect(out).toMatchObject({
    status: 200,
    body: { numErrors: 1, results: [{ subscriberIdString: 'b3@example.com', statuses: [] }] },
  });
  const wide = await hubspot.call('POST', `${v4}/statuses/batch/unsubscribe-all/read`, {
    qs: email,
    body: { inputs: ['b3@example.com'] },
  });
  expect(wide).toMatchObject({
    status: 200,
    body: { results: [{ wideStatuses: [{ wideStatusType: 'PORTAL_WIDE' }] }] },
  });
});

it('a phone number works like an address, in channels that HubSpot does not have', async () => {
  const path = `${v4}/statuses/${encodeURIComponent('+47 900 00 001')}`;
  const body = { channel: 'SMS', subscriptionId: 6, statusState: 'SUBSCRIBED', ...basis };
  expect(await hubspot.call('POST', path, { body })).toMatchObject({
    status: 200,
    body: { results: [{ channel: 'SMS', status: 'SUBSCRIBED' }] },
  });
  const { body: answer } = await hubspot.call('GET', `${v4}/statuses/${encodeURIComponent('+4790000001')}`, {
    qs: { channel: 'SMS' },
  });
  expect(answer.results).toMatchObject([{ subscriptionId: 6, status: 'SUBSCRIBED' }]);
  expect((await hubspot.call('GET', path, { qs: email })).status).toBe(400);
});

it('makes links, and an unknown language falls back', async () => {
  const make = (body: object, qs: Record<string, string> = email) =>
    hubspot.call('POST', `${v4}/links/generate`, { qs, body });
  const { body } = await make({ subscriberIdString: bob.address, language: 'tlh', subscriptionId: 1 });
  expect((await fetch(body.managePreferencesUrl)).status).toBe(200);
  expect((await fetch(body.unsubscribeSingleUrl)).status).toBe(200);
  expect((await make({ subscriberIdString: bob.address })).body).toMatchObject({
    unsubscribeSingleUrl: null,
  });
  expect(
    (await make({ subscriberIdString: bob.address, subscriptionId: 5 }, { ...email, businessUnitId: '0' }))
      .status,
  ).toBe(404);
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

it('a key of one unit sees and changes nothing of others', async () => {
  const limited = await hubspotClient(portal, { scope: [fjell.id] });
  const path = `${v4}/statuses/${encodeURIComponent('limited@example.com')}`;
  expect((await limited.call('GET', path, { qs: { ...email, businessUnitId: '0' } })).status).toBe(404);
  expect((await limited.call('GET', path, { qs: email })).body.results).toMatchObject([
    { subscriptionId: 5 },
  ]);
  expect(
    (
      await limited.call('POST', path, {
        body: { channel: 'EMAIL', subscriptionId: 1, statusState: 'UNSUBSCRIBED' },
      })
    ).status,
  ).toBe(404);
  await limited.call('POST', `${path}/unsubscribe-all`, { qs: email });
  const { body } = await hubspot.call('GET', `${path}/unsubscribe-all`, { qs: email });
  expect(body.results).toMatchObject([{ businessUnitId: fjell.id }]);
  expect((await limited.client.settings.businessUnits.businessUnitApi.getByUserID('1')).results).toHaveLength(
    1,
  );
});

it('a batch read of 100 addresses is one query', async () => {
  const inputs = Array.from({ length: 100 }, (_, at) => `many${at}@example.com`);
  await hubspot.call('POST', `${v4}/statuses/batch/read`, { qs: email, body: { inputs } });
  const { db } = portal.deps.connection;
  await db?.command({ profile: 2 });
  const { status } = await hubspot.call('POST', `${v4}/statuses/batch/read`, { qs: email, body: { inputs } });
  await db?.command({ profile: 0 });
  const profiled = await db
    ?.collection('system.profile')
    .find({ ns: new RegExp('[.]subscribers$') })
    .toArray();
  expect(status).toBe(200);
  expect(profiled?.map(({ op }) => String(op))).toEqual(['query']);
});
