/** Calls of Mailgun, on a whole portal: JSON and forms alike, tokens that count once, and late calls. */
import { createHmac, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { endpointOf, stateOf } from '../../support/hooks.js';
import { trailNotes } from '../../support/people.js';

const key = 'key-0123456789abcdef0123456789abcdef';
const portal = await openTestPortal();
const mailgun = await endpointOf(portal, 'mailgun', { key });

let made = 0;
const newAddress = () => `mailgun-${(made += 1)}@example.com`;
const secondsNow = () => Math.floor(portal.deps.clock().getTime() / 1000);

function signature(by = key, timestamp = String(secondsNow())) {
  const token = randomBytes(25).toString('hex');
  const hmac = createHmac('sha256', by)
    .update(timestamp + token)
    .digest('hex');
  return { timestamp, token, signature: hmac };
}
const eventOf = (recipient: string, fields: object) => ({
  id: `id-${(made += 1)}`,
  timestamp: secondsNow(),
  recipient,
  message: { headers: { 'message-id': 'a@example.com' } },
  ...fields,
});
const sendJson = (event: object, signed: object = signature()) =>
  mailgun.call(JSON.stringify({ signature: signed, 'event-data': event }), {
    'content-type': 'application/json',
  });

const permanent = { event: 'failed', severity: 'permanent' };

it.each([
  [{ ...permanent, reason: 'bounce', 'delivery-status': { code: 550 } }, 'HARD_BOUNCE'],
  [{ ...permanent, reason: 'suppress-bounce', 'delivery-status': { code: 605 } }, 'HARD_BOUNCE'],
  [{ ...permanent, reason: 'generic', 'delivery-status': { 'enhanced-code': '5.1.1' } }, 'HARD_BOUNCE'],
  [{ ...permanent, reason: 'generic', 'delivery-status': { message: 'policy' } }, null],
  [{ ...permanent, reason: 'bounce', 'delivery-status': { message: '550 5.7.1 refused' } }, null],
  [{ event: 'failed', severity: 'temporary', reason: 'old' }, null],
  [{ event: 'complained' }, 'COMPLAINT'],
  [{ ...permanent, reason: 'suppress-complaint', 'delivery-status': { code: 607 } }, 'COMPLAINT'],
  [{ event: 'delivered' }, null],
])('%o marks as it should', async (fields, cannot) => {
  const address = newAddress();
  expect((await sendJson(eventOf(address, fields))).status).toBe(200);
  expect(await stateOf(portal, address)).toMatchObject({ cannot, outOfUnit: [] });
});

it('an unsubscribe opts out: of the named type, or of all of the unit', async () => {
  const [one, other, third] = [newAddress(), newAddress(), newAddress()];
  await sendJson(
    eventOf(one, { event: 'unsubscribed', 'user-variables': { sayso_type: String(trailNotes.id) } }),
  );
  await sendJson(eventOf(other, { event: 'unsubscribed' }));
  await sendJson(eventOf(third, { ...permanent, 'delivery-status': { code: 606 } }));
  expect(await stateOf(portal, one)).toMatchObject({ outOfType: ['ONE_CLICK'], outOfUnit: [] });
  expect((await stateOf(portal, other)).outOfUnit).toHaveLength(1);
  expect(await stateOf(portal, third)).toMatchObject({ cannot: null, outOfUnit: [expect.anything()] });
});

/** The fields of an older webhook: event and signature side by side. */
const olderFields = (recipient: string, fields: Record<string, string>) => ({
  recipient,
  'Message-Id': `<${(made += 1)}@example.com>`,
  ...signature(),
  ...fields,
});

it.each(['urlencoded', 'multipart'] as const)(
  'older webhooks as %s forms are read like JSON',
  async (encoding) => {
    const send = (fields: Record<string, string>) => {
      if (encoding === 'urlencoded') return mailgun.call(new URLSearchParams(fields));
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      form.set('attachment-1', new Blob(['original message']), 'message.mime');
      return mailgun.call(form);
    };
    const [bounced, complained, left] = [newAddress(), newAddress(), newAddress()];
    const answers = [
      await send(olderFields(bounced, { event: 'bounced', code: '550', error: '550 5.1.1 unknown' })),
      await send(olderFields(complained, { event: 'complained' })),
      await send(olderFields(left, { event: 'unsubscribed' })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await stateOf(portal, bounced)).cannot).toBe('HARD_BOUNCE');
    expect((await stateOf(portal, complained)).cannot).toBe('COMPLAINT');
    expect((await stateOf(portal, left)).outOfUnit).toHaveLength(1);
  },
);

it('a form with the event as JSON within is read as well', async () => {
  const address = newAddress();
  const fields = {
    signature: JSON.stringify(signature()),
    'event-data': JSON.stringify(eventOf(address, { event: 'complained' })),
  };
  expect((await mailgun.call(new URLSearchParams(fields))).status).toBe(200);
  expect((await stateOf(portal, address)).cannot).toBe('COMPLAINT');
});

it('a token counts once: the same call again is harmless, and another event with it is refused and shown', async () => {
  const signed = signature();
  const event = eventOf(newAddress(), { event: 'complained' });
  const victim = newAddress();
  expect((await sendJson(event, signed)).status).toBe(200);
  const before = await dumpOf(portal.database.connection);
  expect((await sendJson(Object.fromEntries(Object.entries(event).reverse()), signed)).status).toBe(200);
  expect(await dumpOf(portal.database.connection)).toEqual(before);
  expect((await sendJson({ ...event, recipient: victim }, signed)).status).toBe(401);
  expect((await sendJson({ ...event, id: 'other', recipient: victim }, signed)).status).toBe(401);
  expect((await stateOf(portal, victim)).cannot).toBeNull();
  const stored = await portal.deps.models.reportEndpoints.findById(mailgun.id).lean();
  expect(stored?.problem?.sentence).toContain('token');
});

it('a late call is accepted for three days; a later one gets an answer after which Mailgun tries again', async () => {
  const ago = (seconds: number) => signature(key, String(secondsNow() - seconds));
  const [late, tooLate] = [newAddress(), newAddress()];
  expect((await sendJson(eventOf(late, { event: 'complained' }), ago(2 * 86_400))).status).toBe(200);
  expect((await sendJson(eventOf(tooLate, { event: 'complained' }), ago(4 * 86_400))).status).toBe(401);
  expect((await sendJson(eventOf(tooLate, { event: 'complained' }), ago(-3600))).status).toBe(401);
  expect((await stateOf(portal, late)).cannot).toBe('COMPLAINT');
  // The database forgets a token only after no call with it is accepted any more.
  const acceptedMs = 3 * 86_400_000;
  const kept = await portal.deps.models.bounceReports.find({}).lean();
  expect(kept.length).toBeGreaterThan(0);
  for (const { at, expiresAt } of kept) expect(Number(expiresAt) - Number(at)).toBeGreaterThan(acceptedMs);
});

it('a forged call gets 401, and nothing is written', async () => {
  const event = eventOf(newAddress(), { event: 'complained' });
  const before = await dumpOf(portal.database.connection);
  const right = signature();
  for (const signed of [
    signature('key-of-a-stranger-0123456789'),
    { ...right, signature: '' },
    { ...right, signature: `${right.signature}00` },
    { ...right, timestamp: String(Number(right.timestamp) + 1) },
    {},
  ])
    expect((await sendJson(event, signed)).status).toBe(401);
  expect(await dumpOf(portal.database.connection)).toEqual(before);
});

it('a form that is cut off gets 400', async () => {
  const { status } = await mailgun.call('--x', { 'content-type': 'multipart/form-data; boundary=x' });
  expect(status).toBe(400);
});

it('the example of “Test webhook” changes no subscriber', async () => {
  const message = { headers: { 'message-id': '20130503182626.18666.16540@example.com' } };
  await sendJson(eventOf('alice@example.com', { event: 'complained', message }));
  expect((await stateOf(portal, 'alice@example.com')).cannot).toBeNull();
});
