/** Faults of HubSpot's API in its exact words, and what HubSpot's own client does about them. */
import { expect, it, vi } from 'vitest';
import { openTestPortal } from '../../../support/app.js';
import { faultOf, hubspotClient } from '../../../support/hubspot.js';
import { alice, trailNotes } from '../../../support/people.js';
import { expectPrinting } from '../../../support/silent.js';

const portal = await openTestPortal();
const hubspot = await hubspotClient(portal);

const v4 = '/communication-preferences/v4';
const correlationId = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

async function ask(path: string, { method = 'GET', key = hubspot.key, body = '' } = {}) {
  const response = await fetch(`${portal.url}${path}`, {
    ...{ method, redirect: 'manual' as const },
    headers: { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) },
    ...(body ? { body } : {}),
  });
  const answer: unknown = JSON.parse((await response.text()) || 'null');
  return { status: response.status, headers: response.headers, body: Object(answer) };
}

it('names a missing, an unknown and an expired key', async () => {
  const path = `${v4}/definitions`;
  expect(await ask(path, { key: '' })).toMatchObject({
    status: 401,
    body: {
      ...{ status: 'error', category: 'INVALID_AUTHENTICATION', correlationId },
      message: expect.stringMatching(/^Authentication credentials not found\. /),
    },
  });
  expect(await ask(path, { key: 'pat-na1-nonsense' })).toMatchObject({
    status: 401,
    body: { category: 'INVALID_AUTHENTICATION' },
  });
  const { key } = await hubspotClient(portal, { expiresAt: new Date(Date.now() - 1000) });
  expect(await ask(path, { key })).toMatchObject({
    status: 401,
    body: { category: 'EXPIRED_AUTHENTICATION' },
  });
});

it('names the scopes that are missing', async () => {
  const reader = await hubspotClient(portal, { scopes: ['communication_preferences.read'] });
  const change = { emailAddress: alice.address, subscriptionId: '1' };
  expect(await faultOf(reader.client.communicationPreferences.statusApi.unsubscribe(change))).toMatchObject({
    code: 403,
    body: {
      ...{
        status: 'error',
        category: 'MISSING_SCOPES',
        correlationId,
        links: { scopes: expect.any(String) },
      },
      errors: [
        {
          message: 'One or more of the following scopes are required.',
          context: { requiredGranularScopes: ['communication_preferences.write'] },
        },
      ],
    },
  });
  const links = { qs: { channel: 'EMAIL' }, body: { subscriberIdString: alice.address } };
  const make = async (scopes: Parameters<typeof hubspotClient>[1]) =>
    (await (await hubspotClient(portal, scopes)).call('POST', `${v4}/links/generate`, links)).status;
  expect(await make({ scopes: ['communication_preferences.read'] })).toBe(403);
  expect(await make({ scopes: ['communication_preferences.read', 'communication_preferences.write'] })).toBe(
    200,
  );
  expect(await make({ scopes: ['communication_preferences.read_write'] })).toBe(200);
  expect(await make({ scopes: ['statuses.read', 'statuses.write'] }), 'scopes of our own').toBe(200);
});

it('names the attributes that a body misses', async () => {
  const post = (path: string, body: string) => ask(path, { method: 'POST', body });
  expect(await post('/communication-preferences/v3/subscribe', '{}')).toMatchObject({
    status: 400,
    body: {
      category: 'VALIDATION_ERROR',
      message:
        'Invalid input JSON on line 1, column 2: Cannot build PublicUpdateSubscriptionStatusRequest, some of required attributes are not set [emailAddress, subscriptionId]',
    },
  });
  expect((await post(`${v4}/statuses/batch/write`, '{}')).body.message).toContain(
    'Cannot build BatchInputPublicStatusRequest',
  );
  expect(await post('/communication-preferences/v3/subscribe', '{"a":')).toMatchObject({
    status: 400,
    body: { message: expect.stringMatching(/^Invalid input JSON/) },
  });
  const inputs = Array.from({ length: 1001 }, (_, at) => `a${at}@example.com`);
  expect((await post(`${v4}/statuses/batch/read?channel=EMAIL`, JSON.stringify({ inputs }))).status).toBe(
    400,
  );
  expect(
    (
      await post(
        `${v4}/statuses/batch/read?channel=EMAIL`,
        JSON.stringify({ inputs: inputs.slice(1), more: 1 }),
      )
    ).status,
  ).toBe(200);
  expect((await ask(`${v4}/statuses/${alice.address}`)).status, 'no channel').toBe(400);
});

it('asks for reasons only in data privacy mode', async () => {
  const change = { emailAddress: 'mode@example.com', subscriptionId: String(trailNotes.id) };
  const { statusApi } = hubspot.client.communicationPreferences;
  expect(await faultOf(statusApi.subscribe(change))).toMatchObject({
    code: 400,
    body: {
      category: 'VALIDATION_ERROR',
      message: 'A legalBasis is required to update subscription 1 for mode@example.com',
    },
  });
  const basis = { legalBasis: 'LEGITIMATE_INTEREST_CLIENT' } as const;
  expect(await faultOf(statusApi.subscribe({ ...change, ...basis } as never))).toMatchObject({
    body: { message: 'A legalBasisExplanation is required to update subscription 1 for mode@example.com' },
  });
  await portal.deps.models.settings.updateOne(
    { _id: 'account' },
    { $set: { 'value.isPrivacyMode': false } },
    { upsert: true },
  );
  await portal.deps.rereadCatalogue();
  expect(await statusApi.subscribe(change)).toMatchObject({ status: 'SUBSCRIBED', legalBasis: null });
  await portal.deps.models.settings.updateOne({ _id: 'account' }, { $set: { 'value.isPrivacyMode': true } });
  await portal.deps.rereadCatalogue();
});

it('answers every path without a redirect, as JSON, with a correlation id', async () => {
  const encoded = `${v4}/statuses/${encodeURIComponent('a+b/c@example.com')}?channel=EMAIL`;
  const found = await ask(encoded);
  expect(found.body.results[0].subscriberIdString).toBe('a+b/c@example.com');
  expect((await ask(`${v4}/statuses/a+b@example.com?channel=EMAIL`)).body.results[0].subscriberIdString).toBe(
    'a+b@example.com',
  );
  expect(
    (await ask(`${v4}/statuses/${encodeURIComponent('a%2Bb@example.com')}?channel=EMAIL`)).status,
  ).not.toBe(500);
  for (const path of [
    `${v4}/definitions/`,
    `${v4}/definitions`,
    `${v4}/nothing`,
    '/crm/v3/objects/deals',
    '/business-units/v3/x',
  ]) {
    const { status, headers } = await ask(path);
    expect([200, 404], path).toContain(status);
    expect(headers.get('content-type'), path).toMatch(/^application\/json/);
    expect(headers.get('x-hubspot-correlation-id'), path).toEqual(correlationId);
  }
  const { headers } = await ask(`${v4}/definitions`);
  expect(Number(headers.get('x-hubspot-ratelimit-max'))).toBeGreaterThan(
    Number(headers.get('x-hubspot-ratelimit-remaining')),
  );
  expect(Number(headers.get('x-hubspot-ratelimit-interval-milliseconds'))).toBeGreaterThan(0);
});

it('HubSpot’s client tries again when it sends too much, and an opt-out is never refused', async () => {
  const printed = expectPrinting();
  const busy = await hubspotClient(portal, { retries: 3 });
  expect((await busy.call('GET', `${v4}/definitions`)).status).toBe(200);
  const { rateLimits } = portal.deps.models;
  await rateLimits.collection.updateMany({}, { $set: { points: 1_000_000 } });
  // What the process holds of the window.
  for (let sent = 0; sent < 80; sent += 1) await busy.call('GET', '/business-units/v3/business-units/user/1');
  const refused = await busy.call('GET', `${v4}/definitions`);
  expect(refused).toMatchObject({
    status: 429,
    body: {
      ...{ status: 'error', category: 'RATE_LIMITS', errorType: 'RATE_LIMIT', correlationId },
      ...{ policyName: 'TEN_SECONDLY_ROLLING', message: 'You have reached your ten_secondly_rolling limit.' },
    },
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const { statusApi, definitionApi } = busy.client.communicationPreferences;
  expect(
    await statusApi.unsubscribe({ emailAddress: 'busy@example.com', subscriptionId: '1' }),
  ).toMatchObject({ status: 'NOT_SUBSCRIBED' });
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const reading = definitionApi.getPage().catch((error: unknown) => error);
    await vi.waitFor(() => expect(printed).toHaveLength(1), { timeout: 5000 });
    expect(printed[0]).toContain('[429], will retry [1] time in [10000] ms');
    await rateLimits.deleteMany({});
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000);
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(await reading).toHaveProperty('subscriptionDefinitions');
  } finally {
    vi.useRealTimers();
    vi.restoreAllMocks();
  }
});

it('HubSpot’s client tries again after a 5xx', async () => {
  const printed = expectPrinting();
  const patient = await hubspotClient(portal, { retries: 3 });
  const find = vi.spyOn(portal.deps.models.subscribers, 'find').mockImplementationOnce(() => {
    throw new Error('gone');
  });
  const { subscriptionStatuses } = await patient.client.communicationPreferences.statusApi.getEmailStatus(
    alice.address,
  );
  find.mockRestore();
  expect(subscriptionStatuses.length).toBeGreaterThan(0);
  expect(printed).toHaveLength(1);
  expect(portal.logged.join('')).not.toContain(alice.address);
});
