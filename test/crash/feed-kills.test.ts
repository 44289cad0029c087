/**
 * Writers, and two publishers at once that are killed with `kill -9` at random moments. Every event is in the feed once, in the
 * order of its subscriber, a reader that stops and resumes skips none, and the counts match the histories. `SOAK_KILLS` makes it longer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Wish } from '../../src/vocabulary/terms.js';
import { countsOf, countsOfMoves } from '../../src/domain/counts/counts-of.js';
import { movesOf } from '../../src/domain/counts/moves.js';
import { addTo, countId } from '../../src/models/day-count.js';
import type { Count } from '../../src/models/day-count.js';
import type { PublicEvent } from '../../src/domain/changes/public-event.js';
import { readChanges } from '../../src/domain/changes/read-changes.js';
import { drainFeed } from '../../src/feed/run.js';
import { buckets, bucketOf, changeNumber } from '../../src/models/change.js';
import type { Change } from '../../src/models/change.js';
import { startKillable } from '../support/killable.js';
import { openFeedRoom } from '../support/feed-room.js';
import { actors, given } from '../support/judge.js';
import { offers, trailNotes } from '../support/people.js';

const kills = Number(process.env['SOAK_KILLS'] ?? 4);
const people = 12;

const wishes: Wish[] = [
  { kind: 'OPT_OUT', typeId: trailNotes.id },
  { kind: 'OPT_IN', typeId: trailNotes.id },
  { kind: 'OPT_OUT', typeId: offers.id },
  { kind: 'OPT_OUT_OF_ALL', unitId: null },
  { kind: 'OPT_IN', typeId: offers.id },
];

it(
  'killed publishers lose no event and repeat none, and the counts are exact',
  async () => {
    const room = await openFeedRoom();
    const ids = await Promise.all(Array.from({ length: people }, () => room.somebody()));
    let isOver = false;
    const writers = ids.map(async (id, who) => {
      for (let step = who; !isOver; step++) {
        const wish = wishes[step % wishes.length];
        const actor = step % 3 === 0 ? actors.staff : actors.freshContact;
        if (wish) await room.act(id, actor, wish, given);
        await sleep(Math.random() * 60);
      }
    });
    const contacts = await Promise.all(
      [1, 2, 3].map((who) => room.contact({ email: `contact-${who}@example.com` })),
    );
    const editors = contacts.map(async (contact) => {
      let edits = 0;
      for (; !isOver; edits++) {
        await room.edit(contact, { firstName: `Name ${edits}` });
        await sleep(Math.random() * 80);
      }
      return edits;
    });
    // A reader of GET /api/v1/changes, which stops and begins again with its last cursor.
    const seen: PublicEvent[] = [];
    let cursor: string | undefined;
    const readOn = async () => {
      const wish = { after: cursor, limit: 1 + Math.floor(Math.random() * 40) };
      const read = await readChanges(room.models, { scope: null, eventTypes: [], typeIds: [], ...wish });
      // Killed here, it gets the same again.
      if (Math.random() < 0.2) return false;
      seen.push(...read.events);
      cursor = read.cursor;
      return read.isAtEnd;
    };
    const reader = (async () => {
      while (!isOver) {
        await readOn();
        // Clocks step, also back.
        room.setTime(new Date(Date.now() + (Math.random() - 0.5) * 3_600_000));
        await sleep(Math.random() * 30);
      }
    })();
    const slot = async () => {
      for (let round = 0; round < kills / 2; round++) {
        const { kill } = await startKillable('feed-process', [room.database.uri]);
        await sleep(30 + Math.random() * 700);
        await kill();
      }
    };
    await Promise.all([slot(), slot()]);
    isOver = true;
    await Promise.all(writers);
    const edits = await Promise.all(editors);
    await reader;
    await drainFeed(room.feed);
    while (!(await readOn()));
    const sequencesOf = (subject: string) =>
      seen
        .filter(({ data }) => (data.subscriberId ?? data.contactId) === subject)
        .map(({ data }) => data.sequence);

    const expected = new Map<string, Record<string, number>>();
    const add = (counts: Count[]) => {
      for (const count of counts) {
        const n = expected.get(countId(count)) ?? {};
        addTo(n, [count]);
        expected.set(countId(count), n);
      }
    };
    const { types } = await room.feed.catalogue();
    let events = 0;
    for (const id of ids) {
      const history = await room.history(id);
      const published = await room.changesOf(id);
      expect(published.map(({ event }) => event.seq)).toEqual(history.events.map(({ seq }) => seq));
      expect(sequencesOf(id)).toEqual(history.events.map(({ seq }) => seq));
      expect(history.subscriber.unpublished).toBeUndefined();
      events += published.length;
      for (const { event, moves } of movesOf(history.events, types))
        add([...countsOf(event, 'UTC'), ...countsOfMoves(moves, event.at, 'UTC')]);
    }
    expect(events).toBeGreaterThan(people * 3);
    for (const [at, { _id }] of contacts.entries()) {
      const published = await room.changesOf(_id);
      expect(published.map(({ event }) => event.seq)).toEqual(published.map((_, index) => index + 1));
      expect(published).toHaveLength(1 + (edits[at] ?? 0));
      expect(sequencesOf(_id)).toEqual(published.map(({ event }) => event.seq));
    }
    const all = await room.models.changes.find({}).sort({ _id: 1 }).lean<Change[]>();
    for (const bucket of buckets) {
      const own = all.filter(({ _id }) => _id.startsWith(`${bucket}:`));
      expect(own.map(({ _id }) => changeNumber(_id))).toEqual(own.map((_, at) => at + 1));
      expect(own.every(({ key }) => bucketOf(key.split(':')[1] ?? '') === bucket)).toBe(true);
    }
    const counts = await room.models.dayCounts.find({}).lean();
    expect(new Map(counts.map(({ _id, n }) => [_id, n]))).toEqual(expected);
  },
  30_000 + kills * 15_000,
);
