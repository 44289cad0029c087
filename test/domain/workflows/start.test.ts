/** The start of a workflow: contacts that change while a job notes who meets the trigger, pausing, cancelled jobs, and jobs that were lost. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createList, deleteList } from '../../../src/domain/lists/lists.js';
import { conditionKinds } from '../../../src/domain/filters/registry.js';
import { emptyPlan, type Plan } from '../../../src/domain/workflows/plan.js';
import { fieldsOfCondition } from '../../../src/domain/workflows/relevance.js';
import { queueNewDays } from '../../../src/domain/workflows/update.js';
import {
  createWorkflow,
  pauseWorkflow,
  publish,
  resumeWorkflow,
  saveDraft,
  turnOff,
} from '../../../src/domain/workflows/workflows.js';
import type { Workflow } from '../../../src/models/workflow.js';
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
let seconds = 0;
/** Each act of a test has its own time. */
const later = () => room.setTime(new Date(Date.parse('2026-03-02T12:00:00Z') + ++seconds * 1000));
beforeEach(async () => {
  await room.reset();
  later();
});

const { somebody, becomes, statesOf, enrolledIn } = peopleIn(room);

/** A workflow whose start is queued, and has not run. */
async function starting(plan: Partial<Plan>, enrolsNow = false): Promise<Workflow> {
  const _id = await createWorkflow(room.run, { name: 'Start', unitIds: null, by: 'user:1' });
  await saveDraft(room.run, await room.the({ _id }), { ...emptyPlan, ...plan });
  await publish(room.run, await room.the({ _id }), { enrolsNow, moves: false, by: 'user:1' });
  later();
  return room.the({ _id });
}

describe('contacts that change while a workflow starts', () => {
  it.each(['before', 'after'])(
    'are enrolled if they begin to meet the trigger, and the feed comes %s the job',
    async (order) => {
      const [met, begins, again] = [await somebody('gold'), await somebody(), await somebody('gold')];
      await room.work();
      later();
      const workflow = await starting(gold);
      expect(workflow.state).toBe('STARTING');
      // One that meets the trigger already, and is changed in something else, is still left out.
      await room.edit(met, { firstName: 'Sam' });
      await room.edit(begins, { firstName: 'Kim' });
      await becomes(begins, 'gold');
      if (order === 'before') await room.work();
      await room.runJobs();
      later();
      await room.work();
      expect((await room.the(workflow)).state).toBe('ACTIVE');
      expect(await enrolledIn(workflow)).toEqual([begins._id]);
      // Later changes of those that were left out enrol nobody, and nobody is enrolled twice.
      await becomes(again, 'gold');
      await room.edit(again, { firstName: 'Lou' });
      await room.work();
      expect(await enrolledIn(workflow)).toEqual([begins._id]);
    },
  );

  it('every kind of condition names the fields that it reads', () => {
    for (const { id } of conditionKinds) {
      const fields = fieldsOfCondition({ on: id, of: 'tier' });
      expect(fields.includes('ANY'), id).toBe(['updated', 'list'].includes(id));
    }
  });
});

describe('a workflow that starts', () => {
  it('can be paused: its start goes on, and no step runs', async () => {
    const contact = await somebody('gold');
    const workflow = await starting(gold, true);
    await pauseWorkflow(room.run, workflow);
    await room.runJobs();
    await room.work();
    expect(await room.the(workflow)).toMatchObject({ state: 'PAUSED', startJob: null });
    expect(await statesOf(workflow)).toEqual(['ACTIVE']);
    await resumeWorkflow(room.run, await room.the(workflow));
    await room.work();
    expect((await room.the(workflow)).state).toBe('ACTIVE');
    expect((await room.stored(contact._id))?.properties['Greeted']).toBe('yes');
  });

  it('is paused if its job is cancelled, and resuming it begins the start anew', async () => {
    const left = await somebody('gold');
    const workflow = await starting(gold);
    await room.models.jobs.updateMany({}, { $set: { state: 'CANCELLED' } });
    await queueNewDays(room.run);
    const paused = await room.the(workflow);
    expect(paused.state).toBe('PAUSED');
    await resumeWorkflow(room.run, paused);
    expect((await room.the(workflow)).state).toBe('STARTING');
    await room.runJobs();
    expect((await room.the(workflow)).state).toBe('ACTIVE');
    await room.edit(left, { firstName: 'Sam' });
    await room.work();
    expect(await statesOf(workflow)).toEqual([]);
  });

  it('enrols nobody more once it is turned off', async () => {
    await Promise.all(Array.from({ length: 3 }, () => somebody('gold')));
    const workflow = await starting(gold, true);
    await turnOff(room.run, workflow);
    await room.runJobs();
    expect(await room.the(workflow)).toMatchObject({ state: 'OFF', startJob: null });
    expect(await statesOf(workflow)).toEqual([]);
  });

  it('starts anew if another version is published meanwhile', async () => {
    const before = await somebody('gold');
    const workflow = await starting(gold);
    await saveDraft(room.run, workflow, { ...emptyPlan, ...gold, steps: [property('Other', 'yes')] });
    await publish(room.run, await room.the(workflow), { enrolsNow: false, moves: false, by: 'user:1' });
    await room.runJobs();
    expect(await room.the(workflow)).toMatchObject({ state: 'ACTIVE', version: 2 });
    later();
    await room.edit(before, { firstName: 'Sam' });
    await room.work();
    expect(await statesOf(workflow)).toEqual([]);
  });
});

it('jobs that were lost before they were queued are queued by a worker', async () => {
  const workflow = await starting(gold, true);
  await somebody('gold');
  await room.models.jobs.deleteMany({});
  await queueNewDays(room.run);
  await room.runJobs();
  expect((await room.the(workflow)).state).toBe('ACTIVE');
  const waits = wait(1, 'DAYS');
  const second = await room.workflow({ ...gold, steps: [waits] });
  await somebody('gold');
  await room.work();
  await saveDraft(room.run, await room.the(second), {
    ...emptyPlan,
    ...gold,
    steps: [waits, wait(2, 'DAYS')],
  });
  await publish(room.run, await room.the(second), { enrolsNow: false, moves: true, by: 'user:1' });
  await room.models.jobs.deleteMany({});
  await queueNewDays(room.run);
  await room.runJobs();
  expect((await room.enrolments(second)).map(({ version }) => version)).toEqual([2]);
  expect((await room.the(second)).movesTo).toBeNull();
});

it('a list that the draft names is there when it is published, whatever else happens at that moment', async () => {
  const made = await createList(room.run, {
    ...{ name: 'Never', kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
  });
  if (!('list' in made)) expect.fail('no list');
  const _id = await createWorkflow(room.run, { name: 'With a list', unitIds: null, by: 'user:1' });
  const plan: Partial<Plan> = {
    trigger: onFilter(having('tier', 'gold')),
    ...{ steps: [wait(1, 'DAYS')], suppression: { listIds: [made.list._id] } },
  };
  // The draft is saved and published while the deletion looks for uses of the list.
  const [published, deleted] = await Promise.allSettled([
    (async () => {
      await saveDraft(room.run, await room.the({ _id }), { ...emptyPlan, ...plan });
      await publish(room.run, await room.the({ _id }), { enrolsNow: false, moves: false, by: 'user:1' });
    })(),
    deleteList(room.run, made.list),
  ]);
  expect(deleted.status).toBe('fulfilled');
  const isThere = (await room.models.lists.exists({ _id: made.list._id })) !== null;
  expect(published.status === 'fulfilled').toBe(isThere);
});
