/** Lists that workflows use: the versions that contacts still take, and the business units that a workflow reads. */
import { beforeEach, expect, it } from 'vitest';
import { changeList, createList, deleteList, getList, membersOf } from '../../../src/domain/lists/lists.js';
import { addToList } from '../../../src/domain/lists/members.js';
import type { List } from '../../../src/models/list.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { fjell, northwind } from '../../support/people.js';
import { having, onFilter, openWorkflowRoom, step, wait } from '../../support/workflow-room.js';

const room = await openWorkflowRoom();
beforeEach(async () => {
  await room.reset();
  await room.models.lists.collection.deleteMany({});
});

async function listOf(name: string, unitIds: Scope = null): Promise<List> {
  const made = await createList(room.run, { name, kind: 'STATIC', unitIds, by: 'user:1', scope: null });
  if ('faults' in made) expect.fail(made.faults.map(({ message }) => message).join(' '));
  return made.list;
}

const branchOn = (list: List) => step('BRANCH', { filter: membersOf(list._id) }, [[], []]);
const gold = onFilter(having('tier', 'gold'));

it('a list is not deleted while contacts take an older version of a workflow that names it', async () => {
  const list = await listOf('Guests');
  const workflow = await room.workflow({ trigger: gold, steps: [wait(1, 'DAYS'), branchOn(list)] });
  const contact = await room.contact({ email: 'ann@example.com', unitIds: [northwind.id] });
  await room.edit(contact, { properties: { Tier: 'gold' } });
  await room.work();
  await room.republish(workflow, { trigger: gold, steps: [wait(1, 'DAYS')] });
  expect(await deleteList(room.run, list)).toMatchObject([{ kind: 'WORKFLOW', id: workflow._id }]);
  await room.models.enrolments.updateMany({}, { $set: { state: 'DONE' } });
  expect(await deleteList(room.run, list)).toEqual([]);
});

it('the business units of a list cannot leave those of a workflow that names it', async () => {
  const list = await listOf('Never mail', [northwind.id]);
  const plan = { trigger: gold, steps: [wait(1, 'DAYS')], suppression: { listIds: [list._id] } };
  const workflow = await room.workflow(plan, { unitIds: [northwind.id] });
  for (const unitIds of [null, [fjell.id], [northwind.id, fjell.id]])
    expect(await changeList(room.run, list, { unitIds }, null)).toMatchObject({
      faults: [{ field: 'unitIds' }],
    });
  const contact = await room.contact({ email: 'ann@example.com', unitIds: [northwind.id] });
  await addToList(room.run, { list, contactIds: [contact._id], scope: null });
  await room.edit((await room.stored(contact._id)) ?? contact, { properties: { Tier: 'gold' } });
  await room.work();
  const active = (await room.enrolments(workflow)).filter(({ state }) => state === 'ACTIVE');
  expect(active).toEqual([]);
  const now = await getList(room.run, { listId: list._id, scope: null });
  expect(await changeList(room.run, now, { name: 'Other name' }, null)).toBe('SAVED');
});
