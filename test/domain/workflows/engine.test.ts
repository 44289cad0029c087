/** The engine of workflows: who is enrolled, how often, and who leaves, also if processes are killed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteContact } from '../../../src/domain/contacts/delete.js';
import { emptyPlan, type Plan } from '../../../src/domain/workflows/plan.js';
import { runDueEnrolments } from '../../../src/domain/workflows/run.js';
import { queueNewDays } from '../../../src/domain/workflows/update.js';
import {
  pauseWorkflow,
  publish,
  resumeWorkflow,
  saveDraft,
  turnOff,
} from '../../../src/domain/workflows/workflows.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Workflow } from '../../../src/models/workflow.js';
import { crashing } from '../../support/crashing.js';
import { actors } from '../../support/judge.js';
import { fjell, northwind, productNews, trailNotes } from '../../support/people.js';
import {
  gold,
  having,
  onFilter,
  openWorkflowRoom,
  peopleIn,
  property,
  wait,
} from '../../support/workflow-room.js';

const room = await openWorkflowRoom();
beforeEach(() => room.reset());

const { somebody, becomes, statesOf, enrolledIn, greeted } = peopleIn(room);

describe('enrolment by a filter', () => {
  it('enrols a contact when it starts to meet the filter, and not those that met it before', async () => {
    const before = await somebody('gold');
    const workflow = await room.workflow(gold);
    const later = await somebody();
    await room.work();
    expect(await statesOf(workflow)).toEqual([]);
    await becomes(later, 'gold');
    await room.edit(before, { firstName: 'Sam' });
    await room.work();
    expect((await room.enrolments(workflow)).map(({ contactId, state }) => [contactId, state])).toEqual([
      [later._id, 'DONE'],
    ]);
    expect([await greeted(before), await greeted(later)]).toEqual([undefined, 'yes']);
  });

  it('enrols those that meet the filter at the activation, if staff choose that', async () => {
    const contacts = [await somebody('gold'), await somebody('gold'), await somebody('silver')];
    const workflow = await room.workflow(gold, { enrolsNow: true });
    await room.work();
    expect(await statesOf(workflow)).toEqual(['DONE', 'DONE']);
    expect(await Promise.all(contacts.map(greeted))).toEqual(['yes', 'yes', undefined]);
  });

  it('enrols at a later publishing those who were left out before, and nobody again', async () => {
    const left = await somebody('gold');
    const workflow = await room.workflow({ ...gold, enrolsAgain: true });
    const enrolled = await somebody('gold');
    await room.work();
    await room.republish(workflow, { ...gold, enrolsAgain: true }, { enrolsNow: true });
    await room.work();
    expect(await enrolledIn(workflow)).toEqual([left._id, enrolled._id].sort());
  });

  it.each([
    [[false, false], 1],
    [[true, true], 2],
    [[true, false], 1],
    [[false, true], 2],
    [[true, false, true, false], 1],
  ])(
    'with re-enrolment %j in its versions, a contact that leaves and returns has %i enrolments',
    async (versions, count) => {
      const [first = false, ...later] = versions;
      const workflow = await room.workflow({ ...gold, enrolsAgain: first });
      const contact = await somebody('gold');
      await room.work();
      await becomes(contact, 'silver');
      await room.work();
      await pauseWorkflow(room.run, await room.the(workflow));
      await resumeWorkflow(room.run, await room.the(workflow));
      for (const enrolsAgain of later) await room.republish(workflow, { ...gold, enrolsAgain });
      await becomes(contact, 'gold');
      await room.work();
      await room.work();
      expect(await statesOf(workflow)).toEqual(Array.from({ length: count }, () => 'DONE'));
    },
  );

  it('enrols those who start to meet the filter while it is paused, and runs their steps after that', async () => {
    const workflow = await room.workflow(gold);
    await pauseWorkflow(room.run, workflow);
    const contact = await somebody('gold');
    await room.work();
    expect(await statesOf(workflow)).toEqual(['ACTIVE']);
    expect(await greeted(contact)).toBeUndefined();
    await resumeWorkflow(room.run, await room.the(workflow));
    await room.work();
    expect(await greeted(contact)).toBe('yes');
  });

  it('reaches no contact of another unit', async () => {
    const workflow = await room.workflow(gold, { unitIds: [northwind.id] });
    await somebody('gold', [fjell.id]);
    await room.work();
    expect(await room.enrolments(workflow)).toEqual([]);
  });

  it('enrols each contact once, wherever the process that evaluates is killed', async () => {
    const workflow = await room.workflow({ ...gold, enrolsAgain: true });
    const contact = await somebody('gold');
    for (let writes = 0; ; writes++) {
      const isDone = await room.work({ models: crashing(room.models, writes) }).then(
        () => true,
        () => false,
      );
      await room.endLeases();
      if (isDone) break;
    }
    expect(await statesOf(workflow)).toEqual(['DONE']);
    expect(await greeted(contact)).toBe('yes');
  });
});

describe('enrolment by an event', () => {
  it('enrols contacts that opt out of a type, of the type itself or of all', async () => {
    const workflow = await room.workflow({
      ...gold,
      trigger: { kind: 'EVENT', event: 'OPTED_OUT', of: String(trailNotes.id), listId: '' },
    });
    const [one, other, third] = [await somebody(), await somebody(), await somebody()];
    const idOf = ({ subscribers }: Contact) => subscribers.EMAIL ?? '';
    await room.act(idOf(one), actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await room.act(idOf(other), actors.freshContact, { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id });
    await room.act(idOf(third), actors.oneClick, { kind: 'OPT_OUT', typeId: productNews.id });
    await room.work();
    expect(await enrolledIn(workflow)).toEqual([one._id, other._id].sort());
  });

  it('enrols a created contact, and nobody for events from before the activation', async () => {
    await somebody();
    room.setTime(new Date('2026-03-02T13:00:00Z'));
    const workflow = await room.workflow({
      ...gold,
      trigger: { kind: 'EVENT', event: 'CREATED', of: '', listId: '' },
    });
    const contact = await somebody();
    await room.work();
    expect(await enrolledIn(workflow)).toEqual([contact._id]);
    room.setTime(new Date('2026-03-02T12:00:00Z'));
  });
});

describe('leaving', () => {
  const waiting: Partial<Plan> = { ...gold, steps: [wait(5, 'DAYS'), property('Greeted', 'yes')] };

  it('takes out a contact that meets the goal, and one that no longer meets the trigger', async () => {
    const goal = having('tier', 'platinum');
    const workflow = await room.workflow({ ...waiting, goal, leavesWhenUnmet: true });
    const [one, other] = [await somebody('gold'), await somebody('gold')];
    await room.work();
    await becomes(one, 'platinum');
    await becomes(other, 'silver');
    await room.work();
    const reasons = new Map((await room.enrolments(workflow)).map((each) => [each.contactId, each.reason]));
    expect([reasons.get(one._id), reasons.get(other._id)]).toEqual(['GOAL', 'TRIGGER_UNMET']);
  });

  it('takes out a deleted contact', async () => {
    const workflow = await room.workflow(waiting);
    const contact = await somebody('gold');
    await room.work();
    await deleteContact(room.contacts, { scope: null, contactId: contact._id });
    await room.work();
    expect(await room.enrolments(workflow)).toMatchObject([{ state: 'LEFT', reason: 'NO_CONTACT' }]);
  });

  it('takes out everybody when the workflow is turned off', async () => {
    const workflow = await room.workflow(waiting);
    await somebody('gold');
    await room.work();
    await turnOff(room.run, await room.the(workflow));
    await room.runJobs();
    expect(await room.enrolments(workflow)).toMatchObject([{ state: 'LEFT', reason: 'OFF' }]);
  });
});

describe('a job of a workflow that comes late', () => {
  const again = async (workflow: Workflow, plan: Partial<Plan>) => {
    await saveDraft(room.run, await room.the(workflow), { ...emptyPlan, ...plan });
    await publish(room.run, await room.the(workflow), { enrolsNow: false, moves: false, by: 'user:1' });
    room.setTime(new Date('2026-03-02T12:00:01Z'));
  };
  afterEach(() => room.setTime(new Date('2026-03-02T12:00:00Z')));

  it('takes out nobody that was enrolled after the workflow was activated again', async () => {
    const plan = { ...gold, steps: [wait(1, 'DAYS')] };
    const workflow = await room.workflow(plan);
    await somebody('gold');
    await room.work();
    await turnOff(room.run, await room.the(workflow));
    await again(workflow, plan);
    await somebody('gold');
    await room.work();
    await room.runJobs();
    const all = await room.enrolments(workflow);
    expect(all.map(({ version, state }) => [version, state]).sort()).toEqual([
      [1, 'LEFT'],
      [2, 'ACTIVE'],
    ]);
  });

  it('misses no contact that was created after the activation', async () => {
    const workflow = await room.workflow({ trigger: { kind: 'BY_HAND' }, steps: [wait(1, 'DAYS')] });
    const before = await somebody('gold');
    await again(workflow, gold);
    const after = await somebody('gold');
    await room.edit(before, { firstName: 'Sam' });
    await room.work();
    await room.runJobs();
    expect(await enrolledIn(workflow)).toEqual([after._id]);
  });

  it.each(['START', 'OFF'])('is queued if the process stopped before it queued it: %s', async (what) => {
    const workflow = await room.workflow({ ...gold, steps: [wait(1, 'DAYS')] });
    await somebody('gold');
    await room.work();
    if (what === 'OFF') await turnOff(room.run, await room.the(workflow));
    else await again(workflow, { ...gold, trigger: onFilter(having('tier', 'silver')) });
    await room.models.jobs.deleteMany({ state: 'QUEUED' });
    await queueNewDays(room.run);
    await room.runJobs();
    expect((await room.the(workflow)).state).toBe(what === 'OFF' ? 'OFF' : 'ACTIVE');
    expect(await statesOf(workflow)).toEqual([what === 'OFF' ? 'LEFT' : 'ACTIVE']);
  });
});

describe('versions', () => {
  it.each([
    [false, undefined],
    [true, 'yes'],
  ])('with moving %s, contacts under way take the step of the new version: %s', async (moves, expected) => {
    const [pause, old] = [wait(1, 'DAYS'), property('Old', 'yes')];
    const workflow = await room.workflow({ ...gold, steps: [pause, old] });
    const contact = await somebody('gold');
    await room.work();
    await room.republish(workflow, { ...gold, steps: [pause, property('New', 'yes')] }, { moves });
    room.setTime(new Date('2026-03-03T12:00:00Z'));
    await room.work();
    room.setTime(new Date('2026-03-02T12:00:00Z'));
    const properties = (await room.stored(contact._id))?.properties ?? {};
    expect([properties['New'], properties['Old']]).toEqual([expected, moves ? undefined : 'yes']);
  });

  it('a contact that meets only the trigger of the old version starts to meet that of the new one later', async () => {
    const workflow = await room.workflow({ ...gold, enrolsAgain: true });
    const contact = await somebody('gold');
    await room.work();
    // The steps change the contact, and the feed evaluates it once more.
    await room.work();
    const silver = onFilter(having('Tier', 'silver'));
    await room.republish(workflow, { ...gold, trigger: silver, enrolsAgain: true });
    await room.work();
    await becomes(contact, 'silver');
    await room.work();
    expect(await statesOf(workflow)).toEqual(['DONE', 'DONE']);
  });
});

it('batches of a workflow that run at the same time take each contact through each step once, and count each step', async () => {
  const contacts = await Promise.all(Array.from({ length: 11 }, () => somebody('gold')));
  const plan = { ...gold, steps: [property('Greeted', 'yes'), property('Thanked', 'yes')] };
  const workflow = await room.workflow(plan, { enrolsNow: true });
  expect(await runDueEnrolments(room.run, { batch: 2 })).toBe(22);
  for (const { path, state } of await room.enrolments(workflow))
    expect([state, ...path.map(({ outcome }) => outcome)]).toEqual(['DONE', 'DONE', 'DONE']);
  // The contact as it was made, and its two changes.
  for (const { _id } of contacts) expect((await room.stored(_id))?.version).toBe(3);
});

it('workflows that start each other are stopped after some rounds, and the history shows it', async () => {
  const tier = (from: string, to: string): Partial<Plan> => ({
    ...{ trigger: onFilter(having('tier', from)), enrolsAgain: true, steps: [property('Tier', to)] },
  });
  const there = await room.workflow(tier('gold', 'silver'));
  const back = await room.workflow(tier('silver', 'gold'));
  await somebody('gold');
  for (let round = 0; round < 13; round++) await room.work();
  const all = [...(await room.enrolments(there)), ...(await room.enrolments(back))];
  expect(all.filter(({ state }) => state === 'DONE')).toHaveLength(11);
  expect(all.filter(({ reason }) => reason === 'LOOP')).toHaveLength(1);
});
