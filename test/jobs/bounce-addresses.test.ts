/** The envelope sender of the portal's own mails, as a real mail server receives it. */
import { expect, it } from 'vitest';
import { subscriberOfBounceAddress } from '../../src/domain/bounces/bounce-address.js';
import { sendDueMails } from '../../src/jobs/send-mails.js';
import { queueMail } from '../../src/mail/queue.js';
import { openTestDatabase } from '../support/connection.js';
import { northwind } from '../support/people.js';
import { openSending, subscribe } from '../support/sending.js';

const database = await openTestDatabase();
const sending = await openSending(database.models);

/** Sends one mail, and returns it as the server caught it. */
async function sendTo(address: string, bounceDomain: string | undefined) {
  const subscriberId = await subscribe(sending, address);
  const id = `LOST_LINK:${address}`;
  await queueMail(sending, { id, kind: 'LOST_LINK', subscriberId, unitId: northwind.id, queuedBy: 'test' });
  await sendDueMails({ ...sending, config: { ...sending.config, bounceDomain } });
  const caught = sending.box.caught.find(({ to }) => to.includes(address));
  return { subscriberId, envelopeFrom: caught?.from ?? '', from: caught?.parsed.from?.address };
}

it('names the subscriber, and the sender that people see stays the same', async () => {
  const { subscriberId, envelopeFrom, from } = await sendTo('one@example.com', 'bounces.northwind.example');
  expect(envelopeFrom).toMatch(/^b\+[0-9a-f]{60}@bounces\.northwind\.example$/);
  expect(subscriberOfBounceAddress(sending.config, envelopeFrom)).toBe(subscriberId);
  expect(from).toBe(northwind.senderAddress);
});

it('is the sender itself where no domain for reports is configured', async () => {
  const { envelopeFrom } = await sendTo('two@example.com', undefined);
  expect(envelopeFrom).toBe(northwind.senderAddress);
});

it('is read by its proof alone', () => {
  const other = { subscriberIdKey: `${sending.config.subscriberIdKey}x` };
  const forged = `b+${'0'.repeat(60)}@bounces.northwind.example`;
  expect(subscriberOfBounceAddress(sending.config, forged)).toBeNull();
  expect(subscriberOfBounceAddress(other, sending.box.caught[0]?.from ?? '')).toBeNull();
});
