/** The follower of the counts on a real feed: subscribers of each type at any moment, kills, erasure, reasons, and the migration of older databases. */
import { beforeEach, expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { readReport } from '../../../src/domain/counts/report.js';
import { drainFeed } from '../../../src/feed/run.js';
import { migrate } from '../../../src/migrations.js';
import { recordReason } from '../../../src/models/unsubscribe-reason.js';
import type { Actor, Wish } from '../../../src/vocabulary/terms.js';
import { openFeedRoom } from '../../support/feed-room.js';
import { actors, given } from '../../support/judge.js';
import { fjell, guestSurvey, northwind, offers, trailNotes, types } from '../../support/people.js';

const room = await openFeedRoom();
beforeEach(async () => {
  await room.reset();
  await room.models.unsubscribeReasons.deleteMany({});
});

/** The counts that are not zero. */
const kept = async () =>
  Object.fromEntries(
    (await room.models.dayCounts.find({}).lean())
      .map(({ _id, n }) => [_id, Object.entries(n).filter(([, count]) => count !== 0)] as const)
      .filter(([, counts]) => counts.length > 0)
      .map(([id, counts]) => [id, Object.fromEntries(counts)]),
  );

const wishes: Wish[] = [
  ...[trailNotes, offers, guestSurvey].flatMap(({ id: typeId }): Wish[] => [
    { kind: 'OPT_IN', typeId },
    { kind: 'OPT_IN', typeId },
    { kind: 'OPT_OUT', typeId },
  ]),
  { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
  { kind: 'OPT_OUT_OF_ALL', unitId: null },
  { kind: 'LIFT_OPT_OUT_OF_ALL', unitId: northwind.id },
  { kind: 'SET_NOT_SPECIFIED', typeId: offers.id },
  { kind: 'ERASE' },
];
const doers: Actor[] = [actors.freshContact, actors.staff, actors.importer, actors.workflow, actors.apiV3];

/** Subscribers of each type by the states themselves. */
async function subscribedNow(): Promise<Record<number, number>> {
  const found = await room.models.subscribers.find({}).lean();
  const counts: Record<number, number> = {};
  for (const type of types)
    for (const one of found) {
      const { status, standing } = effectiveStatus(one, type);
      const isGone = one.erasedAt !== null && (standing?.seq ?? 0) <= (erasedBy.get(one._id) ?? 0);
      if (status === 'SUBSCRIBED' && !isGone) counts[type.id] = (counts[type.id] ?? 0) + 1;
    }
  return counts;
}
const erasedBy = new Map<string, number>();

it('the subscribers of each type equal the effective statuses, after any acts of any actor', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => room.somebody()));
  let random = 7;
  const pick = <T>(all: readonly T[]): T | undefined => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return all[Math.floor((random / 2_147_483_648) * all.length)];
  };
  for (let round = 0; round < 8; round += 1) {
    room.setTime(new Date(Date.UTC(2026, round, 3 + round, 12)));
    for (let act = 0; act < 25; act += 1) {
      const [id, wish, actor] = [pick(ids), pick(wishes), pick(doers)];
      if (!id || !wish || !actor) continue;
      const { events } = await room.act(id, actor, wish, given);
      for (const { seq, change } of events) if (change.op === 'ERASED') erasedBy.set(id, seq);
    }
    await drainFeed(room.feed);
    const to = `2026-${String(round + 1).padStart(2, '0')}-28`;
    const report = await readReport(room.models, { from: `${to.slice(0, 7)}-02`, to, unitIds: null });
    const counted = Object.fromEntries(
      report.growth.map(({ typeId, points }) => [typeId, points.at(-1)]).filter(([, n]) => n !== 0),
    );
    expect(counted).toEqual(await subscribedNow());
  }
  expect(erasedBy.size).toBeGreaterThan(0);
});

it('a recount of all histories gives what the follower has counted', async () => {
  const somebody = await room.somebody();
  await room.act(
    somebody,
    actors.freshContact,
    { kind: 'OPT_IN', typeId: trailNotes.id },
    { ...given, campaign: 'a.b' },
  );
  await room.act(somebody, actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: null }, given);
  const reason = { unitId: fjell.id, typeId: null, at: new Date('2026-03-05T12:00:00Z') };
  await recordReason(room.models.unsubscribeReasons, { ...reason, _id: 'one', reason: 'TOO_MANY' });
  await drainFeed(room.feed);
  const counted = await kept();
  expect(counted).toMatchObject({ 'd:2026-03-05:1': { 'REASON:TOO_MANY': 1 } });
  // Marked and not published yet, as a killed process of the older release leaves it.
  await recordReason(room.models.unsubscribeReasons, { ...reason, _id: 'two', reason: 'OTHER' });
  const older = room.database.connection.collection('daily_counts');
  await older.insertOne({ day: '2026-03-06', what: 'UNREADABLE_MAIL', n: 4 });
  await older.insertOne({ day: '2026-03-06', what: 'OPT_IN', n: 9 });
  const again = async () => {
    await room.models.dayCounts.collection.insertOne({
      _id: 'd:2026-03-01:9' as never,
      unitId: 9,
      n: { BOUNCE: 1 },
    });
    await room.models.settings.updateOne({ _id: 'schema' }, { $set: { value: 10 } });
    await migrate({ connection: room.database.connection, models: room.models });
    await drainFeed(room.feed);
    return kept();
  };
  const expected = {
    ...counted,
    'd:2026-03-05:1': { 'REASON:TOO_MANY': 1, 'REASON:OTHER': 1 },
    'd:2026-03-06:': { UNREADABLE_MAIL: 4 },
  };
  expect(await again()).toEqual(expected);
  expect(await room.database.connection.listCollections()).not.toContainEqual(
    expect.objectContaining({ name: 'daily_counts' }),
  );
});

it('a follower that is killed between its writes counts each entry once', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => room.somebody()));
  for (const [at, id] of ids.entries()) {
    room.setTime(new Date(Date.UTC(2026, 2, 1 + at, 12)));
    await room.act(id, actors.freshContact, { kind: 'OPT_IN', typeId: trailNotes.id }, given);
    await room.act(id, actors.freshContact, { kind: 'OPT_OUT_OF_ALL', unitId: null }, given);
  }
  await drainFeed(room.feed);
  const counted = await kept();
  // Of a killed bulk, the database has some of the writes, and the cursor stays.
  const { bulkWrite } = room.models.dayCounts.collection;
  await room.models.dayCounts.deleteMany({});
  await room.models.feedCursors.deleteMany({ _id: /^counts:/ });
  let kills = 0;
  Object.assign(room.models.dayCounts.collection, {
    bulkWrite: async (writes: never[], options: object) => {
      const part = writes.slice(0, Math.ceil(writes.length / 2));
      await Reflect.apply(bulkWrite, room.models.dayCounts.collection, [part, options]);
      kills += 1;
      throw new Error('killed');
    },
  });
  try {
    for (let round = 0; round < 3; round += 1) await expect(drainFeed(room.feed)).rejects.toThrow('killed');
  } finally {
    Object.assign(room.models.dayCounts.collection, { bulkWrite });
  }
  expect(kills).toBeGreaterThanOrEqual(3);
  await drainFeed(room.feed);
  expect(await kept()).toEqual(counted);
});

it('an erasure lowers the subscribers and no count of acts, and counts hold nothing about a person', async () => {
  const somebody = await room.somebody('marit@example.com');
  const link = { kind: 'CONTACT', isLinkFresh: true, ref: 'preferences link' } as const;
  await room.act(somebody, link, { kind: 'OPT_IN', typeId: trailNotes.id }, { ...given, campaign: 'spring' });
  await drainFeed(room.feed);
  const before = await readReport(room.models, { from: '2026-01-01', to: '2026-12-31', unitIds: null });
  await room.act(somebody, actors.freshContact, { kind: 'ERASE' }, given);
  await drainFeed(room.feed);
  const after = await readReport(room.models, { from: '2026-01-01', to: '2026-12-31', unitIds: null });
  expect(after.optIns).toBe(before.optIns);
  expect(after.byCampaign).toEqual(before.byCampaign);
  expect([before, after].map(({ growth }) => growth[0]?.points.at(-1))).toEqual([1, 0]);
  const stored = JSON.stringify(await room.models.dayCounts.find({}).lean());
  for (const one of ['marit', somebody]) expect(stored).not.toContain(one);
});

it('the answer to “why?” counts once, and a second answer replaces it', async () => {
  const said = { _id: 'nonce', unitId: fjell.id, typeId: null, at: new Date('2026-03-05T12:00:00Z') };
  const say = (reason: 'TOO_MANY' | 'OTHER', at = said.at) =>
    recordReason(room.models.unsubscribeReasons, { ...said, reason, at });
  await Promise.all([say('TOO_MANY'), say('TOO_MANY')]);
  await drainFeed(room.feed);
  expect(await kept()).toEqual({ 'd:2026-03-05:1': { 'REASON:TOO_MANY': 1 } });
  await say('OTHER', new Date('2026-03-09T12:00:00Z'));
  await say('TOO_MANY');
  await say('OTHER');
  await drainFeed(room.feed);
  expect(await kept()).toEqual({ 'd:2026-03-05:1': { 'REASON:OTHER': 1 } });
});
