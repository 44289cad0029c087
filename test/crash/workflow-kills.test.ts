/**
 * 1,500 contacts go through a workflow of five steps, while workers are killed with `kill -9` at random moments. Two of them work at a time. Each step
 * takes effect once per enrolment, no contact is lost, and the memory of the workers does not grow with the number of contacts. `npm run soak` does
 * the same with 100,000.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { trusted } from 'mongoose';
import { expect, it } from 'vitest';
import { faultsOfHistory } from '../../src/domain/consent/history.js';
import { saveContacts } from '../../src/domain/contacts/save.js';
import { findContactsById } from '../../src/models/contact.js';
import type { Enrolment } from '../../src/models/enrolment.js';
import { findWholeSubscribers } from '../../src/models/find-subscribers.js';
import { blankForm, staff } from '../support/contact-room.js';
import { startKillable } from '../support/killable.js';
import { northwind, productNews } from '../support/people.js';
import { consent, having, onFilter, openWorkflowRoom, property, step } from '../support/workflow-room.js';

const people = Number(process.env['SOAK_CONTACTS'] ?? 1500);
/** Workers that are killed in each of two places. The one after them works to the end, so that its memory is seen over a longer time. */
const killsOfEach = people > 10_000 ? 10 : 2;
/** A worker is killed at one of its first writes. Counted in writes, a busy machine kills it no earlier. */
const mostWrites = Math.max(20, Math.ceil((people * 0.012) / killsOfEach));
const leaseMs = 10_000;
/** Megabytes, for any number of contacts. */
const mostMemory = 300;
/** Contacts that are made, or checked, at a time. */
const part = 1000;

/** @param writes the worker kills itself at this write */
async function startWorker(uri: string, writes: number, tellMemory: (mb: number) => void) {
  const worker = await startKillable('workflow-process', [uri, leaseMs, writes].map(String));
  const note = (lines: Buffer | string) => {
    for (const line of String(lines).trim().split('\n')) tellMemory(Number(line));
  };
  note(worker.said);
  worker.out.on('data', note);
  return worker;
}

it(
  'killed workers lose no contact and repeat no step',
  async () => {
    const room = await openWorkflowRoom();
    const { enrolments, subscribers, contacts, mails } = room.models;
    const steps = [
      property('One', 'yes'),
      consent('OPT_IN'),
      step('SEND_LINK', { unitId: northwind.id }),
      consent('OPT_OUT', productNews.id),
      property('Two', 'yes'),
    ];
    room.setTime(new Date());
    const workflow = await room.workflow({
      trigger: onFilter(having('tier', 'gold')),
      enrolsAgain: true,
      steps,
    });
    const made: string[] = [];
    const deps = { ...room.contacts, clock: () => new Date() };
    while (made.length < people) {
      const rows = Array.from({ length: Math.min(part, people - made.length) }, (_, at) => ({
        form: {
          ...{ ...blankForm, email: `p${made.length + at}@example.com`, unitIds: [northwind.id] },
          properties: { Tier: 'gold' },
        },
      }));
      const saved = await saveContacts(deps, rows, { ...staff, scope: null });
      made.push(...saved.flatMap((one) => ('contact' in one ? [one.contact._id] : [])));
    }

    let done = 0;
    let kills = 0;
    /** The highest in the first and in the second half of the contacts. */
    const memory = { early: 0, late: 0 };
    const tellMemory = (mb: number) => {
      const when = done < people / 2 ? 'early' : 'late';
      memory[when] = Math.max(memory[when], mb);
    };
    const keepCount = async () => {
      while (done < people) {
        const began = performance.now();
        done = await enrolments.countDocuments({ workflowId: workflow._id, state: 'DONE' });
        // Counting must not keep the database busy.
        await sleep(Math.max(300, 10 * (performance.now() - began)));
      }
    };
    const finished = keepCount();
    const place = async () => {
      for (let kill = 0; kill < killsOfEach; kill += 1) {
        const writes = Math.ceil(Math.random() * mostWrites);
        const { exited } = await startWorker(room.database.uri, writes, tellMemory);
        kills += await Promise.race([exited.then(() => 1), finished.then(() => 0)]);
      }
      return startWorker(room.database.uri, Infinity, tellMemory);
    };
    const last = await Promise.all([place(), place()]);
    await finished;
    await Promise.all(last.map(({ kill }) => kill()));
    if (people > 10_000) process.stdout.write(`${JSON.stringify({ kills, memory })}\n`);

    expect(kills).toBeGreaterThan(1);
    expect(memory.late).toBeGreaterThan(0);
    expect(Math.max(memory.early, memory.late)).toBeLessThan(mostMemory);
    for (let from = 0; from < people; from += part) {
      const ids = made.slice(from, from + part);
      const found = new Map((await findContactsById(contacts, ids)).map((one) => [one._id, one]));
      const addresses = [...found.values()].flatMap((one) => one.subscribers.EMAIL ?? []);
      const histories = await findWholeSubscribers(subscribers, addresses);
      const paths = await enrolments.find({ contactId: trusted({ $in: ids }) }).lean<Enrolment[]>();
      expect(paths.map(({ contactId }) => contactId).sort()).toEqual([...ids].sort());
      for (const { _id, contactId, path } of paths) {
        expect(path.map(({ step: id }) => id)).toEqual(steps.map(({ id }) => id));
        const contact = found.get(contactId);
        expect(contact?.properties).toMatchObject({ One: 'yes', Two: 'yes' });
        const subscriber = histories.get(contact?.subscribers.EMAIL ?? '');
        expect(subscriber?.events.map(({ actor }) => actor.ref)).toEqual([
          `workflow:${_id}:${steps[1]?.id}`,
          `workflow:${_id}:${steps[3]?.id}`,
        ]);
        if (subscriber) expect(faultsOfHistory({ subscriber, events: subscriber.events })).toEqual([]);
      }
    }
    expect(await enrolments.countDocuments({})).toBe(people);
    expect(await subscribers.countDocuments({})).toBe(people);
    expect(await mails.countDocuments({ kind: 'PREFERENCES_LINK' })).toBe(people);
  },
  Math.max(600_000, people * 30),
);
