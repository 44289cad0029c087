/** Calls of SendGrid and Postmark, on a whole portal: right, forged, replayed, reordered; and what they change. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openTestPortal } from '../../support/app.js';
import { findCanaries } from '../../support/canary.js';
import { dumpOf } from '../../support/dump.js';
import { endpointOf, post, stateOf } from '../../support/hooks.js';
import { newcomer } from '../../support/newcomer.js';
import { trailNotes } from '../../support/people.js';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

const portal = await openTestPortal();
const sendgrid = await endpointOf(portal, 'sendgrid', { key });
const postmark = await endpointOf(portal, 'postmark');

let made = 0;
const newAddress = () => `reported-${(made += 1)}@example.com`;
const stateNow = (address: string) => stateOf(portal, address);

/** As SendGrid signs: over the timestamp and the raw body, which ends with a line break. */
function signed(events: object[], by = privateKey) {
  const body = `${JSON.stringify(events)}\r\n`;
  const timestamp = '1764360000';
  const signature = createSign('sha256').update(timestamp).update(body).sign(by, 'base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
  };
}
const sendEvents = (...events: object[]) => {
  const { body, headers } = signed(events);
  return sendgrid.call(body, headers);
};
const eventOf = (email: string, fields: object) => ({
  email,
  timestamp: Math.floor(portal.deps.clock().getTime() / 1000) - 60,
  sg_event_id: `event-${email}-${JSON.stringify(fields)}`,
  ...fields,
});

describe('SendGrid', () => {
  it.each([
    ['bounce', { event: 'bounce', type: 'bounce', reason: '550 5.1.1 unknown' }, 'HARD_BOUNCE'],
    ['bounce for the content', { event: 'bounce', type: 'bounce', bounce_classification: 'Content' }, null],
    [
      'bounce for an invalid address',
      { event: 'bounce', type: 'bounce', bounce_classification: 'Invalid Address' },
      'HARD_BOUNCE',
    ],
    ['block', { event: 'bounce', type: 'blocked', reason: 'try later' }, null],
    ['bounce for policy', { event: 'bounce', type: 'bounce', reason: '550 5.7.1 SPF fails' }, null],
    [
      'bounce with a status and a policy in the server’s words',
      { event: 'bounce', type: 'bounce', status: '5.1.1', reason: '550-5.7.26 This mail is unauthenticated' },
      null,
    ],
    ['bounce with a policy status', { event: 'bounce', type: 'bounce', status: '5.7.26' }, null],
    ['dropped mail of a bounced address', { event: 'dropped', reason: 'Bounced Address' }, 'HARD_BOUNCE'],
    ['dropped mail of a complainer', { event: 'dropped', reason: 'Spam Reporting Address' }, 'COMPLAINT'],
    ['spam report', { event: 'spamreport' }, 'COMPLAINT'],
    ['delay', { event: 'deferred', response: '451 later' }, null],
    ['delivery', { event: 'delivered' }, null],
    ['resubscription', { event: 'group_resubscribe' }, null],
  ])('a %s marks as it should', async (_what, fields, cannot) => {
    const address = newAddress();
    expect((await sendEvents(eventOf(address, fields))).status).toBe(200);
    expect(await stateNow(address)).toMatchObject({ cannot, outOfUnit: [], mayReceive: cannot === null });
  });

  it.each([
    { event: 'unsubscribe' },
    { event: 'group_unsubscribe', asm_group_id: 7 },
    { event: 'dropped', reason: 'Unsubscribed Address' },
  ])('$event $reason opts out of all of the unit, as the contact', async (fields) => {
    const address = newAddress();
    await sendEvents(eventOf(address, fields));
    const { outOfUnit, cannot } = await stateNow(address);
    expect(outOfUnit).toEqual([`ONE_CLICK reported:SendGrid:${sendgrid.id}`]);
    expect(cannot).toBeNull();
  });

  it('an unsubscribe that names its type opts out of that type alone, and no resubscription opts in', async () => {
    const address = newAddress();
    await sendEvents(eventOf(address, { event: 'unsubscribe', sayso_type: trailNotes.id }));
    expect(await stateNow(address)).toMatchObject({ outOfUnit: [], outOfType: ['ONE_CLICK'] });
    await sendEvents(eventOf(address, { event: 'group_resubscribe', sayso_type: trailNotes.id }));
    expect(await stateNow(address)).toMatchObject({ outOfUnit: [], outOfType: ['ONE_CLICK'] });
  });

  it('a mail that is held back for an old unsubscribe does not opt out a contact who opted in again', async () => {
    const address = newAddress();
    await sendEvents(eventOf(address, { event: 'unsubscribe', sayso_type: trailNotes.id }));
    await newcomer(portal, address, [trailNotes]);
    await sendEvents(
      eventOf(address, { event: 'dropped', reason: 'Unsubscribed Address', sayso_type: trailNotes.id }),
    );
    expect(await stateNow(address)).toMatchObject({ outOfType: [], outOfUnit: [] });
    await sendEvents(eventOf(address, { event: 'unsubscribe', at: 'again', sayso_type: trailNotes.id }));
    expect((await stateNow(address)).outOfType).toEqual(['ONE_CLICK']);
  });

  it('the same event again changes nothing, and a complaint outlives a bounce that arrives later', async () => {
    const address = newAddress();
    const complaint = eventOf(address, { event: 'spamreport' });
    const bounce = eventOf(address, { event: 'bounce', type: 'bounce', reason: '550 5.1.1' });
    await sendEvents(complaint);
    await sendEvents(bounce, complaint, bounce);
    const before = await dumpOf(portal.database.connection);
    await sendEvents(bounce);
    await sendEvents(complaint);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
    expect((await stateNow(address)).cannot).toBe('COMPLAINT');
  });

  it('the same event in several calls at once counts once', async () => {
    const address = newAddress();
    const before = (await sendgrid.counts())['HARD'] ?? 0;
    const event = eventOf(address, { event: 'bounce', type: 'bounce' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => sendEvents(event)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await sendgrid.counts())['HARD']).toBe(before + 1);
    expect((await portal.subscriberOf({ address })).seq).toBe(1);
  });

  it('an event that was stored before a crash takes effect when it is sent again', async () => {
    const address = newAddress();
    const event = eventOf(address, { event: 'bounce', type: 'bounce' });
    await sendEvents(event);
    const { _id } = await portal.subscriberOf({ address });
    // As a crash between the two writes leaves it.
    await portal.deps.models.subscribers.collection.deleteOne({ _id: _id as never });
    await portal.deps.models.bounceReports.updateOne({ subscriberId: _id }, { $set: { doneAt: null } });
    await sendEvents(event);
    expect((await stateNow(address)).cannot).toBe('HARD_BOUNCE');
  });

  it('a forged call gets 401, and nothing is written', async () => {
    const events = [eventOf(newAddress(), { event: 'bounce', type: 'bounce' })];
    const { privateKey: foreign } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const right = signed(events);
    const before = await dumpOf(portal.database.connection);
    const answers = [
      await sendgrid.call(right.body),
      await sendgrid.call(right.body, { ...right.headers, 'x-twilio-email-event-webhook-signature': 'MEUC' }),
      await sendgrid.call(`${right.body} `, right.headers),
      await sendgrid.call(right.body, signed(events, foreign).headers),
      await sendgrid.call(right.body, {
        ...right.headers,
        'x-twilio-email-event-webhook-timestamp': '1764360001',
      }),
      await post(portal, `${sendgrid.path.slice(0, -1)}x`, right.body, right.headers),
      await post(portal, sendgrid.path.replace('sendgrid', 'postmark'), right.body, right.headers),
      await post(portal, '/hooks/sendgrid/unknown/unknown', right.body, right.headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it('an endpoint without a key accepts nothing', async () => {
    const keyless = await endpointOf(portal, 'sendgrid');
    const { body, headers } = signed([eventOf(newAddress(), { event: 'spamreport' })]);
    expect((await keyless.call(body, headers)).status).toBe(401);
  });

  it('a body over one megabyte gets 413', async () => {
    const { headers } = signed([]);
    expect((await sendgrid.call('x'.repeat(1_100_000), headers)).status).toBe(413);
  });

  it('the test event of the provider changes no subscriber and is counted', async () => {
    await sendEvents(eventOf('example@test.com', { event: 'bounce', type: 'bounce' }));
    expect((await stateNow('example@test.com')).cannot).toBeNull();
    expect((await sendgrid.counts())['TEST']).toBe(1);
  });

  it('a batch of a thousand events of a hundred addresses is recorded once', async () => {
    const addresses = Array.from({ length: 100 }, newAddress);
    const events = Array.from({ length: 1000 }, (_, at) =>
      eventOf(addresses[at % 100] ?? '', { event: at < 100 ? 'bounce' : 'delivered', type: 'bounce' }),
    );
    const hardBefore = (await sendgrid.counts())['HARD'] ?? 0;
    const { text } = await sendEvents(...events);
    expect(JSON.parse(text)).toEqual({ events: 1000 });
    expect((await sendgrid.counts())['HARD']).toBe(hardBefore + 100);
    expect((await stateNow(addresses[99] ?? '')).cannot).toBe('HARD_BOUNCE');
  });
});

describe('Postmark', () => {
  const send = (record: object) => postmark.call(JSON.stringify(record));
  const bounce = (address: string, TypeCode: number, more: object = {}) => ({
    RecordType: 'Bounce',
    ID: (made += 1),
    TypeCode,
    Email: address,
    BouncedAt: portal.deps.clock().toISOString(),
    Details: 'smtp;550 user unknown',
    ...more,
  });

  it.each([
    [1, 'HARD_BOUNCE'],
    [100_000, 'HARD_BOUNCE'],
    [2, null],
    [4096, null],
    [100_006, null],
    [100_001, 'COMPLAINT'],
    [32, null],
    [64, null],
    [100_002, null],
    [123_456, null],
  ])('a bounce of type %i marks as it should', async (code, cannot) => {
    const address = newAddress();
    expect((await send(bounce(address, code))).status).toBe(200);
    expect(await stateNow(address)).toMatchObject({ cannot, outOfUnit: [] });
  });

  it('a spam complaint takes effect at once; a filter’s guess does not', async () => {
    const [one, other] = [newAddress(), newAddress()];
    await send({ ...bounce(one, 100_001), RecordType: 'SpamComplaint' });
    await send({ ...bounce(other, 512), RecordType: 'SpamComplaint' });
    expect((await stateNow(one)).cannot).toBe('COMPLAINT');
    expect((await stateNow(other)).cannot).toBeNull();
  });

  it('a suppression by the recipient opts out, one by the customer does not, and its end opts no one in', async () => {
    const change = (Recipient: string, more: object) =>
      send({
        RecordType: 'SubscriptionChange',
        MessageID: 'm-1',
        Recipient,
        ChangedAt: portal.deps.clock().toISOString(),
        SuppressSending: true,
        SuppressionReason: 'ManualSuppression',
        Origin: 'Recipient',
        ...more,
      });
    const [one, other] = [newAddress(), newAddress()];
    await change(one, {});
    await change(other, { Origin: 'Customer' });
    expect((await stateNow(one)).outOfUnit).toHaveLength(1);
    expect((await stateNow(other)).outOfUnit).toEqual([]);
    await change(one, { SuppressSending: false, SuppressionReason: null });
    expect((await stateNow(one)).outOfUnit).toHaveLength(1);
    const example = 'bounced-address@wildbit.com';
    await change(example, { MessageID: '883953f4-6105-42a2-a16a-77a8eac79483' });
    expect((await stateNow(example)).outOfUnit, 'the example of the documentation').toEqual([]);
  });

  it('soft bounces of one address become a hard one at the fifth within thirty days, and never for policy', async () => {
    const [full, policy, slow] = [newAddress(), newAddress(), newAddress()];
    for (let at = 0; at < 5; at += 1) {
      expect((await stateNow(full)).cannot).toBeNull();
      await send(bounce(full, 4096));
      await send(bounce(policy, 4096, { Details: 'smtp; 550 5.7.1 refused' }));
      await send(bounce(slow, 4096));
      if (at === 3) portal.advance(31 * 86_400_000);
      if (at === 3) for (let again = 0; again < 4; again += 1) await send(bounce(full, 4096));
    }
    expect((await stateNow(full)).cannot).toBe('HARD_BOUNCE');
    expect((await stateNow(policy)).cannot).toBeNull();
    expect((await stateNow(slow)).cannot).toBeNull();
  });

  it('an event that is older than the kept ids marks nothing, and an old unsubscribe still opts out', async () => {
    const address = newAddress();
    const at = new Date(portal.deps.clock().getTime() - 101 * 86_400_000).toISOString();
    await send(bounce(address, 1, { BouncedAt: at }));
    await send(bounce(address, 16, { BouncedAt: at }));
    expect(await stateNow(address)).toMatchObject({ cannot: null, outOfUnit: [expect.anything()] });
  });

  it('a body that is not JSON or not an event gets 400, and its endpoint’s page shows it', async () => {
    expect((await postmark.call('hello')).status).toBe(400);
    expect((await postmark.call('{}')).status).toBe(400);
    const stored = await portal.deps.models.reportEndpoints.findById(postmark.id).lean();
    expect(stored?.problem?.sentence).toContain('RecordType');
  });
});

it('the log names no address and no secret', () => {
  const secrets = [sendgrid.path, postmark.path].map((path) => path.split('/').at(-1) ?? '');
  const found = findCanaries(portal.logged.join(''), ['reported-1@example.com', '@example.com', ...secrets]);
  expect(found).toEqual([]);
});
