/** Enrolment by hand: each contact's outcome, re-enrolment, scopes, and repeats of the same act. */
import { beforeEach, expect, it } from 'vitest';
import { createList } from '../../../src/domain/lists/lists.js';
import { addToList } from '../../../src/domain/lists/members.js';
import { enrolByHand } from '../../../src/domain/workflows/by-hand.js';
import { pauseWorkflow, turnOff } from '../../../src/domain/workflows/workflows.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Workflow } from '../../../src/models/workflow.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { fjell, northwind } from '../../support/people.js';
import { gold, having, openWorkflowRoom, peopleIn, wait } from '../../support/workflow-room.js';

const room = await openWorkflowRoom();
beforeEach(() => room.reset());

const { somebody, statesOf } = peopleIn(room);

const enrol = async (
  workflow: Workflow,
  contacts: readonly Contact[],
  occasion: string,
  scope: Scope = null,
) =>
  enrolByHand(room.run, await room.the(workflow), {
    ...{ contactIds: contacts.map(({ _id }) => _id), scope, occasion },
  });

it('says of each contact whether it was enrolled, or why not', async () => {
  const made = await createList(room.run, {
    ...{ name: 'Never', kind: 'STATIC', unitIds: [northwind.id], by: 'user:1', scope: null },
  });
  if (!('list' in made)) expect.fail('no list');
  const [free, listed, silver, other] = [
    await somebody(),
    await somebody(),
    await somebody('silver'),
    await somebody('', [fjell.id]),
  ];
  await addToList(room.run, { list: made.list, contactIds: [listed._id], scope: null });
  const workflow = await room.workflow(
    {
      ...gold,
      ...{ goal: having('tier', 'silver'), suppression: { listIds: [made.list._id] } },
      steps: [wait(1, 'DAYS')],
    },
    { unitIds: [northwind.id] },
  );
  const contacts = [free, listed, silver, other];
  expect(await enrol(workflow, contacts, 'a')).toEqual(['CHANGED', 'SUPPRESSED', 'GOAL', 'OTHER_UNIT']);
  expect(await enrol(workflow, [free], 'b')).toEqual(['UNDER_WAY']);
  // A contact outside the units of the user does not exist for them.
  expect(await enrol(workflow, [other], 'c', [northwind.id])).toEqual(['NO_CONTACT']);
  expect(await enrol(workflow, [{ ...free, _id: 'unknown' }], 'd')).toEqual(['NO_CONTACT']);
  expect(await statesOf(workflow)).toEqual(['ACTIVE']);
});

it.each([
  [false, 'ENROLLED_BEFORE', 1],
  [true, 'CHANGED', 2],
] as const)('with re-enrolment %s, a second act answers %s', async (enrolsAgain, outcome, count) => {
  const workflow = await room.workflow({ ...gold, enrolsAgain });
  const contact = await somebody();
  expect(await enrol(workflow, [contact], 'a')).toEqual(['CHANGED']);
  await room.work();
  expect(await enrol(workflow, [contact], 'b')).toEqual([outcome]);
  await room.work();
  // A repeat of an act enrols nobody again, and has the outcome that it had.
  expect(await enrol(workflow, [contact], 'a')).toEqual(['CHANGED']);
  expect(await statesOf(workflow)).toEqual(Array.from({ length: count }, () => 'DONE'));
});

it('two acts at the same moment enrol a contact once', async () => {
  const workflow = await room.workflow({ ...gold, steps: [wait(1, 'DAYS')] });
  const contacts = await Promise.all(Array.from({ length: 20 }, () => somebody()));
  const [one, other] = await Promise.all([enrol(workflow, contacts, 'a'), enrol(workflow, contacts, 'b')]);
  for (const at of contacts.keys()) expect([one[at], other[at]].sort()).toEqual(['CHANGED', 'UNDER_WAY']);
  expect(await statesOf(workflow)).toHaveLength(20);
});

it('a paused workflow enrols, and one that is off does not', async () => {
  const workflow = await room.workflow(gold);
  const [one, other] = [await somebody(), await somebody()];
  await pauseWorkflow(room.run, await room.the(workflow));
  expect(await enrol(workflow, [one], 'a')).toEqual(['CHANGED']);
  await turnOff(room.run, await room.the(workflow));
  expect(await enrol(workflow, [other], 'b')).toEqual(['INACTIVE']);
});
