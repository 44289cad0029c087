/**
 * Sending to a real mail server: retries, daily limit, kills, and never twice. Long, since each outcome of a dialogue is tested
 * in one place.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runWorker } from '../../src/jobs/runner.js';
import { backOffMs, sendDueMails } from '../../src/jobs/send-mails.js';
import type { RoundCounts } from '../../src/jobs/send-mails.js';
import { mailLink } from '../../src/domain/links/mail-link.js';
import { queueMail } from '../../src/mail/queue.js';
import type { WantedMail } from '../../src/mail/queue.js';
import { dropQueuedMails, endAbandonedMails } from '../../src/models/mail.js';
import type { MailKind } from '../../src/models/mail.js';
import { leaseDue } from '../../src/models/queue.js';
import { startKillable } from '../support/killable.js';
import { openTestDatabase } from '../support/connection.js';
import { rawHeader } from '../support/mailbox.js';
import { alice, bob, fjell, northwind, weekendLetters } from '../support/people.js';
import { openSending, subscribe, subscriberIds } from '../support/sending.js';
import type { Sending } from '../support/sending.js';

let sending: Sending;
const database = await openTestDatabase();
beforeEach(async () => {
  sending = await openSending(database.models);
});
afterEach(async () => {
  await sending.models.mails.deleteMany({});
  await sending.models.subscribers.deleteMany({});
});

const quiet: RoundCounts = { SENT: 0, RETRIED: 0, FAILED: 0, UNKNOWN: 0, DROPPED: 0, WAITING: 0, LOST: 0 };
let number = 0;

function queue(kind: MailKind, subscriberId: string, more: Partial<WantedMail> = {}) {
  number += 1;
  const id = `${kind}:${number}`;
  return queueMail(sending, { id, kind, subscriberId, unitId: northwind.id, queuedBy: 'test', ...more });
}
const stored = () => sending.models.mails.find({}).sort({ at: 1, _id: 1 }).lean();
const only = async () => {
  const [mail, ...others] = await stored();
  if (!mail || others.length > 0) throw new Error('There is not exactly one mail.');
  return mail;
};
const aliceNow = () => sending.models.subscribers.findById(subscriberIds('EMAIL', alice.address)).lean();
/** As if this much time had passed for every queued mail. */
const later = (ms: number) =>
  sending.models.mails.collection.updateMany({ state: 'QUEUED' }, [
    { $set: { dueAt: { $dateSubtract: { startDate: '$dueAt', unit: 'millisecond', amount: ms } } } },
  ]);
const pendingWish = (id: string, more: object = {}) => ({
  id,
  unitId: fjell.id,
  typeIds: [weekendLetters.id],
  at: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
  ...more,
});
const linkIn = (text: string | undefined, page: string) =>
  new RegExp(`https://preferences\\.example\\.com/${page}/([\\w.-]+)`).exec(text ?? '')?.[1] ?? '';

describe('the mail queue', () => {
  it('keeps one mail when it is queued twice, without an error', async () => {
    expect(await queue('LOST_LINK', 'someone', { id: 'same' })).toEqual({ isNew: true });
    expect(await queue('LOST_LINK', 'someone', { id: 'same' })).toEqual({ isNew: false });
    await Promise.all(Array.from({ length: 20 }, () => queue('LOST_LINK', 'someone', { id: 'same' })));
    expect(await stored()).toHaveLength(1);
  });

  it('holds neither address nor token, before and after sending', async () => {
    await subscribe(sending, alice.address);
    await mailLink(sending, { address: alice.address, unitId: 0 }, 'test');
    sending.box.mood = { is: 'refusing', stage: 'RCPT', code: 450, text: `${alice.address} is busy` };
    await sendDueMails(sending);
    const text = JSON.stringify(await stored());
    expect(text).not.toMatch(/alice|@(?!preferences)|eyJ/);
  });
});

describe('a mail that is due', () => {
  it('"Manage your preferences" is sent once, with working links and both headers', async () => {
    const id = await subscribe(sending, alice.address, { epoch: 2 });
    await mailLink(sending, { address: alice.address, unitId: 0, typeId: 1, locale: 'de' }, 'test');
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 1 });
    expect(await sendDueMails(sending)).toEqual(quiet);

    expect(sending.box.caught).toHaveLength(1);
    const caught = sending.box.caught[0];
    expect(caught?.to).toEqual([alice.address]);
    expect(caught?.parsed.from?.address).toBe(northwind.senderAddress);
    const now = new Date();
    const manage = linkIn(caught?.parsed.text, 'p');
    expect(caught?.parsed.html).toContain(manage);
    expect(caught?.parsed.text).toContain('0155 Oslo, Norwegen');
    const { claims } = await sending.tokens.verify('preferences', manage, now);
    expect(claims).toMatchObject({ subscriberId: id, unitId: 0, typeId: 1, epoch: 2, locale: 'de' });
    const header = rawHeader(caught?.raw ?? Buffer.alloc(0), 'List-Unsubscribe')[0];
    const oneClick = await sending.tokens.verify('unsubscribe', linkIn(header, 'o'), now);
    expect(oneClick.claims).toMatchObject({ subscriberId: id, unitId: 0, typeId: 1 });
    expect(rawHeader(caught?.raw ?? Buffer.alloc(0), 'List-Unsubscribe-Post')).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'SENT', attempts: 1, lastError: null });
  });

  it('for a confirmation names the types, in the language of the wish, and its link confirms', async () => {
    const id = await subscribe(sending, bob.address, { pending: [pendingWish('wish-1')] });
    await queue('CONFIRMATION', id, { unitId: fjell.id, pendingId: 'wish-1', locale: 'nb' });
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 1 });
    const text = sending.box.caught[0]?.parsed.text;
    expect(text).toContain('Helgebrev');
    expect(text).toContain('Fjell Hoteller');
    const { claims } = await sending.tokens.verify('confirm', linkIn(text, 'c'), new Date());
    expect(claims).toMatchObject({ subscriberId: id, unitId: fjell.id, pendingId: 'wish-1' });
  });

  it('has the language of the mail, else the subscriber’s, else the unit’s', async () => {
    const id = await subscribe(sending, alice.address, { locale: 'es' });
    const other = await subscribe(sending, bob.address);
    await queue('PREFERENCES_LINK', id, { unitId: fjell.id, locale: 'sv' });
    await queue('PREFERENCES_LINK', id, { unitId: fjell.id });
    await queue('PREFERENCES_LINK', other, { unitId: fjell.id });
    await sendDueMails(sending);
    const languages = sending.box.caught.map(
      ({ parsed }) => /<html lang="(\w+)"/.exec(parsed.html ?? '')?.[1],
    );
    expect(languages.sort()).toEqual(['es', 'nb', 'sv']);
  });

  it('with a lost link is dropped for an unknown address', async () => {
    await queue('LOST_LINK', subscriberIds('EMAIL', 'nobody@example.com'));
    expect(await sendDueMails(sending)).toEqual({ ...quiet, DROPPED: 1 });
    expect(await only()).toMatchObject({ state: 'DROPPED', lastError: 'the contact has no address' });
    expect(sending.box.dialogues).toBe(0);
  });

  it('is not sent to an address that bounced, was erased, or is a phone number', async () => {
    const bounced = await subscribe(sending, 'erin@example.com');
    const erased = await subscribe(sending, 'gone@example.com');
    const phone = await subscribe(sending, 'phone@example.com');
    const { collection } = sending.models.subscribers;
    const set = (id: string, fields: object) => collection.updateOne({ _id: id as never }, { $set: fields });
    await set(bounced, { undeliverable: { reason: 'HARD_BOUNCE', at: new Date(), by: 'SYSTEM', seq: 1 } });
    await set(erased, { address: null, erasedAt: new Date() });
    await set(phone, { channel: 'SMS', address: '+4790000000' });
    for (const id of [bounced, erased, phone]) await queue('PREFERENCES_LINK', id);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, DROPPED: 3 });
    expect(sending.box.dialogues).toBe(0);
  });

  it('has the logo of its brand, by an absolute URL', async () => {
    await queue('PREFERENCES_LINK', await subscribe(sending, alice.address));
    await sendDueMails(sending);
    const html = sending.box.caught[0]?.parsed.html ?? '';
    expect(html).toMatch(/<img src="https:\/\/preferences\.example\.com\/brands\/0\/logo\?v/);
  });

  it('is sent to an erased address that was added again', async () => {
    const back = await subscribe(sending, 'back@example.com');
    await sending.models.subscribers.collection.updateOne(
      { _id: back as never },
      { $set: { erasedAt: new Date() } },
    );
    for (const kind of ['PREFERENCES_LINK', 'LOST_LINK'] as const) await queue(kind, back);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 2 });
  });
});

describe('a confirmation queued before its wish is written', () => {
  it('waits for the wish, and is then sent', async () => {
    const id = await subscribe(sending, bob.address);
    await queue('CONFIRMATION', id, { unitId: fjell.id, pendingId: 'wish-2' });
    expect(await sendDueMails(sending)).toEqual({ ...quiet, WAITING: 1 });
    expect(await only()).toMatchObject({ state: 'QUEUED', attempts: 0 });
    await sending.models.subscribers.collection.updateOne(
      { _id: id as never },
      { $set: { pending: [pendingWish('wish-2')] } },
    );
    await later(60_000);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 1 });
  });

  it('is dropped after five minutes without one', async () => {
    await queue('CONFIRMATION', 'a-stranger', { unitId: fjell.id, pendingId: 'never' });
    const clock = () => new Date(Date.now() + 5 * 60_000 + 1000);
    expect(await sendDueMails({ ...sending, clock })).toEqual({ ...quiet, DROPPED: 1 });
  });

  it.each([
    ['confirmed already', { confirmedAt: new Date() }],
    ['the pending opt-in has expired', { expiresAt: new Date(Date.now() - 1000) }],
  ])('is dropped: %s', async (reason, more) => {
    const id = await subscribe(sending, bob.address, { pending: [pendingWish('wish-3', more)] });
    await queue('CONFIRMATION', id, { unitId: fjell.id, pendingId: 'wish-3' });
    expect(await sendDueMails(sending)).toEqual({ ...quiet, DROPPED: 1 });
    expect(await only()).toMatchObject({ lastError: reason });
  });
});

describe('the daily limit of mails to an address', () => {
  it('holds for several workers at once, and drops the rest with the reason', async () => {
    const id = await subscribe(sending, alice.address);
    for (let i = 0; i < 8; i++) await queue('LOST_LINK', id);
    const other = await subscribe(sending, bob.address);
    await queue('LOST_LINK', other);
    await Promise.all([1, 2, 3, 4].map(() => sendDueMails(sending)));
    for (let i = 0; i < 3; i++) {
      await later(60_000);
      await sendDueMails(sending);
    }
    const to = sending.box.caught.map((caught) => caught.to[0]).sort();
    expect(to).toEqual([alice.address, alice.address, alice.address, bob.address]);
    const dropped = (await stored()).filter(({ state }) => state === 'DROPPED');
    expect(dropped).toHaveLength(5);
    expect(dropped[0]?.lastError).toMatch(/daily limit of lost links/);
  });

  it('neither drops nor counts confirmations and fresh links, which pages have announced', async () => {
    const pending = Array.from({ length: 4 }, (_, at) => pendingWish(`many-${at}`));
    const id = await subscribe(sending, alice.address, { pending });
    for (const { id: pendingId } of pending) await queue('CONFIRMATION', id, { unitId: fjell.id, pendingId });
    for (let i = 0; i < 4; i++) await queue('FRESH_LINK', id);
    for (let i = 0; i < 4; i++) await queue('LOST_LINK', id);
    let sent = 0;
    for (let i = 0; i < 3; i++) {
      sent += (await sendDueMails(sending)).SENT;
      await later(60_000);
    }
    expect(sent).toBe(11);
    const dropped = (await stored()).filter(({ state }) => state === 'DROPPED');
    expect(dropped.map(({ kind }) => kind)).toEqual(['LOST_LINK']);
  });

  it('does not count mails older than a day or sent by staff', async () => {
    const id = await subscribe(sending, alice.address);
    for (let i = 0; i < 4; i++) await queue('PREFERENCES_LINK', id);
    for (let i = 0; i < 3; i++) await queue('LOST_LINK', id);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 7 });
    const dayAgo = new Date(Date.now() - 24 * 3_600_000 - 1000);
    await sending.models.mails.collection.updateMany({}, { $set: { at: dayAgo } });
    await queue('LOST_LINK', id);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 1 });
  });
});

describe('a failing mail server', () => {
  const queueOne = async () => queue('PREFERENCES_LINK', await subscribe(sending, alice.address));

  it('is tried again after 1, 5 and 15 minutes, 1, 3 and 12 hours, and then no more', async () => {
    await queueOne();
    sending.box.mood = { is: 'refusing', stage: 'RCPT', code: 451, text: '4.3.0 later' };
    for (const delay of backOffMs) {
      const before = Date.now();
      expect(await sendDueMails(sending)).toEqual({ ...quiet, RETRIED: 1 });
      expect(await sendDueMails(sending)).toEqual(quiet);
      const dueIn = (await only()).dueAt.getTime() - before;
      expect(Math.abs(dueIn - delay)).toBeLessThan(5000);
      await later(delay - 10_000);
      expect(await sendDueMails(sending)).toEqual(quiet);
      await later(10_000);
    }
    expect(await sendDueMails(sending)).toEqual({ ...quiet, FAILED: 1 });
    await later(1e9);
    expect(await sendDueMails(sending)).toEqual(quiet);
    expect(await only()).toMatchObject({ state: 'FAILED', lastError: 'refused at RCPT TO: 451 4.3.0' });
    expect(sending.box.dialogues).toBe(backOffMs.length + 1);
  });

  it('that recovers gets the mail once, under the same Message-ID', async () => {
    await queueOne();
    sending.box.mood = { is: 'hang-up-at-rcpt' };
    await sendDueMails(sending);
    const { messageId } = await only();
    sending.box.mood = { is: 'willing' };
    await later(2 * 60_000);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 1 });
    expect(sending.box.caught.map(({ parsed }) => parsed.messageId)).toEqual([messageId]);
    expect(await only()).toMatchObject({ state: 'SENT', attempts: 2, lastError: null });
  });

  it('that hangs up after the message makes the result unknown, and the mail is never sent again', async () => {
    await queueOne();
    sending.box.mood = { is: 'hang-up-after-data' };
    expect(await sendDueMails(sending)).toEqual({ ...quiet, UNKNOWN: 1 });
    sending.box.mood = { is: 'willing' };
    await later(1e9);
    expect(await sendDueMails(sending)).toEqual(quiet);
    expect(sending.box.caught).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'UNKNOWN' });
  });

  it('that reports an unknown mailbox fails the mail at once, and the bounce is recorded', async () => {
    await queueOne();
    sending.box.mood = { is: 'refusing', stage: 'RCPT', code: 550, text: '5.1.1 no such user' };
    expect(await sendDueMails(sending)).toEqual({ ...quiet, FAILED: 1 });
    const subscriber = await aliceNow();
    expect(subscriber?.undeliverable).toMatchObject({ reason: 'HARD_BOUNCE', by: 'SYSTEM' });
    expect(subscriber?.events.map(({ change }) => change.op)).toEqual(['UNDELIVERABLE']);
  });

  it('that refuses permanently for another reason fails the mail, and the address stays deliverable', async () => {
    await queueOne();
    sending.box.mood = { is: 'refusing', stage: 'RCPT', code: 550, text: '5.7.1 not welcome' };
    expect(await sendDueMails(sending)).toEqual({ ...quiet, FAILED: 1 });
    expect((await aliceNow())?.undeliverable).toBeNull();
  });
});

describe('sending a mail once', () => {
  it('holds for four workers with forty mails', async () => {
    const id = await subscribe(sending, alice.address);
    for (let i = 0; i < 40; i++) await queue('PREFERENCES_LINK', id);
    sending.box.slowness = 5;
    const rounds = await Promise.all([1, 2, 3, 4].map(() => sendDueMails(sending)));
    expect(rounds.reduce((sum, { SENT }) => sum + SENT, 0)).toBe(40);
    expect(rounds.reduce((sum, { LOST }) => sum + LOST, 0)).toBe(0);
    expect(new Set(sending.box.caught.map(({ parsed }) => parsed.messageId)).size).toBe(40);
    expect(sending.box.caught).toHaveLength(40);
  });

  it('holds when a worker is killed in its dialogues: those are unknown, and the rest is sent once', async () => {
    const id = await subscribe(sending, alice.address);
    for (let i = 0; i < 12; i++) await queue('PREFERENCES_LINK', id);
    sending.box.slowness = 60_000;
    const child = await startKillable('worker-process', [database.uri, sending.box.url]);
    while (sending.box.caught.length < 2) await sleep(20);
    await child.kill();
    const amid = (await stored()).filter(({ state }) => state === 'SENDING').map(({ _id }) => _id);
    expect(amid.length).toBeGreaterThanOrEqual(2);

    sending.box.slowness = 5;
    await Promise.all([1, 2, 3, 4].map(() => sendDueMails(sending)));
    expect(await endAbandonedMails(sending.models.mails), 'they may be under way still').toBe(0);
    await sending.models.mails.collection.updateMany({}, { $set: { dueAt: new Date(0) } });
    expect(await endAbandonedMails(sending.models.mails)).toBe(amid.length);
    await Promise.all([1, 2, 3, 4].map(() => sendDueMails(sending)));

    const mails = await stored();
    expect(mails.filter(({ state }) => state === 'UNKNOWN').map(({ _id }) => _id)).toEqual(amid);
    expect(mails.filter(({ state }) => state === 'SENT')).toHaveLength(12 - amid.length);
    const messageIds = sending.box.caught.map(({ parsed }) => parsed.messageId);
    expect(new Set(messageIds).size).toBe(messageIds.length);
  });

  it('does not send a mail dropped while a worker prepares it', async () => {
    const id = await subscribe(sending, alice.address);
    await queue('PREFERENCES_LINK', id);
    const slow: Sending = {
      ...sending,
      writeMessage: async (mail) => {
        expect(await dropQueuedMails(sending.models.mails, id, 'erased')).toBe(1);
        return sending.writeMessage(mail);
      },
    };
    expect(await sendDueMails(slow)).toEqual({ ...quiet, LOST: 1 });
    expect(await only()).toMatchObject({ state: 'DROPPED', lastError: 'erased' });
    expect(sending.box.dialogues).toBe(0);
  });

  it('does not happen in a worker that lost its lease before the dialogue', async () => {
    await queue('PREFERENCES_LINK', await subscribe(sending, alice.address));
    const slow: Sending = {
      ...sending,
      writeMessage: async (mail) => {
        // In the meantime its lease expires, and another worker leases the mail. That is one write, so this worker cannot lease it again.
        const afterLease = new Date(Date.now() + 2 * 60_000);
        const lease = { now: afterLease, leaseMs: 60_000 };
        expect(await leaseDue(sending.models.mails, { state: 'QUEUED' }, lease)).not.toBeNull();
        return sending.writeMessage(mail);
      },
    };
    expect(await sendDueMails(slow)).toEqual({ ...quiet, LOST: 1 });
    expect(sending.box.dialogues).toBe(0);
    await later(60_000);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 1 });
  });

  it('is not reported as tried again if the worker lost its lease and could not write the mail', async () => {
    const id = await subscribe(sending, alice.address);
    await queue('PREFERENCES_LINK', id);
    const broken: Sending = {
      ...sending,
      writeMessage: async () => {
        await dropQueuedMails(sending.models.mails, id, 'erased');
        throw new Error('no message');
      },
    };
    expect(await sendDueMails(broken)).toEqual({ ...quiet, LOST: 1 });
  });
});

describe('a mail that cannot be written', () => {
  it('is retried later and does not delay the others', async () => {
    const id = await subscribe(sending, alice.address);
    const odd = await subscribe(sending, 'odd@example.com');
    await sending.models.subscribers.collection.updateOne(
      { _id: odd as never },
      { $set: { address: 'odd@example.com\r\nBcc: bob@example.com' } },
    );
    await queue('PREFERENCES_LINK', odd);
    await queue('PREFERENCES_LINK', id, { unitId: 77 });
    await queue('PREFERENCES_LINK', id);
    expect(await sendDueMails(sending)).toEqual({ ...quiet, SENT: 1, RETRIED: 2 });
    const reasons = (await stored()).map(({ lastError }) => lastError);
    expect(reasons).toContain('could not be composed: INVALID_ADDRESS');
    expect(reasons).toContain('could not be composed: UNKNOWN_UNIT');
    expect(sending.box.caught.flatMap(({ to }) => to)).toEqual([alice.address]);
  });
});

describe('the loop of the mail worker', () => {
  it('sends new mails, and after a stop finishes the current mail and takes no other', async () => {
    const id = await subscribe(sending, alice.address);
    const stopping = new AbortController();
    const warnings: Error[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const loop = runWorker(sending, stopping.signal);
    await queue('PREFERENCES_LINK', id);
    while (sending.box.caught.length < 1) await sleep(20);

    sending.box.slowness = 300;
    for (let i = 0; i < 20; i++) await queue('PREFERENCES_LINK', id);
    while (sending.box.caught.length < 2) await sleep(20);
    stopping.abort();
    await loop;
    const states = (await stored()).map(({ state }) => state);
    expect(states).not.toContain('SENDING');
    expect(states.filter((state) => state === 'SENT')).toHaveLength(sending.box.caught.length);
    expect(states).toContain('QUEUED');
    expect(warnings, 'such as too many listeners').toEqual([]);
  });
});
