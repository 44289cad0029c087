/** Bounces and complaints reported by the API: scopes, repeats, and answers that tell nothing about an address. */
import { expect, it } from 'vitest';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { findCanaries } from '../../support/canary.js';
import { dumpOf } from '../../support/dump.js';
import { stateOf } from '../../support/hooks.js';
import { northwind } from '../../support/people.js';

const portal = await openTestPortal();
const key = await keyIn(portal, ['bounces.write']);

const send = async (what: 'bounces' | 'complaints', body: object, by = key) => {
  const { status, answer } = await callApi(portal, by, 'POST', `/api/v1/${what}`, body);
  return { status, body: answer as { results?: { status: string }[]; category?: string } };
};
const cannot = async (address: string) => (await stateOf(portal, address)).cannot;

it('bounces and complaints mark, policy does not, and an unreadable address is a row of the answer', async () => {
  const { status, body } = await send('bounces', {
    inputs: [
      { address: 'Api-Hard@Example.com', kind: 'HARD', status: '5.1.1', diagnostic: 'no such user', id: '1' },
      { address: 'api-policy@example.com', kind: 'HARD', status: '5.7.1', id: '2' },
      { address: 'nobody', kind: 'HARD', id: '3' },
      { address: 'api-soft@example.com', kind: 'SOFT', id: '4', at: '2026-01-02T03:04:05+01:00' },
    ],
  });
  expect(status).toBe(200);
  expect(body.results?.map((one) => one.status)).toEqual([
    ...['RECORDED', 'RECORDED', 'INVALID_ADDRESS', 'RECORDED'],
  ]);
  await send('complaints', { inputs: [{ address: 'api-complaint@example.com' }] });
  await send('complaints', { inputs: [{ address: 'api-glad@example.com', feedbackType: 'not-spam' }] });
  expect(await stateOf(portal, 'api-hard@example.com')).toMatchObject({
    ...{ cannot: 'HARD_BOUNCE', says: 'no such user', outOfUnit: [], rule: 'HARD_BOUNCE', mayReceive: false },
  });
  expect(await cannot('api-policy@example.com')).toBeNull();
  expect(await cannot('api-complaint@example.com')).toBe('COMPLAINT');
  expect(await cannot('api-glad@example.com')).toBeNull();
});

it('a repeat with the same id counts once, for each key', async () => {
  const inputs = [{ address: 'api-repeat@example.com', kind: 'SOFT', id: 'same' }];
  const other = await keyIn(portal, ['bounces.write']);
  await send('bounces', { inputs });
  const before = (await dumpOf(portal.database.connection))['bounce_reports'];
  for (let at = 0; at < 6; at += 1)
    expect((await send('bounces', { inputs })).body.results).toEqual([{ status: 'REPEATED' }]);
  expect((await dumpOf(portal.database.connection))['bounce_reports']).toEqual(before);
  expect((await send('bounces', { inputs }, other)).body.results).toEqual([{ status: 'RECORDED' }]);
  expect(await cannot('api-repeat@example.com')).toBeNull();
});

it('a key of one unit gets the same answer for known and unknown addresses', async () => {
  const limited = await keyIn(portal, ['bounces.write'], [northwind.id]);
  const answers = await Promise.all(
    ['erin@example.com', 'alice@example.com', 'unknown@example.com'].map((address) =>
      send('bounces', { inputs: [{ address, kind: 'SOFT' }] }, limited),
    ),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

it('a missing scope gets 403, a missing key 401, and a wrong body 400; nothing is written', async () => {
  const inputs = [{ address: 'api-refused@example.com', kind: 'HARD' }];
  const reader = await keyIn(portal, ['contacts.read']);
  const before = (await dumpOf(portal.database.connection))['bounce_reports'];
  expect(await send('bounces', { inputs }, reader)).toMatchObject({ status: 403 });
  expect(await send('bounces', { inputs }, 'sayso_x')).toMatchObject({ status: 401 });
  for (const wrong of [
    {},
    [],
    { inputs: [] },
    { inputs: [{ address: 'a@example.com', kind: 'OPT_OUT' }] },
    { inputs: [{ address: 'a@example.com', kind: 'HARD', unknown: 1 }] },
    { inputs, unknown: 1 },
    { inputs: Array.from({ length: 1001 }, () => inputs[0]) },
  ])
    expect(await send('bounces', wrong)).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR' },
    });
  expect((await dumpOf(portal.database.connection))['bounce_reports']).toEqual(before);
  expect(await cannot('api-refused@example.com')).toBeNull();
});

it('the log names no address', () => {
  expect(findCanaries(portal.logged.join(''), ['api-hard@example.com', '@example.com', key])).toEqual([]);
});
