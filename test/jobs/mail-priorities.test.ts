/** Which mail goes first: mails that a person awaits, then single mails by staff, then mails of a bulk job. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mailLink } from '../../src/domain/links/mail-link.js';
import { sendDueMails } from '../../src/jobs/send-mails.js';
import { queueMail, queueMails } from '../../src/mail/queue.js';
import { mailPriorities, rankUnrankedMails } from '../../src/models/mail.js';
import { leaseDue } from '../../src/models/queue.js';
import { migrate } from '../../src/migrations.js';
import { openTestDatabase, watchedBy } from '../support/connection.js';
import { alice, bob, northwind } from '../support/people.js';
import { openSending, subscribe } from '../support/sending.js';
import type { Sending } from '../support/sending.js';

let sending: Sending;
let id: string;
const database = await openTestDatabase();
beforeEach(async () => {
  sending = await openSending(database.models);
  id = await subscribe(sending, alice.address);
});
afterEach(async () => {
  await sending.models.mails.deleteMany({});
  await sending.models.subscribers.deleteMany({});
});

const { AWAITED, SINGLE, BULK } = mailPriorities;
const mailOf = (name: string) => ({ id: name, subscriberId: id, unitId: northwind.id, queuedBy: 'test' });
const queueBulk = (count: number) =>
  queueMails(
    sending,
    Array.from({ length: count }, (_, at) => ({
      ...mailOf(`bulk:${at}`),
      kind: 'PREFERENCES_LINK' as const,
    })),
  );
const queueLostLink = (name: string) => queueMail(sending, { ...mailOf(name), kind: 'LOST_LINK' });
const prioritiesById = async () =>
  Object.fromEntries((await sending.models.mails.find({}).lean()).map((mail) => [mail._id, mail.priority]));

describe('a queued mail', () => {
  it('has the priority of its purpose', async () => {
    await queueBulk(1);
    await queueLostLink('lost');
    await queueMail(sending, { ...mailOf('confirmation'), kind: 'CONFIRMATION', pendingId: 'wish' });
    await mailLink(sending, { address: bob.address, unitId: northwind.id }, 'user:1');
    const [single = 0, ...more] = Object.entries(await prioritiesById()).flatMap(([name, priority]) =>
      name.startsWith('PREFERENCES_LINK:') ? [priority] : [],
    );
    expect(more).toEqual([]);
    expect(await prioritiesById()).toMatchObject({ 'bulk:0': BULK, lost: AWAITED, confirmation: AWAITED });
    expect(single).toBe(SINGLE);
  });

  it('is leased by one index lookup, whatever its priority', async () => {
    await queueBulk(50);
    await queueLostLink('lost');
    const asked: { query: object; sort: object }[] = [];
    const { models } = await watchedBy(database, ({ query, sort }, name) => {
      if (name === 'findAndModify') asked.push({ query, sort });
    });
    for (const priority of [AWAITED, SINGLE, BULK])
      await leaseDue(
        models.mails,
        { state: 'QUEUED', priority },
        { now: new Date(Date.now() + 1000), leaseMs: 1000 },
      );
    expect(asked).toHaveLength(3);
    for (const { query, sort } of asked) {
      const plan = await models.mails.collection
        .find(query)
        .sort({ ...sort })
        .explain();
      expect(JSON.stringify(plan)).toContain('"indexName":"state_1_priority_1_dueAt_1"');
      expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
    }
  });
});

describe('the mail worker', () => {
  it('sends awaited mails first and bulk mails last, whenever they were queued', async () => {
    await queueBulk(12);
    await mailLink(sending, { address: bob.address, unitId: northwind.id }, 'user:1');
    await queueLostLink('lost');
    await sendDueMails(sending);
    const subjects = sending.box.caught.map(({ parsed, to }) => ({ subject: parsed.subject, to: to[0] }));
    // Mails that are sent at the same time may overtake each other.
    const first = subjects.slice(0, 4);
    expect(subjects).toHaveLength(14);
    expect(first.map(({ to }) => to)).toContain(bob.address);
    expect(new Set(first.map(({ subject }) => subject)).size).toBe(2);
    expect(new Set(subjects.slice(4).map(({ subject }) => subject)).size).toBe(1);
  });

  it('keeps a place free for an awaited mail while the mail server is slow with bulk mails', async () => {
    sending.box.slowness = 20_000;
    await queueBulk(10);
    const stopping = new AbortController();
    const round = sendDueMails(sending, { signal: stopping.signal });
    while (sending.box.caught.length < 3) await sleep(20);
    await sleep(300);
    expect(sending.box.caught).toHaveLength(3);
    await queueLostLink('lost');
    while (sending.box.caught.length < 4) await sleep(20);
    expect(await sending.models.mails.findById('lost').lean()).toMatchObject({ state: 'SENDING' });
    stopping.abort();
    await round;
  });
});

describe('mails queued by an older release', () => {
  const old = (name: string, fields: object) => ({
    ...{ _id: name, subscriberId: id, unitId: northwind.id, typeId: null, pendingId: null, locale: null },
    ...{ kind: 'PREFERENCES_LINK', queuedBy: 'user:1', state: 'QUEUED', attempts: 0, fence: 0 },
    ...{ dueAt: new Date(), leasedUntil: new Date(), at: new Date(), endedAt: null, ...fields },
  });
  const insert = () =>
    sending.models.mails.collection.insertMany([
      old('confirmation', { kind: 'CONFIRMATION' }),
      old('lost', { kind: 'LOST_LINK' }),
      old('single', {}),
      old('bulk', { queuedBy: 'job:7' }),
    ] as never);
  const ranked = { confirmation: AWAITED, lost: AWAITED, single: SINGLE, bulk: BULK };

  it('get their priority from the migration', async () => {
    await insert();
    const leasedUntil = new Date(Date.now() + 60_000);
    await sending.models.mails.collection.insertOne(old('amid', { state: 'SENDING', leasedUntil }) as never);
    await sending.models.mails.collection.createIndex({ state: 1, leasedUntil: 1 });
    // The other migration steps concern subscribers.
    await sending.models.subscribers.deleteMany({});
    await sending.models.settings.create({ _id: 'schema', value: 3 });
    await migrate({ connection: database.connection, models: sending.models });
    expect(await prioritiesById()).toMatchObject(ranked);
    const amid = await sending.models.mails.findById('amid').lean();
    expect(amid).toMatchObject({ dueAt: leasedUntil });
    expect(amid).not.toHaveProperty('leasedUntil');
    expect(await sending.models.mails.collection.indexInformation()).not.toHaveProperty(
      'state_1_leasedUntil_1',
    );
    await sending.models.settings.deleteMany({});
  });

  it('get it from a schedule too, while an old process still queues during the upgrade', async () => {
    await insert();
    await rankUnrankedMails(sending.models.mails);
    expect(await sendDueMails(sending)).toMatchObject({ SENT: 3, WAITING: 1 });
    expect(await prioritiesById()).toMatchObject(ranked);
  });
});
