/** The mail server's entry point: unsubscribe mails are posted with a secret and stored before they are acknowledged. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { unsubscribeHeaders } from '../../../src/domain/links/link-set.js';
import { openTestPortal } from '../../support/app.js';
import { findCanaries } from '../../support/canary.js';
import { dumpOf } from '../../support/dump.js';
import { newcomer } from '../../support/newcomer.js';
import { northwind, trailNotes } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import { visitorOf } from '../../support/visitor.js';

const secret = 'the-secret-of-the-mail-server';
const portal = await openTestPortal({ env: { INBOUND_SECRET: secret } });

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
  const token = links.oneClick.slice(3);
  const header = unsubscribeHeaders(portal.deps.config, token)['List-Unsubscribe'];
  const subject = new URL(/<(mailto:[^>]+)>/.exec(header)?.[1] ?? '').searchParams.get('subject') ?? '';
  return { token, subject, preferences: links.preferences.slice(3), status };
}

it('a mail with a link’s token opts out, and the same mail again changes nothing', async () => {
  const { token, status } = await somebody('mailer');
  expect((await post(mail(token))).status).toBe(204);
  expect(await status()).toBe('UNSUBSCRIBED');
  const before = await dumpOf(portal.database.connection);
  expect((await post(mail('Re: unsubscribe', `On Monday somebody wrote:\r\n> ${token}\r\n`))).status).toBe(
    204,
  );
  expect(await dumpOf(portal.database.connection)).toEqual(before);
});

it('the entry point answers 404 without the secret', async () => {
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

it('a mail opts out by the subject that the header asks for, also when a server cuts it at 255 characters', async () => {
  const { subject, status } = await somebody('header-reader');
  expect((await post(mail(`[External] ${subject}`.slice(0, 255)))).status).toBe(204);
  expect(await status()).toBe('UNSUBSCRIBED');
});

it('a mail of several megabytes opts out and is read completely', async () => {
  const { subject, status } = await somebody('picture-sender');
  expect((await post(mail(subject, 'x'.repeat(5_000_000)))).status).toBe(204);
  expect(await status()).toBe('UNSUBSCRIBED');
});

it('a mail that names no subscriber is accepted, counted and shown to staff, and changes no consent', async () => {
  const { preferences, token } = await somebody('chatter');
  const subscribers = () => portal.deps.models.subscribers.find().sort({ _id: 1 }).lean();
  const counted = async () =>
    (await portal.deps.models.dayCounts.find({ unitId: null }).lean()).reduce(
      (sum, { n }) => sum + (n['UNREADABLE_MAIL'] ?? 0),
      0,
    );
  const before = await subscribers();
  const others = [
    '',
    mail('hello'),
    mail(preferences),
    mail(`${token.slice(0, -3)}AAA`),
    '\0\xff'.repeat(100),
  ];
  for (const other of others) expect((await post(other)).status).toBe(204);
  expect(await subscribers()).toEqual(before);
  expect(await counted()).toBe(others.length);
  const dashboard = await (await signedIn(portal, 'support')).open(adminPaths.dashboard());
  expect(dashboard.text).toContain(
    `${others.length} unsubscribe mails of the last thirty days could not be read.`,
  );
  const limited = await (await signedIn(portal, 'support', [northwind.id])).open(adminPaths.dashboard());
  expect(limited.text).not.toContain('could not be read');
  expect(portal.logged.filter((line) => line.includes('an unsubscribe mail could not be read'))).toHaveLength(
    others.length,
  );
  expect(findCanaries(portal.logged.join(''), ['somebody@example.com', token, preferences])).toEqual([]);
});

it('twenty unreadable mails at once are counted as twenty', async () => {
  const model = portal.deps.models.dayCounts;
  await model.deleteMany({});
  await Promise.all(Array.from({ length: 20 }, () => post(mail('hello'))));
  expect(await model.find({}).lean()).toMatchObject([{ n: { UNREADABLE_MAIL: 20 }, unitId: null }]);
});

it('the entry point does not exist when no secret is configured', async () => {
  const closed = await openTestPortal();
  expect((await post(mail('x'), 'Bearer undefined', closed)).status).toBe(404);
});
