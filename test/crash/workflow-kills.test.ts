/**
 * Contacts go through a workflow of five steps, while two workers are killed with `kill -9` at random moments. Each step takes effect once per
 * enrolment, no contact is lost, and the memory of the workers does not grow with the number of contacts. `SOAK_CONTACTS` makes it longer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { saveContacts } from '../../src/domain/contacts/save.js';
import { startKillable } from '../support/killable.js';
import { blankForm, staff } from '../support/contact-room.js';
import { northwind, productNews } from '../support/people.js';
import { consent, having, onFilter, openWorkflowRoom, property, step } from '../support/workflow-room.js';

const people = Number(process.env['SOAK_CONTACTS'] ?? 80);
/** Megabytes, for any number of contacts. */
const mostMemory = 400;
let memory = 0;
const leaseMs = 3000;

async function startWorker(uri: string) {
  const worker = await startKillable('workflow-process', [uri, String(leaseMs)]);
  const note = (lines: Buffer | string) => {
    memory = Math.max(memory, ...String(lines).split('\n').map(Number));
  };
  note(worker.said);
  worker.out.on('data', note);
  return worker;
}

it(
  'killed workers lose no contact and repeat no step',
  async () => {
    const room = await openWorkflowRoom();
    onTestFinished(() => room.close());
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
    const rows = Array.from({ length: people }, (_, at) => ({
      form: {
        ...blankForm,
        email: `p${at}@example.com`,
        unitIds: [northwind.id],
        properties: { Tier: 'gold' },
      },
    }));
    await saveContacts({ ...room.contacts, clock: () => new Date() }, rows, { ...staff, scope: null });
    const { enrolments, subscribers, mails } = room.models;
    const isDone = async () =>
      (await enrolments.countDocuments({ workflowId: workflow._id, state: 'DONE' })) === people;
    let kills = 0;
    const slot = async () => {
      while (!(await isDone())) {
        const { kill } = await startWorker(room.database.uri);
        const untilMs = people > 1000 ? 20_000 : 1500;
        // Every third one may work on, so that the end comes.
        for (let waited = 0; waited < (kills % 3 === 2 ? 10 : 1) * untilMs * Math.random(); waited += 200) {
          if (await isDone()) break;
          await sleep(200);
        }
        await kill();
        kills += 1;
      }
    };
    await Promise.all([slot(), slot()]);
    expect(kills).toBeGreaterThan(1);
    expect(memory).toBeGreaterThan(0);
    expect(memory).toBeLessThan(mostMemory);
    for await (const { path, _id, contactId } of enrolments
      .find({ workflowId: workflow._id })
      .lean()
      .cursor()) {
      expect(path.map(({ step: id }) => id)).toEqual(steps.map(({ id }) => id));
      const contact = await room.stored(contactId);
      expect(contact?.properties).toMatchObject({ One: 'yes', Two: 'yes' });
      const { events } = await room.history(contact?.subscribers.EMAIL ?? '');
      expect(events.map(({ actor }) => actor.ref)).toEqual([
        `workflow:${_id}:${steps[1]?.id}`,
        `workflow:${_id}:${steps[3]?.id}`,
      ]);
    }
    expect(await enrolments.countDocuments({})).toBe(people);
    expect(await subscribers.countDocuments({})).toBe(people);
    expect(await mails.countDocuments({ kind: 'PREFERENCES_LINK' })).toBe(people);
  },
  Math.max(120_000, people * 200),
);
