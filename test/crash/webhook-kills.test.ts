/**
 * Two workers at once deliver webhooks, and are killed with `kill -9` at random moments, while one in five calls fails. Every event arrives, signed, and
 * in the order of its subscriber. `SOAK_KILLS` makes it longer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startKillable } from '../support/killable.js';
import { actors } from '../support/judge.js';
import { trailNotes } from '../support/people.js';
import { verified, type GotWebhook } from '../support/receiver.js';
import { openWebhookRoom, sequences } from '../support/webhook-room.js';

const rounds = Math.ceil(Number(process.env['SOAK_KILLS'] ?? 4) / 2);
const people = 6;

it(
  'killed workers lose no event, and keep the order of each subscriber',
  async () => {
    const room = await openWebhookRoom();
    room.setTime(new Date());
    const { id: endpointId, secret } = await room.endpoint();
    const ids = await Promise.all(Array.from({ length: people }, () => room.somebody()));
    const taken: GotWebhook[] = [];
    let isOver = false;
    room.receiver.answer((got, response) => {
      const isTaken = isOver || Math.random() > 0.2;
      if (isTaken) taken.push(got);
      setTimeout(() => response.writeHead(isTaken ? 200 : 500).end(), Math.random() * 20);
    });
    let whileKilled = 0;
    for (let round = 0; round < rounds; round++) {
      for (const id of ids)
        for (const kind of ['OPT_OUT', 'OPT_IN', 'OPT_OUT', 'OPT_IN'] as const)
          await room.act(id, actors.freshContact, { kind, typeId: trailNotes.id });
      // As if the leases of the killed workers, and the waits of failed deliveries, were over.
      await room.passTime();
      const program = 'webhook-process';
      const workers = await Promise.all(
        [1, 2].map(() => startKillable(program, [room.database.uri, endpointId])),
      );
      const before = taken.length;
      while (taken.length === before) await sleep(5);
      await Promise.all(
        workers.map(async ({ kill }) => {
          await sleep(Math.random() * 150);
          await kill();
        }),
      );
      whileKilled += taken.length - before;
    }
    const unfinished = () => room.models.webhookDeliveries.countDocuments({ state: 'QUEUED' });
    const left = await unfinished();
    isOver = true;
    do {
      await room.passTime();
      await room.work(endpointId);
    } while ((await unfinished()) > 0);
    for (const id of ids) {
      const { events } = await room.history(id);
      // Delivery is at least once: a receiver leaves out what it has taken already.
      const first = [...new Set(sequences(taken, id))];
      expect(first).toEqual(events.map(({ seq }) => seq));
    }
    for (const got of taken) verified(secret, got);
    expect([whileKilled > 0, left > 0], 'kills came in the middle of the work').toEqual([true, true]);
  },
  60_000 + rounds * 20_000,
);
