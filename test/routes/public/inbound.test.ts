/** The mail server's door: unsubscribe mails are posted with a secret, and kept before they are acknowledged. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { openTestPortal } from '../../support/app.js';
import type { TestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { newcomer } from '../../support/newcomer.js';
import { trailNotes } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const secret = 'the-secret-of-the-mail-server';
let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal({ env: { INBOUND_SECRET: secret } });
});
afterAll(() => portal.stop());

const post = (message: string, authorization = `Bearer ${secret}`, of = portal) =>
  visitorOf(of, { userAgent: 'mail server' }).ask('POST', '/inbound/unsubscribe', message, {
    authorization,
    'content-type': 'message/rfc822',
  });
const mail = (subject: string, body = '') =>
  `From: Somebody <somebody@example.com>\r\nTo: unsubscribe@northwind.example\r\nSubject: ${subject}\r\n\r\n${body}`;

async function somebody(name: string) {
  const who = await newcomer(portal, `${name}@example.com`, [trailNotes]);
  const links = await portal.linksOf(who);
  const status = async () => effectiveStatus(await portal.subscriberOf(who), trailNotes).status;
  return { token: links.oneClick.slice(3), preferences: links.preferences.slice(3), status };
}

it('a mail with a link’s token opts out; the same mail again changes nothing', async () => {
  const { token, status } = await somebody('mailer');
  expect((await post(mail(token))).status).toBe(204);
  expect(await status()).toBe('UNSUBSCRIBED');
  const before = await dumpOf(portal.database.connection);
  expect((await post(mail('Re: unsubscribe', `On Monday somebody wrote:\r\n> ${token}\r\n`))).status).toBe(
    204,
  );
  expect(await dumpOf(portal.database.connection)).toEqual(before);
});

it('without the secret there is no such door', async () => {
  const { token, status } = await somebody('intruder');
  for (const wrong of [
    '',
    secret,
    'Bearer',
    'Bearer x',
    `Basic ${secret}`,
    `Bearer ${secret} `.padEnd(99, 'x'),
  ])
    expect((await post(mail(token), wrong)).status, wrong).toBe(404);
  expect(await status()).toBe('SUBSCRIBED');
});

it('mails without a token of ours are taken and change nothing', async () => {
  const { preferences, token } = await somebody('chatter');
  const before = await dumpOf(portal.database.connection);
  const others = [
    '',
    mail('hello'),
    mail(preferences),
    mail(`${token.slice(0, -3)}AAA`),
    '\0\xff'.repeat(100),
  ];
  for (const other of others) expect((await post(other)).status).toBe(204);
  expect(await dumpOf(portal.database.connection)).toEqual(before);
});

it('where no secret is configured, the door is not there', async () => {
  const closed = await openTestPortal();
  expect((await post(mail('x'), 'Bearer undefined', closed)).status).toBe(404);
  await closed.stop();
});
