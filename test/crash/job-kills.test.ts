/**
 * `kill -9` of a worker amid a bulk edit of five thousand contacts, ten times: nothing is lost, nothing twice, and the account is true. `npm run soak`
 * does the same with a hundred thousand.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { faultsOfHistory } from '../../src/domain/consent/history.js';
import type { BulkEdit } from '../../src/domain/contacts/bulk/bulk-edit.js';
import type { Subscriber } from '../../src/models/subscriber.js';
import { until } from '../database/servers.js';
import { openBulkRoom } from '../support/bulk-room.js';
import type { BulkRoom } from '../support/bulk-room.js';
import { actors, given } from '../support/judge.js';
import { trailNotes } from '../support/people.js';

const kills = 10;
const crowdSize = Number(process.env['SOAK_CONTACTS'] ?? 5000);
/** How long a phase of a job may take before it is taken to hang, and the whole. */
const phaseMs = Math.max(60_000, crowdSize * 6);
const wholeMs = 4 * phaseMs + kills * phaseMs;
const leaseMs = 1000;

interface Worker {
  /** Settles at its next step. */
  nextStep: () => Promise<unknown>;
  kill: () => Promise<void>;
}

async function startWorker(uri: string): Promise<Worker> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, '../support/job-worker-process.ts'), uri, String(leaseMs)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const out = child.stdout;
  if (!out) throw new Error('The worker says nothing.');
  await once(out, 'data');
  return { nextStep: () => once(out, 'data'), kill };
}

function edit(round: number): BulkEdit {
  return {
    selection: { kind: 'FILTER', facets: [], search: '' },
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
  'two workers, of which the one that has the job is killed at a random moment, ten times over',
  async () => {
    const room = await openBulkRoom();
    onTestFinished(() => room.close());
    const members = await room.crowd(crowdSize);
    const leavers = new Set<string>();
    let workers: Worker[] = await Promise.all([
      startWorker(room.database.uri),
      startWorker(room.database.uri),
    ]);
    for (let round = 0; round < kills; round++) {
      room.setTime(new Date());
      const id = `round-${round}`;
      await room.queue({ id, kind: 'BULK_EDIT', input: edit(round) });
      await inState(room, id, 'WAITING');
      await room.confirm(id);
      const replacement = startWorker(room.database.uri);
      const holder = await Promise.race(
        workers.map(async (worker) => {
          await worker.nextStep();
          return worker;
        }),
      );
      // Some leave while it is under way, some of them before their turn and some after.
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
    const subscribers = await room.models.subscribers.find({}).lean<Subscriber[]>();
    expect(subscribers).toHaveLength(crowdSize);
    const bySubscriber = new Map(subscribers.map((subscriber) => [subscriber._id, subscriber]));
    for (let round = 0; round < kills; round++) {
      const id = `round-${round}`;
      const { counts, done, total } = await room.the(id);
      const rows = await room.rows(id);
      expect(rows.map(({ contactId }) => contactId)).toEqual(members.map(({ contactId }) => contactId));
      expect({ done, total }).toEqual({ done: crowdSize, total: crowdSize });
      expect(counts.changed + counts.unchanged + counts.refused).toBe(crowdSize);
      expect(counts.changed).toBe(rows.filter(({ outcomes }) => outcomes[0] === 'CHANGED').length);
      const untrue = rows.filter(({ subscriberId, outcomes }) => {
        const events = bySubscriber.get(subscriberId ?? '')?.events ?? [];
        const own = events.filter(({ actor }) => actor.ref === `job:${id}`).length;
        return own !== (outcomes[0] === 'CHANGED' ? 1 : 0);
      });
      expect(
        untrue,
        'one event for each contact that is told to have changed, and none for the others',
      ).toEqual([]);
      const stayed = rows.filter(({ subscriberId }) => !leavers.has(subscriberId ?? ''));
      expect(stayed.filter(({ outcomes }) => outcomes[0] !== 'CHANGED')).toEqual([]);
    }
    for (const subscriber of subscribers) {
      expect(faultsOfHistory({ subscriber, events: subscriber.events })).toEqual([]);
      const { status, by } = subscriber.statuses[trailNotes.id] ?? {};
      if (leavers.has(subscriber._id))
        expect({ status, by }).toEqual({ status: 'UNSUBSCRIBED', by: 'ONE_CLICK' });
      else expect(status).toBe('SUBSCRIBED');
      // What a worker had written and not yet followed up is followed up by whoever took the chunk.
      if (!leavers.has(subscriber._id)) expect(subscriber.isUnprojected).toBeUndefined();
    }
  },
  wholeMs,
);
