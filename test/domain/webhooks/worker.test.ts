/** Webhooks in a worker: a slow receiver delays no other endpoint, addresses are checked on kept connections, and staff are told of failures. */
import type { ServerResponse } from 'node:http';
import { beforeEach, expect, it } from 'vitest';
import { createUser } from '../../../src/domain/staff/users.js';
import { retryMs } from '../../../src/domain/webhooks/deliver.js';
import { startDueWebhooks } from '../../../src/domain/webhooks/run.js';
import { drainFeed } from '../../../src/feed/run.js';
import { fjell, northwind } from '../../support/people.js';
import { answering, openReceiver } from '../../support/receiver.js';
import { openSending } from '../../support/sending.js';
import { passwordOfTheStaff } from '../../support/staff.js';
import { hooksConfig, openWebhookRoom } from '../../support/webhook-room.js';

const room = await openWebhookRoom();
const sending = await openSending(room.models);
const person = { password: passwordOfTheStaff, name: 'Ida' };
for (const [email, role, scope] of [
  ['admin@staff.example', 'admin', null],
  ['northwind@staff.example', 'admin', [northwind.id]],
  ['fjell@staff.example', 'admin', [fjell.id]],
  ['auditor@staff.example', 'auditor', null],
] as const)
  await createUser(
    { ...sending, models: room.models },
    { ...person, email, role, scope: scope && [...scope] },
  );
beforeEach(async () => {
  room.setTime(new Date());
  await room.reset();
  sending.box.caught.length = 0;
  sending.box.mood = { is: 'willing' };
});

/** One look of a worker for what is due. */
async function look(
  underWay = new Map<string, Promise<unknown>>(),
  privateSources = hooksConfig.privateSources,
) {
  const config = { ...sending.config, ...hooksConfig, privateSources };
  const deps = { ...sending, models: room.models, clock: room.feed.clock, config };
  await drainFeed(room.feed);
  await startDueWebhooks(deps, underWay, new AbortController().signal);
  return underWay;
}
const mailed = () => sending.box.caught.map(({ to }) => to[0]).sort();

it('a receiver that does not answer delays no other endpoint', async () => {
  const slow = await openReceiver();
  const open: ServerResponse[] = [];
  slow.answer((_got, response) => void open.push(response));
  const { id } = await room.endpoint({ url: slow.url });
  await room.endpoint();
  for (let one = 0; one < 20; one++) await room.optedOut();
  const underWay = await look();
  await expect.poll(() => room.receiver.got.length).toBe(20);
  await expect.poll(() => open.length).toBe(10);
  expect([...underWay.keys()], 'only the slow one is still under way').toContain(id);
  await look(underWay);
  expect(open, 'it is not started twice').toHaveLength(10);
  slow.answer(answering(200));
  for (const response of open) response.end();
  await Promise.all(underWay.values());
  expect(slow.got).toHaveLength(20);
});

it('a private address is refused on connections that a worker keeps', async () => {
  const { id } = await room.endpoint({ url: 'https://localhost:1/' });
  await room.optedOut();
  await Promise.all((await look(undefined, [])).values());
  const [{ tries } = { tries: [] }] = await room.deliveries(id);
  expect(tries).toMatchObject([{ status: null, text: expect.stringContaining('private address') }]);
});

it('administrators who reach the endpoint get one mail when a delivery is given up, also after the mail server refused', async () => {
  const { id } = await room.endpoint({ unitIds: [northwind.id] });
  await room.optedOut();
  room.receiver.answer(answering(500));
  for (let attempt = 0; attempt <= retryMs.length; attempt++) {
    await Promise.all((await look()).values());
    await room.passTime();
  }
  expect(mailed(), 'the delivery was given up in the last look').toEqual([]);
  sending.box.mood = { is: 'refusing', stage: 'RCPT', code: 450, text: 'busy' };
  await look();
  expect(mailed()).toEqual([]);
  sending.box.mood = { is: 'willing' };
  room.setTime(new Date(Date.now() + 11 * 60_000));
  await look();
  await look();
  expect(mailed()).toEqual(['admin@staff.example', 'northwind@staff.example']);
  expect(sending.box.caught[0]?.parsed.text).toContain(id);
});

it('administrators of all units get a mail when the receiver of all units is gone', async () => {
  await room.endpoint();
  await room.optedOut();
  room.receiver.answer(answering(410));
  await Promise.all((await look()).values());
  await look();
  expect(mailed()).toEqual(['admin@staff.example']);
});
