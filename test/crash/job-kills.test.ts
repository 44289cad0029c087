/**
 * `kill -9` of a worker during bulk edits of a thousand contacts, once in each of four: nothing is lost or doubled, and the report is
 * true. `npm run soak` does the same ten times with a hundred thousand.
 */
import { ownStatus } from '../../src/domain/consent/effective.js';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { faultsOfHistory } from '../../src/domain/consent/history.js';
import type { BulkEdit } from '../../src/domain/contacts/bulk/bulk-edit.js';
import { findWholeSubscribers } from '../../src/models/find-subscribers.js';
import type { Subscriber } from '../../src/models/subscriber.js';
import { until } from '../database/servers.js';
import { openBulkRoom } from '../support/bulk-room.js';
import type { BulkRoom } from '../support/bulk-room.js';
import { actors, given } from '../support/judge.js';
import { startKillable, type Killable } from '../support/killable.js';
import { trailNotes } from '../support/people.js';

const soaked = process.env['SOAK_CONTACTS'];
/** One in each edit. An even number: the last edit opts in. */
const kills = soaked ? 10 : 4;
const crowdSize = Number(soaked ?? 1000);
/** How long one phase of a job, and the whole job, may take before the test fails. */
const phaseMs = Math.max(60_000, crowdSize * 6);
const wholeMs = 4 * phaseMs + kills * phaseMs;
/** A living worker must renew its lease in time on a busy machine: a job that loses it eight times at one place is dead. */
const leaseMs = 3000;

function edit(round: number): BulkEdit {
  return {
    selection: { kind: 'FILTER', filter: { any: [] }, search: '' },
    channel: 'EMAIL',
    typeIds: [trailNotes.id],
    status: round % 2 === 0 ? 'OPT_OUT' : 'OPT_IN',
    hasOptOutOfAllRemoved: false,
    legalBasis: 'CONSENT_WITH_NOTICE',
    processingBasis: null,
    explanation: given.explanation,
  };
}

const inState = async (room: BulkRoom, id: string, state: string) =>
  until(`${id} is ${state}`, async () => (await room.the(id)).state === state, phaseMs);

it(
  'each bulk edit is done once by two workers although the active one is killed at random',
  async () => {
    const room = await openBulkRoom();
    const members = await room.crowd(crowdSize);
    const leavers = new Set<string>();
    const startWorker = () => startKillable('job-worker-process', [room.database.uri, String(leaseMs)]);
    let workers: Killable[] = await Promise.all([startWorker(), startWorker()]);
    for (let round = 0; round < kills; round++) {
      room.setTime(new Date());
      const id = `round-${round}`;
      await room.queue({ id, kind: 'BULK_EDIT', input: edit(round) });
      await inState(room, id, 'WAITING');
      await room.confirm(id);
      const replacement = startWorker();
      const holder = await Promise.race(
        workers.map(async (worker) => {
          await once(worker.out, 'data');
          return worker;
        }),
      );
      // Some contacts opt out during the job, some before their turn and some after.
      const leaving = Array.from({ length: 5 }, async () => {
        const { subscriberId } = members[Math.floor(Math.random() * crowdSize)] ?? { subscriberId: '' };
        await sleep(Math.random() * 600);
        await room.act(subscriberId, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
        leavers.add(subscriberId);
      });
      await sleep(Math.random() * 700);
      await holder.kill();
      workers = [...workers.filter((worker) => worker !== holder), await replacement];
      await Promise.all(leaving);
      await inState(room, id, 'DONE');
    }
    const told: string[][] = [];
    for (let round = 0; round < kills; round++) told.push(await outcomesOf(room, `round-${round}`, members));
    expect(await room.models.subscribers.estimatedDocumentCount()).toBe(crowdSize);
    // As many at a time as one batch of the database, however large the crowd.
    for (let from = 0; from < crowdSize; from += 1000) {
      const ids = members.slice(from, from + 1000).map(({ subscriberId }) => subscriberId);
      const found = await findWholeSubscribers(room.models.subscribers, ids);
      ids.forEach((id, at) => {
        const subscriber = found.get(id);
        if (!subscriber) throw new Error(`${id} is gone.`);
        checkOne(
          subscriber,
          told.map((outcomes) => outcomes[from + at] ?? ''),
          leavers.has(id),
        );
      });
    }
  },
  wholeMs,
);

/** What a job reports for each contact, in order. Its own totals must agree. */
async function outcomesOf(room: BulkRoom, id: string, members: { contactId: string }[]): Promise<string[]> {
  const { counts, done, total } = await room.the(id);
  const rows = await room.rows(id);
  expect(rows.map(({ contactId }) => contactId)).toEqual(members.map(({ contactId }) => contactId));
  expect({ done, total }).toEqual({ done: crowdSize, total: crowdSize });
  expect(counts.changed + counts.unchanged + counts.refused).toBe(crowdSize);
  const outcomes = rows.map((row) => row.outcomes[0] ?? '');
  expect(counts.changed).toBe(outcomes.filter((outcome) => outcome === 'CHANGED').length);
  return outcomes;
}

/** @param outcomes what the job of each round reports for this contact */
function checkOne(subscriber: Subscriber, outcomes: string[], hasLeft: boolean): void {
  const own = outcomes.map((_, round) => eventsBy(subscriber, `job:round-${round}`));
  expect(own, 'one event for a change that is told of, none for anything else').toEqual(
    outcomes.map((outcome) => (outcome === 'CHANGED' ? 1 : 0)),
  );
  expect(faultsOfHistory({ subscriber, events: subscriber.events })).toEqual([]);
  const status = ownStatus(subscriber, trailNotes.id);
  // Staff's opt-out of an earlier round stays next to the contact's own.
  if (hasLeft)
    return expect(subscriber.optOuts.types[trailNotes.id]).toContainEqual(
      expect.objectContaining({ by: 'ONE_CLICK', party: 'CONTACT' }),
    );
  expect(outcomes.every((outcome) => outcome === 'CHANGED')).toBe(true);
  expect(status).toBe('SUBSCRIBED');
}

function eventsBy({ events }: Subscriber, ref: string): number {
  return events.filter(({ actor }) => actor.ref === ref).length;
}
