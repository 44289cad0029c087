/** Slow forms, as an attacker sends them to block others: the slowest is cut off, and no opt-out is refused. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { patterns } from '../../../src/paths.js';
import { openTestPortal } from '../../support/app.js';
import { newcomer } from '../../support/newcomer.js';
import { northwind, offers, trailNotes } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const open: Socket[] = [];
const timers: NodeJS.Timeout[] = [];
const portal = await openTestPortal({ env: { INBOUND_SECRET: 'the-secret-of-the-mail-server' } });
afterEach(() => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  for (const socket of open.splice(0)) socket.destroy();
});

let count = 0;
/** A contact subscribed to two types, and the paths of its links. */
async function subscribed() {
  const who = await newcomer(portal, `leaver-${++count}@example.com`, [trailNotes, offers]);
  const status = async () => effectiveStatus(await portal.subscriberOf(who), trailNotes).status;
  return { ...(await portal.linksOf(who)), status };
}

/** A form of which only the head has arrived. */
async function beginForm(path: string, length = 10): Promise<Socket> {
  const { hostname, port } = new URL(portal.url);
  const socket = connect(Number(port), hostname);
  open.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nSec-Fetch-Site: same-origin\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n\r\n`,
  );
  return socket;
}

async function statusOf(socket: Socket): Promise<number> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return Number(data.toString('latin1').split(' ')[1]);
}

/** As many senders as one network may have, each with a byte every second. */
async function crowdOfSlowSenders(path: string) {
  const crowd = await Promise.all(Array.from({ length: 200 }, () => beginForm(path, 1000)));
  const answers: number[] = [];
  for (const socket of crowd)
    void statusOf(socket).then(
      (status) => answers.push(status),
      () => undefined,
    );
  timers.push(
    setInterval(() => {
      for (const socket of crowd) if (socket.writable) socket.write('x');
    }, 1000),
  );
  return { crowd, answers };
}

describe('while one network sends as many slow forms as it may', () => {
  it('every opt-out from the same address succeeds, and the slowest senders are cut off', async () => {
    const { preferences } = await subscribed();
    const { answers } = await crowdOfSlowSenders(preferences);
    const visitor = visitorOf(portal);
    for (let round = 0; round < 10; round++) {
      const [one, two, three] = await Promise.all([subscribed(), subscribed(), subscribed()]);
      const stop = new URLSearchParams({ stop: `unit-${northwind.id}` });
      const done = await Promise.all([
        visitor.ask('POST', one.preferences, stop),
        visitor.ask('POST', two.unsubscribe, new URLSearchParams({ renderedAt: 'x' })),
        visitor.ask('POST', three.oneClick, new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })),
      ]);
      expect(done.map(({ status }) => status)).toEqual([303, 303, 200]);
      for (const { status } of [one, two, three]) expect(await status()).toBe('UNSUBSCRIBED');
    }
    await expect.poll(() => answers.length).toBeGreaterThan(0);
    expect(new Set(answers)).toEqual(new Set([408]));
  });

  it('a faster form is not cut off because of them', async () => {
    const { preferences } = await subscribed();
    await crowdOfSlowSenders(preferences);
    const { preferences: own, status } = await subscribed();
    const form = `stop=unit-${northwind.id}&`.padEnd(400, 'x');
    const steady = await beginForm(own, form.length);
    const answer = statusOf(steady);
    // Some seconds, while other forms arrive.
    for (let at = 0; at < form.length; at += 40) {
      steady.write(form.slice(at, at + 40));
      await Promise.all([beginForm('/p/no-link'), new Promise((resolve) => setTimeout(resolve, 400))]);
    }
    expect(await answer).toBe(303);
    expect(await status()).toBe('UNSUBSCRIBED');
  });
});

it('the unsubscribe page’s form opts out by its link, although its body never arrives', async () => {
  const { unsubscribe, oneClick, status } = await subscribed();
  expect(await statusOf(await beginForm(unsubscribe, 1000))).toBe(303);
  expect(await status()).toBe('UNSUBSCRIBED');
  expect(await statusOf(await beginForm(oneClick, 1000))).toBe(200);
});

it('a slow staff form is read only for a signed-in user, a mail only from the mail server', async () => {
  expect(await statusOf(await beginForm(adminPaths.newContact()))).toBe(303);
  expect(await statusOf(await beginForm(patterns.inboundUnsubscribe))).toBe(404);
});
