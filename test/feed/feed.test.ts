/** The change feed: what is published, in which order, what followers see, and what is deleted. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { archiveOldest } from '../../src/domain/consent/archive.js';
import { deleteContact } from '../../src/domain/contacts/delete.js';
import { facet } from '../../src/domain/filters/facet.js';
import { createContact } from '../../src/domain/contacts/save.js';
import type { Change } from '../../src/models/change.js';
import { findBehind } from '../../src/models/contact.js';
import { buckets, bucketOf, changeNumber } from '../../src/models/change.js';
import { giveProcessingBasis } from '../../src/models/contact.js';
import { moveCursor, readCursor } from '../../src/models/feed-cursor.js';
import { followOnce } from '../../src/feed/follow.js';
import { publishMarked } from '../../src/feed/publish.js';
import { drainFeed, runFeed } from '../../src/feed/run.js';
import { readFeedStatus } from '../../src/feed/status.js';
import { watchedBy } from '../support/connection.js';
import { blankForm, staff } from '../support/contact-room.js';
import { crashing } from '../support/crashing.js';
import { openFeedRoom } from '../support/feed-room.js';
import { actors } from '../support/judge.js';
import { trailNotes } from '../support/people.js';

const room = await openFeedRoom();
beforeEach(() => room.reset());

const optOut = { kind: 'OPT_OUT', typeId: trailNotes.id } as const;
const optIn = { kind: 'OPT_IN', typeId: trailNotes.id } as const;
const seqsOf = (changes: Change[]) => changes.map(({ event }) => event.seq);

describe('the publisher', () => {
  it('publishes each event of a subscriber once, in order, without its free text', async () => {
    const id = await room.somebody();
    await room.act(id, actors.oneClick, optOut, { userAgent: 'Mail app' });
    await drainFeed(room.feed);
    await room.act(id, actors.freshContact, optIn);
    await room.act(id, actors.freshContact, optOut);
    await drainFeed(room.feed);
    const changes = await room.changesOf(id);
    expect(seqsOf(changes)).toEqual(changes.map((_, at) => at + 1));
    const { events } = await room.history(id);
    expect(changes.map(({ event }) => 'hash' in event && event.hash)).toEqual(events.map(({ hash }) => hash));
    expect(changes.every(({ event }) => !('detail' in event))).toBe(true);
    expect(changes.map(({ _id }) => changeNumber(_id))).toEqual(changes.map((_, at) => at + 1));
  });

  it('clears the mark in the end, but keeps it when the subscriber was written after it was read', async () => {
    const id = await room.somebody();
    await room.act(id, actors.oneClick, optOut);
    const before = await room.subscriber(id);
    expect(before.unpublished).toMatchObject({ from: 1 });
    const overtaken = room.overtakenAt('subscribers.bulkWrite', () =>
      room.act(id, actors.freshContact, optIn),
    );
    await publishMarked(overtaken, bucketOf(id));
    expect((await room.subscriber(id)).unpublished).toMatchObject({ from: 1 });
    await drainFeed(room.feed);
    expect((await room.subscriber(id)).unpublished).toBeUndefined();
    const { events } = await room.history(id);
    expect(seqsOf(await room.changesOf(id))).toEqual(events.map(({ seq }) => seq));
  });

  it('publishes nothing twice after it was killed between the feed and the mark', async () => {
    const id = await room.somebody();
    await room.act(id, actors.oneClick, optOut);
    const dying = { ...room.feed, models: crashing(room.models, 1) };
    await expect(publishMarked(dying, bucketOf(id))).rejects.toThrow();
    const published = seqsOf(await room.changesOf(id));
    expect(published.length).toBeGreaterThan(0);
    await drainFeed(room.feed);
    expect(seqsOf(await room.changesOf(id))).toEqual(published);
  });

  it('publishes events that were archived before', async () => {
    const id = await room.somebody();
    for (let round = 0; round < 25; round++) {
      await room.act(id, actors.freshContact, optOut);
      await room.act(id, actors.freshContact, optIn);
    }
    await room.history(id);
    await archiveOldest(room.models, id);
    const { events, subscriber } = await room.history(id);
    expect(subscriber.events.length).toBeLessThan(events.length);
    await drainFeed(room.feed);
    expect(seqsOf(await room.changesOf(id))).toEqual(events.map(({ seq }) => seq));
  });

  it('publishes nothing written by an older release', async () => {
    const id = await room.somebody();
    await room.act(id, actors.oneClick, optOut);
    await room.models.subscribers.updateOne({ _id: id }, { $unset: { unpublished: 1 } });
    await room.act(id, actors.freshContact, optIn);
    await drainFeed(room.feed);
    const { events } = await room.history(id);
    const news = events.filter(({ actor }) => actor.kind === 'CONTACT');
    expect(seqsOf(await room.changesOf(id))).toEqual(news.map(({ seq }) => seq));
  });
});

describe('a follower of the feed', () => {
  it('gets the same entries again after it failed, and then continues after them', async () => {
    const id = await room.somebody();
    await room.act(id, actors.oneClick, optOut);
    const bucket = bucketOf(id);
    await publishMarked(room.feed, bucket);
    const seen: string[][] = [];
    let isBroken = true;
    const follower = {
      name: 'test',
      follow: async (_deps: unknown, entries: readonly Change[]) => {
        seen.push(entries.map(({ _id }) => _id));
        if (isBroken) throw new Error('broken');
      },
    };
    await expect(followOnce(room.feed, follower, bucket)).rejects.toThrow('broken');
    expect(await readCursor(room.models.feedCursors, 'test', bucket)).toBe(0);
    isBroken = false;
    expect(await followOnce(room.feed, follower, bucket)).toBeGreaterThan(0);
    expect(seen[1]).toEqual(seen[0]);
    expect(await followOnce(room.feed, follower, bucket)).toBe(0);
    expect(seen).toHaveLength(2);
  });

  it('never moves its cursor back', async () => {
    await moveCursor(room.models.feedCursors, 'test', 0, 7);
    await moveCursor(room.models.feedCursors, 'test', 0, 3);
    expect(await readCursor(room.models.feedCursors, 'test', 0)).toBe(7);
  });
});

it('the feed reports how far behind the publisher and each follower are', async () => {
  expect(await readFeedStatus(room.feed)).toEqual({
    unpublishedSeconds: 0,
    lagSeconds: { counts: 0, facets: 0, workflows: 0 },
  });
  const id = await room.somebody();
  await room.act(id, actors.oneClick, optOut);
  const after = (seconds: number) => ({
    ...room.feed,
    clock: () => new Date(room.feed.clock().getTime() + seconds * 1000),
  });
  expect(await readFeedStatus(after(30))).toMatchObject({
    unpublishedSeconds: 30,
    lagSeconds: { counts: 0 },
  });
  await publishMarked(after(30), bucketOf(id));
  expect(await readFeedStatus(after(40))).toEqual({
    unpublishedSeconds: 0,
    lagSeconds: { counts: 10, facets: 10, workflows: 10 },
  });
  await drainFeed(room.feed);
  expect((await readFeedStatus(after(90))).lagSeconds).toMatchObject({ counts: 0, facets: 0 });
});

it('subjects are distributed over all buckets of the feed', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const sizes = buckets.map((bucket) => [...letters].filter((one) => bucketOf(one) === bucket).length);
  for (const size of sizes) expect(size).toBeGreaterThan(12);
});

describe('a contact in the feed', () => {
  const opsOf = async (contactId: string) =>
    (await room.changesOf(contactId)).map(({ event }) => [event.seq, 'op' in event && event.op]);

  it('has each of its changes published, in order', async () => {
    const contact = await room.contact({ email: 'changing@example.com' });
    await room.edit(contact, { locale: 'nb' });
    await drainFeed(room.feed);
    await room.edit(contact, { locale: 'de' });
    await giveProcessingBasis(room.models.contacts, [contact._id], 'PROCESS_AND_STORE', room.feed.clock());
    await drainFeed(room.feed);
    expect(await opsOf(contact._id)).toEqual([
      [1, 'CREATED'],
      [2, 'CHANGED'],
      [3, 'CHANGED'],
      [4, 'CHANGED'],
    ]);
    expect((await room.stored(contact._id))?.unpublished).toBeUndefined();
  });

  it('deleted before publication has all its changes published, and only then is removed', async () => {
    const contact = await room.contact({ email: 'short-lived@example.com', firstName: 'Nobody' });
    await deleteContact(room.contacts, { scope: null, contactId: contact._id });
    expect(await room.stored(contact._id)).toBeNull();
    const left = await room.models.contacts.findById(contact._id).lean();
    expect(left).toMatchObject({ isDeleted: true, email: null, firstName: '', words: [], facets: [] });
    await drainFeed(room.feed);
    expect(await opsOf(contact._id)).toEqual([
      [1, 'CREATED'],
      [2, 'DELETED'],
    ]);
    expect(await room.models.contacts.countDocuments({})).toBe(0);
  });

  it('that is being created is not published', async () => {
    await room.contact({ email: 'taken@example.com' });
    await drainFeed(room.feed);
    const before = await room.models.changes.countDocuments({});
    const form = { ...blankForm, firstName: 'Someone else', email: 'taken@example.com' };
    expect(await createContact(room.contacts, { scope: null, form, by: staff })).toHaveProperty('faults');
    await drainFeed(room.feed);
    expect(await room.models.changes.countDocuments({})).toBe(before);
  });

  it('gets its facets refreshed when the process stopped after the write', async () => {
    const { _id, subscribers } = await room.contact({ email: 'left-behind@example.com' });
    await room.act(subscribers.EMAIL ?? '', actors.oneClick, optOut);
    const facets = async () => (await room.stored(_id))?.facets;
    const optedOut = facet.status('EMAIL', trailNotes.id, 'UNSUBSCRIBED');
    expect(await facets()).not.toContain(optedOut);
    await drainFeed(room.feed);
    expect(await facets()).toContain(optedOut);
  });

  it('is behind until its facets include the last event of its address', async () => {
    const { _id, subscribers } = await room.contact({ email: 'behind@example.com' });
    const id = subscribers.EMAIL ?? '';
    await room.act(id, actors.oneClick, optOut);
    const { seq = 0 } = (await room.models.subscribers.findById(id).lean()) ?? {};
    const behind = (number: number) =>
      findBehind(room.models.contacts, new Map([[_id, new Map([[id, number]])]]));
    expect(await behind(seq)).toEqual([_id]);
    await drainFeed(room.feed);
    expect(await behind(seq)).toEqual([]);
    expect(await behind(seq + 1)).toEqual([_id]);
  });
});

describe('runFeed', () => {
  it('in two processes, of which one stops, publishes each event once and in order', async () => {
    const other = await watchedBy(room.database, () => undefined);
    const stops = [new AbortController(), new AbortController()] as const;
    const running = [
      runFeed(room.feed, stops[0].signal),
      runFeed({ ...room.feed, models: other.models }, stops[1].signal),
    ];
    const ids = await Promise.all(Array.from({ length: 8 }, () => room.somebody()));
    const actAll = async () => {
      for (const wish of [optOut, optIn])
        await Promise.all(ids.map((id) => room.act(id, actors.freshContact, wish)));
    };
    const isPublished = async () =>
      (await room.models.subscribers.collection.countDocuments({ unpublished: { $exists: true } })) === 0;
    await actAll();
    await vi.waitFor(async () => expect(await isPublished()).toBe(true), { timeout: 15_000, interval: 100 });
    await actAll();
    stops[0].abort();
    await running[0];
    await actAll();
    await vi.waitFor(async () => expect(await isPublished()).toBe(true), { timeout: 15_000, interval: 100 });
    stops[1].abort();
    await running[1];
    for (const id of ids) {
      const { events } = await room.history(id);
      expect(events.length).toBeGreaterThan(5);
      expect(seqsOf(await room.changesOf(id))).toEqual(events.map(({ seq }) => seq));
    }
  }, 40_000);
});
