/** Workflows and lists, filters that time alone makes true, waits where clocks change, and webhooks with a real server. */
import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { allOf } from '../../../src/domain/filters/filter.js';
import { createList } from '../../../src/domain/lists/lists.js';
import { addToList, removeFromList } from '../../../src/domain/lists/members.js';
import type { Plan } from '../../../src/domain/workflows/plan.js';
import { newWebhookSecret } from '../../../src/domain/webhooks/post.js';
import { queueNewDays } from '../../../src/domain/workflows/update.js';
import type { List } from '../../../src/models/list.js';
import { worldWith } from '../../support/judge.js';
import { northwind } from '../../support/people.js';
import { answering, openReceiver, verified } from '../../support/receiver.js';
import {
  having,
  isCondition,
  onFilter,
  openWorkflowRoom,
  property,
  step,
  wait,
} from '../../support/workflow-room.js';

const noon = new Date('2026-03-02T12:00:00Z');
const room = await openWorkflowRoom();
beforeEach(async () => {
  room.setTime(noon);
  room.setCatalogue(worldWith());
  await room.reset();
});

let number = 0;
const somebody = (properties: Record<string, string> = {}) =>
  room.contact({ email: `lee-${++number}@example.com`, unitIds: [northwind.id], properties });
const greets: Partial<Plan> = {
  trigger: onFilter(having('tier', 'gold')),
  steps: [property('Greeted', 'yes')],
};
const statesOf = async (workflow: { _id: string }) =>
  (await room.enrolments(workflow)).map(({ state, reason }) => reason ?? state);

async function staticList(): Promise<List> {
  const made = await createList(room.run, {
    ...{ name: `List ${++number}`, kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
  });
  if (!('list' in made)) throw new Error('The list was refused.');
  return made.list;
}

describe('lists', () => {
  it('a contact that is added to the list of the trigger is enrolled', async () => {
    const list = await staticList();
    const trigger = { kind: 'EVENT', event: 'ADDED_TO_LIST', of: '', listId: list._id } as const;
    const workflow = await room.workflow({ ...greets, trigger });
    const [one] = [await somebody(), await somebody()];
    await addToList(room.run, { list, contactIds: [one._id], scope: null });
    await room.work();
    expect((await room.enrolments(workflow)).map(({ contactId }) => contactId)).toEqual([one._id]);
  });

  it('a member of a suppression list is never enrolled, and a contact that joins one leaves', async () => {
    const list = await staticList();
    const plan = { ...greets, suppression: { listIds: [list._id] }, steps: [wait(1, 'DAYS')] };
    const workflow = await room.workflow(plan);
    const member = await somebody();
    await addToList(room.run, { list, contactIds: [member._id], scope: null });
    await room.edit((await room.stored(member._id)) ?? member, { properties: { Tier: 'gold' } });
    const other = await somebody({ Tier: 'gold' });
    await room.work();
    expect(await statesOf(workflow)).toEqual(['ACTIVE']);
    await addToList(room.run, { list, contactIds: [other._id], scope: null });
    await room.work();
    expect(await statesOf(workflow)).toEqual(['SUPPRESSED']);
    // Leaving the list enrols nobody.
    await removeFromList(room.run, { list, contactIds: [other._id], scope: null });
    await room.work();
    expect(await statesOf(workflow)).toEqual(['SUPPRESSED']);
  });

  it('two workflows that add to and remove from a list are stopped', async () => {
    const list = await staticList();
    const on = (is: 'IS' | 'IS_NOT') => onFilter(allOf([isCondition('list', '', is, list._id)]));
    const again = { enrolsAgain: true };
    const listId = { listId: list._id };
    await room.workflow({ ...again, trigger: on('IS_NOT'), steps: [step('ADD_TO_LIST', listId)] });
    await room.workflow({ ...again, trigger: on('IS'), steps: [step('REMOVE_FROM_LIST', listId)] });
    await somebody();
    for (let round = 0; round < 14; round++) await room.work();
    const all = await room.models.enrolments.find().lean();
    expect(all.filter(({ state }) => state === 'DONE')).toHaveLength(11);
    expect(all.filter(({ reason }) => reason === 'LOOP')).toHaveLength(1);
  });
});

it('a filter with relative days enrols a contact on the day on which time makes it true, once', async () => {
  const world = worldWith();
  const renewal = { name: 'Renewal', kind: 'DATE' as const, choices: [] };
  room.setCatalogue({ ...world, properties: new Map([['renewal', renewal]]) });
  const trigger = onFilter(allOf([isCondition('property', 'renewal', 'IN_NEXT_DAYS', '7')]));
  const workflow = await room.workflow({ ...greets, trigger });
  await somebody({ Renewal: '2026-03-12' });
  await room.work();
  expect(await statesOf(workflow)).toEqual([]);
  for (const day of ['2026-03-04', '2026-03-05', '2026-03-05', '2026-03-06']) {
    room.setTime(new Date(`${day}T01:00:00Z`));
    await queueNewDays(room.run);
    await room.runJobs();
    await room.work();
    expect(await statesOf(workflow)).toEqual(day === '2026-03-04' ? [] : ['DONE']);
  }
});

it.each([
  ['2026-03-27T12:00:00Z', '2026-03-29T01:00:00Z', 'skip'],
  ['2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z', 'double'],
])('a wait until 02:30, which clocks may skip or double: from %s to %s (%s), once', async (from, to) => {
  room.setCatalogue({ ...worldWith(), timeZone: 'Europe/Oslo' });
  room.setTime(new Date(from));
  const until = step('WAIT', { until: 'WEEKDAY', days: [7], at: '02:30' });
  const workflow = await room.workflow({ ...greets, steps: [until, property('Greeted', 'yes')] });
  await somebody({ Tier: 'gold' });
  await room.work();
  expect((await room.enrolments(workflow))[0]?.dueAt).toEqual(new Date(to));
  room.setTime(new Date(new Date(to).getTime() - 1));
  await room.work();
  expect(await statesOf(workflow)).toEqual(['ACTIVE']);
  for (const later of [0, 3_600_000, 7_200_000]) {
    room.setTime(new Date(new Date(to).getTime() + later));
    await room.work();
  }
  const [one] = await room.enrolments(workflow);
  expect(one).toMatchObject({ state: 'DONE', path: [{ outcome: 'DONE' }, { outcome: 'DONE' }] });
});

it('a webhook is signed, repeated with the same id until it succeeds, and given up where the receiver is gone', async () => {
  const receiver = await openReceiver();
  const answers = [500, 302, 200, 410];
  receiver.answer((got, response) =>
    answering(answers[receiver.got.length - 1] ?? 200, { location: 'http://127.0.0.1:1/' })(got, response),
  );
  // Receivers compare the timestamp with their own clock.
  const now = Date.now();
  room.setTime(new Date(now));
  const { shown, sealed } = newWebhookSecret(room.run.config);
  const webhook = step('WEBHOOK', { url: receiver.url, secret: sealed });
  const workflow = await room.workflow({ ...greets, steps: [webhook] });
  await somebody({ Tier: 'gold' });
  for (let minutes = 0; minutes < 3; minutes++) {
    room.setTime(new Date(now + minutes * 60_000));
    await room.work();
  }
  expect(await statesOf(workflow)).toEqual(['DONE']);
  expect(receiver.got).toHaveLength(3);
  for (const [name, values] of [
    ['webhook-id', 1],
    ['webhook-timestamp', 3],
    ['webhook-signature', 3],
  ] as const)
    expect(new Set(receiver.got.map(({ headers }) => headers[name])).size, name).toBe(values);
  for (const got of receiver.got) {
    expect(verified(shown, got)).toMatchObject({ type: 'workflow.step_reached' });
    expect(got.body).not.toContain('@');
  }
  await somebody({ Tier: 'gold' });
  await room.work();
  const gone = (await room.enrolments(workflow)).find(({ path }) => path[0]?.reason === 'GONE');
  expect(gone).toMatchObject({ state: 'DONE' });
});

it('a receiver that does not answer is asked for one workflow at a time, and does not hold up others', async () => {
  const receiver = await openReceiver();
  const open: ServerResponse[] = [];
  receiver.answer((_got, response) => void open.push(response));
  const { sealed } = newWebhookSecret(room.run.config);
  const steps = [step('WEBHOOK', { url: receiver.url, secret: sealed })];
  const slow = [];
  // More than a worker has lanes.
  for (let one = 0; one < 4; one++) slow.push(await room.workflow({ ...greets, steps }));
  const other = await room.workflow(greets);
  for (let one = 0; one < 12; one++) await somebody({ Tier: 'gold' });
  const work = room.work();
  await expect.poll(() => statesOf(other)).toEqual(Array(12).fill('DONE'));
  await expect.poll(() => open.length).toBe(10);
  receiver.answer(answering(200));
  for (const response of open) response.end();
  await work;
  const all = (await Promise.all(slow.map((one) => room.enrolments(one)))).flat();
  expect(all.filter(({ state }) => state === 'DONE').length).toBeGreaterThanOrEqual(10);
  for (const { state, dueAt, attempts, lastError } of all)
    if (state === 'ACTIVE') {
      expect({ attempts, lastError }, 'it was not tried').toEqual({ attempts: 0, lastError: null });
      expect(dueAt.getTime()).toBeGreaterThan(noon.getTime());
    }
  for (let minutes = 1; minutes < 5; minutes++) {
    room.setTime(new Date(noon.getTime() + minutes * 60_000));
    await room.work();
  }
  expect((await Promise.all(slow.map(statesOf))).flat()).toEqual(Array(48).fill('DONE'));
  expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(48);
});
