/** Every statement of the feed is answered by an index and touches few documents, so a contact's own opt-out never waits long behind one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandStartedEvent, Document } from 'mongodb';
import { expect, it } from 'vitest';
import { bucketOf, changeNumber } from '../../src/models/change.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { openReader } from '../../src/feed/follow.js';
import { openPublisher } from '../../src/feed/publish.js';
import { drainFeed, runFeed } from '../../src/feed/run.js';
import { watchedBy } from '../support/connection.js';
import { openFeedRoom } from '../support/feed-room.js';
import { actors } from '../support/judge.js';
import { trailNotes } from '../support/people.js';
import { stagesOf } from '../support/planning-rules.js';

/** Marked subscribers of one bucket: more than two batches, written in several seconds. */
const backlog = 1200;
/** Collections that have a document for each person or act. */
const growing = ['subscribers', 'archived_events', 'contacts', 'changes'];
/** What one statement may read of any collection, or write. */
const mostRead = 520;
const mostWritten = 100;
/** The first read of a follower asks for as many entries, with its own. */
const few = 21;

const commands: Document[] = [];
const room = await openFeedRoom();
const watched = await watchedBy(room.database, (command) => commands.push(command));
await room.contact({ email: 'one@example.com' });
const id = await room.somebody();
await room.act(id, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
const sample = await room.subscriber(id);
// One in each of the other buckets too.
const ids = Array.from(
  { length: backlog + 3 },
  (_, at) => `${'bcd'[at] ?? 'a'}${String(at).padStart(21, '0')}`,
);
const first = ids.map((_id, at) => {
  const since = new Date(Date.parse('2026-03-01T00:00:00Z') + Math.floor(at / 100) * 1000);
  const { events, seq, eventCount, version } = sample;
  return {
    ...newSubscriber(_id, 'EMAIL', `${_id}@example.com`, since),
    ...{ events, seq, eventCount, version, unpublished: { bucket: bucketOf(_id), since, from: seq } },
  };
});
await room.models.subscribers.collection.insertMany(first as never);
await drainFeed({ ...room.feed, models: watched.models });

it('a backlog is published whole, each event once', async () => {
  expect(await unpublished()).toBe(0);
  expect(
    await room.models.changes.collection.countDocuments({
      key: { $gte: 'subscriber:a0000000000', $lt: 'subscriber:a0000000001' },
    }),
  ).toBe(backlog);
});

it('no statement reads a whole collection, and none writes more than a hundred documents', async () => {
  const filtersOf = ({ find, filter, updates = [] }: Document): unknown[] =>
    find === undefined ? updates.map(({ q }: Document) => q) : [filter];
  for (const command of commands) {
    const collection: string = command['find'] ?? command['update'] ?? '';
    if (!growing.includes(collection)) continue;
    for (const filter of filtersOf(command)) {
      const where = JSON.stringify(filter).slice(0, 200);
      const plan = await examinedBy(collection, filter);
      expect(plan.stages, where).not.toContain('COLLSCAN');
      const most = command['find'] === undefined ? mostWritten : mostRead;
      expect(plan.documents, where).toBeLessThanOrEqual(most);
    }
  }
});

it('a backlog of marks is read in windows of time', () => {
  const reads = commands.flatMap(({ filter, limit }) =>
    limit > 1 && filter?.['unpublished.bucket'] === bucketOf('a') ? [filter] : [],
  );
  expect(reads.filter((filter) => 'unpublished.since' in filter).length).toBeGreaterThan(1);
});

it('a drained backlog is read once for all followers', () => {
  const all = idsAskedFor(0);
  // Three batches, of which each is asked for with few entries first.
  expect(all.filter((count) => count > few).length).toBe(3);
});

it('each batch comes in one answer', () => {
  expect(commands.filter((command) => 'getMore' in command)).toEqual([]);
});

it('a full batch of entries is read once for all followers, and another one each time', async () => {
  const read = openReader({ models: watched.models }, bucketOf('a'));
  const readsOf = async (number: number) => {
    const before = commands.length;
    const [first, second] = [await read(number), await read(number)];
    expect(second).toEqual(first);
    return idsAskedFor(before).filter((count) => count > few).length;
  };
  expect(await readsOf(0)).toBe(1);
  expect(await readsOf(backlog - 100)).toBe(2);
});

it('a follower that is up to date, or nearly, asks for few entries', async () => {
  const read = openReader({ models: watched.models }, bucketOf('a'));
  const before = commands.length;
  const newest = changeNumber((await read(backlog - 1)).at(-1)?._id ?? '');
  expect(await read(newest)).toEqual([]);
  expect(await read(newest - 1)).toHaveLength(1);
  for (const count of idsAskedFor(before).slice(-2)) expect(count).toBeLessThanOrEqual(few);
});

/** How many entries each read of the feed by their ids named, since this place in `commands`. */
function idsAskedFor(before: number): number[] {
  return commands.slice(before).flatMap(({ find, filter }) => {
    const ids: unknown = find === 'changes' ? filter['_id']?.['$in'] : undefined;
    return Array.isArray(ids) ? [ids.length] : [];
  });
}

it('a publisher that could not clear its marks publishes nothing twice', async () => {
  const { subscribers, changes } = room.models;
  const publish = openPublisher(room.feed, bucketOf('a'));
  const mark = async (ids: object, from: number) => {
    const unpublished = { bucket: bucketOf('a'), since: new Date('2026-03-02T00:00:00Z'), from };
    await subscribers.collection.updateMany({ _id: ids }, { $set: { unpublished } });
  };
  const count = await changes.estimatedDocumentCount();
  for (let round = 0; round < 2; round++) {
    await mark({ $gt: 'a', $lt: 'a'.padEnd(19, '0') + '300' }, 1);
    expect(await publish()).toBe(297);
    expect(await changes.estimatedDocumentCount()).toBe(count);
  }
});

it('the buckets and followers take turns', async () => {
  await Promise.all(
    ['a', 'b', 'c', 'd'].map((letter) =>
      room.models.subscribers.collection.updateMany(
        { _id: { $gt: letter, $lt: `${letter}~` } as never },
        { $set: { unpublished: { bucket: bucketOf(letter), since: new Date(), from: 1 } } },
      ),
    ),
  );
  const open = new Set<number>();
  let most = 0;
  const client = watched.connection.getClient();
  const begin = ({ requestId, command }: CommandStartedEvent) => {
    if (growing.includes(command['find'] ?? command['update'] ?? command['insert'])) open.add(requestId);
    most = Math.max(most, open.size);
  };
  const end = ({ requestId }: { requestId: number }) => open.delete(requestId);
  client.on('commandStarted', begin).on('commandSucceeded', end).on('commandFailed', end);
  const stopping = new AbortController();
  const running = runFeed({ ...room.feed, models: watched.models }, stopping.signal);
  while ((await unpublished()) > 0) await sleep(50);
  stopping.abort();
  await running;
  expect(most).toBe(1);
});

async function unpublished(): Promise<number> {
  return room.models.subscribers.collection.countDocuments({ unpublished: { $ne: null } });
}

async function examinedBy(collection: string, filter: unknown) {
  const explained: unknown = await room.database.connection
    .collection(collection)
    .find(Object(filter))
    .explain('executionStats');
  const { queryPlanner, executionStats } = Object(explained);
  return { stages: stagesOf(queryPlanner.winningPlan), documents: Number(executionStats.totalDocsExamined) };
}
