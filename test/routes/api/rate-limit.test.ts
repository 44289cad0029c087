/** The rate limit of a key: it costs few writes, and it never refuses an opt-out. */
import { expect, it } from 'vitest';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';

const portal = await openTestPortal();
const key = await keyIn(portal);

const statusOf = async (method: string, path: string, body?: object) =>
  (await callApi(portal, key, method, path, body)).status;

const address = 'busy@example.com';
const own = `/api/v1/subscribers/${address}`;
const v4 = '/communication-preferences/v4/statuses';
const change = (statusState: string) => ({ subscriptionId: 1, statusState, channel: 'EMAIL' });
const inputs = (...states: string[]) => ({
  inputs: states.map((state, at) => ({ ...change(state), subscriberIdString: `busy${at}@example.com` })),
});

it('60 calls with a key cost one write of its limit', async () => {
  for (let sent = 0; sent < 100; sent += 1) expect(await statusOf('GET', '/api/v1/key')).toBe(200);
  const counted = await portal.deps.models.rateLimits.find().lean();
  expect(counted.map(({ points }) => points)).toEqual([120]);
});

it('beyond the limit, opt-outs still work, and everything else is refused', async () => {
  await portal.deps.models.rateLimits.collection.updateMany({}, { $set: { points: 1_000_000 } });
  // What the process holds of the window.
  for (let sent = 0; sent < 70; sent += 1) await statusOf('GET', '/api/v1/key');

  const refused = [
    await statusOf('GET', '/api/v1/key'),
    await statusOf('GET', own),
    await statusOf('PUT', `${own}/subscriptions/1`, { status: 'SUBSCRIBED' }),
    await statusOf('POST', `${v4}/${address}`, change('SUBSCRIBED')),
    await statusOf('POST', `${v4}/batch/write`, inputs('SUBSCRIBED', 'NOT_SPECIFIED')),
    await statusOf('POST', '/crm/v3/objects/contacts', { properties: { email: address } }),
  ];
  expect(refused).toEqual(refused.map(() => 429));

  const optOuts = [
    await statusOf('PUT', `${own}/subscriptions/1`, { status: 'UNSUBSCRIBED' }),
    await statusOf('POST', `${own}/opt-outs`, {}),
    await statusOf('POST', '/api/v1/opt-outs/batch', { inputs: [{ address }] }),
    await statusOf('POST', `${v4}/${address}`, change('UNSUBSCRIBED')),
    await statusOf('POST', `${v4}/batch/write`, inputs('SUBSCRIBED', 'UNSUBSCRIBED')),
    await statusOf('POST', `${v4}/${address}/unsubscribe-all?channel=EMAIL`),
    await statusOf('POST', `${v4}/batch/unsubscribe-all?channel=EMAIL`, { inputs: [address] }),
    await statusOf('POST', '/communication-preferences/v3/unsubscribe', {
      ...{ emailAddress: 'other@example.com', subscriptionId: '1' },
    }),
  ];
  expect(optOuts).toEqual(optOuts.map(() => 200));
  const subscriber = await portal.deps.models.subscribers.findOne({ address }).lean();
  expect(subscriber?.optOuts.portal).not.toBeNull();
});
