/** Delivery and feedback reports as mail servers send them, posted by a mail server to a whole portal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bounceAddressOf } from '../../../src/domain/bounces/bounce-address.js';
import { unsubscribeHeaders } from '../../../src/domain/links/link-set.js';
import { adminPaths } from '../../../src/admin-paths.js';
import { queueMail } from '../../../src/mail/queue.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { findCanaries } from '../../support/canary.js';
import { post, stateOf } from '../../support/hooks.js';
import { newcomer } from '../../support/newcomer.js';
import { northwind, trailNotes } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const secret = 'the-secret-of-the-mail-server';
const portal = await openTestPortal({
  env: { INBOUND_SECRET: secret, BOUNCE_DOMAIN: 'bounces.northwind.example' },
  startAt: new Date('2026-11-28T12:00:00Z'),
});

let made = 0;

/** A report of the fixtures about a new person's mail. */
async function reportOf(name: string) {
  const address = `mailed-${(made += 1)}@example.com`;
  const { subscriberId } = await newcomer(portal, address, [trailNotes]);
  const { oneClick } = await portal.linksOf({ address });
  const { config } = portal.deps;
  const id = `LOST_LINK:${made}`;
  const messageId = `<own-mail-${made}@preferences.example.com>`;
  await queueMail(portal.deps, {
    ...{ id, kind: 'LOST_LINK', subscriberId, unitId: northwind.id, queuedBy: 'test' },
  });
  await portal.deps.models.mails.updateOne({ _id: id }, { $set: { messageId, state: 'SENT' } });
  const bounceAddress = bounceAddressOf(config, { subscriberId, mailId: id }) ?? '';
  const raw = readFileSync(join(import.meta.dirname, '../../fixtures/reports', name), 'utf8')
    .replaceAll('{{BOUNCE_ADDRESS}}', bounceAddress)
    .replaceAll('{{LIST_UNSUBSCRIBE}}', unsubscribeHeaders(config, oneClick.slice(3))['List-Unsubscribe'])
    .replaceAll('{{MESSAGE_ID}}', messageId)
    .replaceAll('{{ADDRESS}}', address)
    .replace(/^(Message-Id: <)/im, `$1${made}.`);
  return { address, raw, bounceAddress };
}
const send = (raw: string, path = '/hooks/mime', authorization = `Bearer ${secret}`) =>
  post(portal, path, raw, { authorization, 'content-type': 'message/rfc822' });
const counts = async () => (await portal.deps.models.reportEndpoints.findById('mime').lean())?.counts ?? {};

describe('a report about a mail of the portal', () => {
  it.each([
    ['postfix-unknown-user.eml', 'HARD', 'HARD_BOUNCE'],
    ['exim-unrouteable.eml', 'HARD', 'HARD_BOUNCE'],
    ['sendmail-host-unknown.eml', 'HARD', 'HARD_BOUNCE'],
    ['microsoft-365-unknown.eml', 'HARD', 'HARD_BOUNCE'],
    ['gmail-disabled.eml', 'HARD', 'HARD_BOUNCE'],
    ['yahoo-unknown.eml', 'HARD', 'HARD_BOUNCE'],
    ['opensmtpd-null-mx.eml', 'HARD', 'HARD_BOUNCE'],
    ['haraka-global-status.eml', 'HARD', 'HARD_BOUNCE'],
    ['mimecast-by-list-unsubscribe.eml', 'HARD', 'HARD_BOUNCE'],
    ['courier-by-message-id.eml', 'HARD', 'HARD_BOUNCE'],
    ['postfix-two-recipients.eml', 'HARD', 'HARD_BOUNCE'],
    ['exchange-mailbox-full.eml', 'SOFT', null],
    ['domino-too-large.eml', 'SOFT', null],
    ['microsoft-365-policy.eml', 'SOFT', null],
    ['postfix-delayed.eml', 'NOTHING', null],
    ['powermta-relayed.eml', 'NOTHING', null],
    ['vacation.eml', 'NOTHING', null],
    ['yahoo-abuse-redacted.eml', 'COMPLAINT', 'COMPLAINT'],
    ['fastmail-abuse.eml', 'COMPLAINT', 'COMPLAINT'],
    ['not-spam.eml', 'NOTHING', null],
    ['auth-failure.eml', 'NOTHING', null],
  ] as const)('%s counts as %s', async (name, kind, cannot) => {
    const { address, raw } = await reportOf(name);
    const before = (await counts())[kind] ?? 0;
    expect((await send(raw)).status).toBe(204);
    expect((await counts())[kind]).toBe(before + 1);
    expect(await stateOf(portal, address)).toMatchObject({ cannot, outOfUnit: [], outOfType: [] });
  });

  it('is also taken where unsubscribe mails are posted, and the same report again changes nothing', async () => {
    const { address, raw } = await reportOf('postfix-unknown-user.eml');
    expect((await send(raw, '/inbound/unsubscribe')).status).toBe(204);
    expect((await stateOf(portal, address)).cannot).toBe('HARD_BOUNCE');
    const before = await dumpOf(portal.database.connection);
    await send(raw, '/inbound/unsubscribe');
    await send(raw);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it('is found by its token in any case of letters, and not by a token with another proof', async () => {
    const { address, raw, bounceAddress } = await reportOf('postfix-unknown-user.eml');
    expect(bounceAddress.split('@')[0]?.length).toBeLessThanOrEqual(64);
    const last = bounceAddress[61] === '0' ? '1' : '0';
    const wrong = bounceAddress.slice(0, 61) + last + bounceAddress.slice(62);
    await send(raw.replaceAll(bounceAddress, wrong));
    expect((await stateOf(portal, address)).cannot).toBeNull();
    await send(raw.replaceAll(bounceAddress, bounceAddress.toUpperCase()));
    expect((await stateOf(portal, address)).cannot).toBe('HARD_BOUNCE');
  });
});

it('a report without a token of the portal is counted as not ours and shown, and changes no subscriber', async () => {
  const { address, raw } = await reportOf('stranger.eml');
  const before = (await counts())['NOT_OURS'] ?? 0;
  expect((await send(raw)).status).toBe(204);
  expect((await send('\0\xff'.repeat(100))).status).toBe(204);
  expect((await stateOf(portal, address)).cannot).toBeNull();
  expect((await counts())['NOT_OURS']).toBe(before + 2);
  const admin = await signedIn(portal, 'admin');
  expect((await admin.open(adminPaths.bounces())).text).toContain('Not ours');
  const limited = await signedIn(portal, 'admin', [northwind.id]);
  expect((await limited.open(adminPaths.bounces())).text).not.toContain('Not ours');
});

it('a call without the secret gets 401, and nothing is written', async () => {
  const { raw } = await reportOf('postfix-unknown-user.eml');
  const before = await dumpOf(portal.database.connection);
  for (const wrong of ['', secret, 'Bearer x'])
    expect((await send(raw, '/hooks/mime', wrong)).status).toBe(401);
  expect(await dumpOf(portal.database.connection)).toEqual(before);
});

it('the log names no address', () => {
  expect(findCanaries(portal.logged.join(''), ['mailed-1@example.com', '@example.com', secret])).toEqual([]);
});
