/**
 * `kill -9` of the worker, up to five times at random moments while it imports three thousand addresses: totals are exact, each address has one entry, and
 * the undo removes each once. The same with contacts, in fewer kills. `npm run soak` does the same ten times with a hundred thousand.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { undoImport } from '../../src/domain/imports/undo.js';
import type { Subscriber } from '../../src/models/subscriber.js';
import { until } from '../database/servers.js';
import { importPartyOf, openImportRoom } from '../support/import-room.js';
import { openContactImportRoom, withBasis } from '../support/contact-import-room.js';
import { northwind, trailNotes } from '../support/people.js';
import { startKillable } from '../support/killable.js';
import { isSoak } from '../support/soak.js';
import { stop } from '../support/wishes.js';
import { actors } from '../support/judge.js';

const kills = isSoak ? 10 : 5;
const addresses = Number(process.env['SOAK_CONTACTS'] ?? 3000);
const wholeMs = 120_000 + addresses * 30;

it(
  'an import and its undo have exact totals although the worker is killed several times',
  async () => {
    const room = await openImportRoom();
    const names = Array.from({ length: addresses }, (_, index) => `person-${index}@example.com`);
    // Every tenth is opted out already, by staff or by itself; every third is twice in the list.
    const before = names.filter((_, index) => index % 10 === 0).slice(0, 500);
    const stopped = (name: string, index: number) =>
      room.act(room.idOf(name), index % 2 ? actors.staff : actors.oneClick, stop(northwind.id));
    await Promise.all(before.map(stopped));
    const twice = names.filter((_, index) => index % 3 === 0);
    const text = `Email\n${[...names, ...twice, 'nobody'].join('\n')}\n`;
    room.setTime(new Date());
    const killing = new AbortController();
    const killed = killWorkers(room.database.uri, killing.signal);
    onTestFinished(() => killing.abort());

    const { _id: id } = await room.upload(text);
    await room.check(id);
    await until('it is checked', async () => (await room.theImport(id)).state === 'CHECKED', wholeMs);
    const checked = await room.theImport(id);
    expect(checked.counts).toMatchObject({
      ...{ rows: names.length + twice.length + 1, rejected: 1, duplicates: twice.length },
      ...{ distinct: names.length, optedOutBefore: before.length, unknown: names.length - before.length },
    });
    await room.confirmed(checked);
    await until('it is done', async () => (await room.theImport(id)).state === 'DONE', wholeMs);
    const one = await room.theImport(id);
    expect(one.result).toEqual({ changed: names.length - before.length, unchanged: before.length });
    const own = before.filter((_, index) => index % 2 === 0).length;
    expect(await entriesOf(`import:${id}`)).toEqual({ once: names.length - own, more: 0 });

    const undo = await undoImport(room.imports, { id, scope: null }, 'user:1');
    await until('it is undone', async () => (await room.theImport(undo._id)).state === 'DONE', wholeMs);
    expect((await room.theImport(undo._id)).result).toEqual({ changed: names.length - own, unchanged: own });
    expect(await entriesOf(`import:${undo._id}`)).toEqual({ once: names.length - own, more: 0 });
    const left = { [`optOuts.units.${northwind.id}.party`]: importPartyOf(one) };
    expect(await room.models.subscribers.collection.countDocuments(left)).toBe(0);
    expect(await room.models.subscribers.estimatedDocumentCount()).toBe(names.length);
    expect(await room.models.contacts.estimatedDocumentCount()).toBe(0);
    killing.abort();
    // A fast machine is done before the last.
    expect(await killed).toBeGreaterThanOrEqual(isSoak ? kills : 2);

    /** How many subscribers have one event with this reference, and how many have more. */
    async function entriesOf(ref: string) {
      const counts = { once: 0, more: 0 };
      const found = room.models.subscribers.collection.find<Pick<Subscriber, 'events'>>(
        {},
        { projection: { events: 1 } },
      );
      for await (const { events } of found) {
        const own = events.filter(({ actor }) => actor.ref === ref).length;
        if (own > 0) counts[own === 1 ? 'once' : 'more'] += 1;
      }
      return counts;
    }
  },
  wholeMs * 4,
);

it(
  'an import of contacts and its undo have exact totals although the worker is killed',
  async () => {
    const rows = Math.max(1500, addresses / 4);
    const room = await openContactImportRoom();
    room.setTime(new Date());
    const address = (index: number) => `contact-${index}@example.com`;
    for (const index of [0, 500, 1000]) await room.contact({ email: address(index), firstName: 'Old' });
    const lines = Array.from(
      { length: rows },
      (_, index) => `${address(index)},New,${index % 2 ? 'yes' : 'no'}`,
    );
    const checked = await room.prepared([`E-mail,First name,${trailNotes.name}`, ...lines], withBasis);
    const killing = new AbortController();
    const killed = killWorkers(room.database.uri, killing.signal, isSoak ? kills : 2);
    onTestFinished(() => killing.abort());

    await room.confirmed(checked);
    const { _id: id } = checked;
    await until('it is done', async () => (await room.theImport(id)).state === 'DONE', wholeMs);
    const created = rows - 3;
    expect((await room.theImport(id)).contactResult).toMatchObject({
      ...{ rows, created, changed: 3, unchanged: 0, rejected: 0, refusedOptIns: 0 },
      ...{ optIns: Math.floor(rows / 2), optOuts: Math.ceil(rows / 2) },
    });
    const contacts = room.models.contacts.collection;
    expect(await contacts.countDocuments({ firstName: 'New', blankUntil: { $exists: false } })).toBe(rows);
    const acts = { events: { $size: 1 }, 'events.actor.ref': { $regex: `^import:${id}:` } };
    expect(await room.models.subscribers.collection.countDocuments(acts)).toBe(rows);

    const undo = await undoImport(room.imports, { id, scope: null }, 'user:1');
    await until('it is undone', async () => (await room.theImport(undo._id)).state === 'DONE', wholeMs);
    expect((await room.theImport(undo._id)).result).toEqual({ changed: created, unchanged: 0 });
    expect(await contacts.countDocuments({ email: { $ne: null } })).toBe(3);
    killing.abort();
    expect(await killed).toBeGreaterThanOrEqual(1);
  },
  wholeMs * 2,
);

/**
 * Kills the active worker at random moments, each time with another one ready. After the last, one works on. Every third worker gets through a whole
 * step first: a job whose workers all stop before a checkpoint is given up after seven. @returns how many were killed before the work was done
 */
async function killWorkers(uri: string, signal: AbortSignal, most = kills): Promise<number> {
  const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
  let killed = 0;
  while (!signal.aborted) {
    const worker = await startKillable('job-worker-process', [uri, '1000']);
    if (killed < most) {
      for (let steps = killed % 3 === 2 ? 2 : 1; steps > 0; steps--)
        await Promise.race([once(worker.out, 'data'), ended]);
      await sleep(Math.random() * 700);
    } else await ended;
    // The last one is stopped after the work.
    if (!signal.aborted) killed += 1;
    await worker.kill();
  }
  return killed;
}
