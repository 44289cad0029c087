/** "Send me my link": known and unknown addresses get the same answer, and limits apply. */
import { describe, expect, it } from 'vitest';
import { commandsOf } from '../../support/commands.js';
import { monitored } from '../../support/connection.js';
import { openTestPortal } from '../../support/app.js';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { newcomer } from '../../support/newcomer.js';
import { alice, charlie, erin, trailNotes } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';
import type { Body } from '../../support/visitor.js';

const portal = await openTestPortal({
  env: { TRUST_PROXY_HOPS: '1' },
  through: monitored,
});

let host = 0;
/** Sends from a separate network address, since the limit counts by it. */
const find = (body: Body, from = `192.0.2.${++host}`, headers: Record<string, string> = {}) =>
  visitorOf(portal).ask('POST', '/find', body, { 'x-forwarded-for': from, ...headers });
const of = (address: string) => new URLSearchParams({ address });

async function erased(): Promise<string> {
  const { address, subscriberId } = await newcomer(portal, 'gone@example.com', [trailNotes]);
  const actor = { kind: 'CONTACT', isLinkFresh: true } as const;
  await changeConsent(portal.deps, { subscriberId, channel: 'EMAIL', actor, wishes: [{ kind: 'ERASE' }] });
  return address;
}

it('the lost-link form answers known, unknown, opted-out, bounced and erased addresses alike, by the same work', async () => {
  const addresses = [alice.address, 'stranger@example.com', charlie.address, erin.address, await erased()];
  const seen: unknown[] = [];
  // The first requests fill what is then kept in memory.
  await find(of('first@example.com'));
  for (const address of addresses) {
    await portal.deps.catalogue();
    const asked = find(of(address));
    const work = await commandsOf(portal, () => asked);
    const posted = await asked;
    const shown = await visitorOf(portal).open(posted.location ?? '');
    const { date: _, ...headers } = Object.fromEntries(posted.headers);
    seen.push({ status: posted.status, headers, body: posted.html, shown: shown.html, work });
  }
  expect(seen[0]).toMatchObject({ status: 303, work: ['findAndModify rate_limits', 'insert mails'] });
  for (const one of seen) expect(one).toEqual(seen[0]);
  const ids = addresses.map((address) => portal.deps.subscriberIds('EMAIL', address));
  for (const subscriberId of ids)
    expect(await portal.deps.models.mails.countDocuments({ subscriberId, kind: 'LOST_LINK' })).toBe(1);
});

it('a queued mail holds neither address nor token', async () => {
  await find(of('Secret.Person@example.com'));
  const mails = await portal.deps.models.mails.find({}).lean();
  expect(JSON.stringify(mails)).not.toMatch(/@|eyJ/);
});

it('another spelling of the same address queues the same mail', async () => {
  await find(of('Twice@Example.COM'));
  await find(of('  twice@example.com '));
  const subscriberId = portal.deps.subscriberIds('EMAIL', 'twice@example.com');
  const mails = await portal.deps.models.mails.countDocuments({ subscriberId });
  expect([1, 2]).toContain(mails);
});

describe('a lost-link request with a faulty address', () => {
  it.each(['', '  '])('asks for an address where there is none: %j', async (address) => {
    const answer = await find(of(address));
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('Type your e-mail address.')]);
    expect(answer.text).not.toContain('That does not look like');
  });

  it.each([
    'alice',
    'alice@example.com, bob@example.com',
    'a@b@c',
    'alice@example.com\r\nBcc: x@y.no',
    '"a b"@example.com',
    `${'a'.repeat(400)}@example.com`,
  ])('shows the form again for %j, with what was typed', async (address) => {
    const before = await portal.deps.models.mails.countDocuments();
    const answer = await find(of(address));
    expect(answer.status).toBe(422);
    expect(answer.text.split('That does not look like an e-mail address.')).toHaveLength(2);
    expect(answer.html).toMatch(/<input[^>]* aria-describedby="faults"/);
    expect(answer.html).toContain('id="faults"');
    expect(await portal.deps.models.mails.countDocuments()).toBe(before);
  });

  it('is refused for a list of addresses', async () => {
    expect(
      (
        await find('address=a@example.com&address=b@example.com', undefined, {
          'content-type': 'application/x-www-form-urlencoded',
        })
      ).status,
    ).toBe(400);
  });
});

it('the limit is twenty requests in ten minutes for each network address', async () => {
  const ask = () => find(of('limited@example.com'), '198.51.100.7');
  const statuses = [];
  for (let i = 0; i < 22; i++) statuses.push((await ask()).status);
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 303), 429, 429]);
  const refused = await ask();
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.text).toContain('One moment, please');
  expect((await find(of('limited@example.com'))).status).toBe(303);
  const counted = await portal.database.connection.db?.collection('rate_limits').find({}).toArray();
  expect(JSON.stringify(counted)).not.toContain('198.51.100.7');
});

it('the limit counts all addresses of one IPv6 network as one', async () => {
  const ask = (from: string) => find(of('limited@example.com'), from);
  const statuses = [];
  for (let i = 0; i < 21; i++) statuses.push((await ask(`2001:db8:0:7:${i.toString(16)}::1`)).status);
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 303), 429]);
  expect((await ask('2001:db8:0:8::1')).status).toBe(303);
});

it('the limit counts simultaneous first requests in one counter, which expires', async () => {
  const from = '198.51.100.99';
  const asks = await Promise.all(Array.from({ length: 25 }, () => find(of('limited@example.com'), from)));
  expect(asks.filter(({ status }) => status === 429)).toHaveLength(5);
  const indexes = await portal.deps.models.rateLimits.collection.indexes();
  expect(indexes).toContainEqual(expect.objectContaining({ key: { key: 1 }, unique: true }));
  expect(indexes).toContainEqual(expect.objectContaining({ key: { expire: 1 }, expireAfterSeconds: 0 }));
});

it('the limit never applies to opt-outs', async () => {
  const { oneClick } = await portal.linksOf(alice);
  const asks = Array.from({ length: 60 }, () =>
    visitorOf(portal).ask('POST', oneClick, undefined, { 'x-forwarded-for': '198.51.100.7' }),
  );
  expect(new Set((await Promise.all(asks)).map(({ status }) => status))).toEqual(new Set([200]));
});

it('a visitor without a link is led to the lost-link page', async () => {
  const answer = await visitorOf(portal).ask('GET', '/');
  expect([answer.status, answer.location]).toEqual([303, '/find']);
});
