/** Calls of v4 for all types and for many addresses, links, channels and keys of one unit, with HubSpot's own client. */
import { expect, it } from 'vitest';
import { openTestPortal } from '../../../support/app.js';
import { hubspotClient } from '../../../support/hubspot.js';
import { alice, bob, dana, fjell, orderNotices } from '../../../support/people.js';

const portal = await openTestPortal();
const hubspot = await hubspotClient(portal);

const basis = { legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'Asked at the counter.' } as const;
const v4 = '/communication-preferences/v4';
const email = { channel: 'EMAIL' };

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

it('a key of one unit cannot tell whether the other units know an address', async () => {
  const limited = await hubspotClient(portal, { scope: [fjell.id] });
  const known = encodeURIComponent('of-unit-0@example.com');
  await hubspot.call('POST', `${v4}/statuses/${known}/unsubscribe-all`, {
    qs: { ...email, businessUnitId: '0' },
  });
  const began = portal.deps.clock().toISOString();
  for (const address of [known, encodeURIComponent('of-no-unit@example.com')]) {
    const { body } = await limited.call('GET', `${v4}/statuses/${address}`, { qs: email });
    for (const { status, timestamp } of body.results) {
      expect(status).toBe('NOT_SPECIFIED');
      expect(timestamp >= began).toBe(true);
    }
  }
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
