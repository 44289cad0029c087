/** Enrolment by hand from the index, a list and a record, and by the API. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { createList, membersOf } from '../../../src/domain/lists/lists.js';
import { addToList } from '../../../src/domain/lists/members.js';
import { emptyPlan } from '../../../src/domain/workflows/plan.js';
import { createWorkflow, getWorkflow, publish, saveDraft } from '../../../src/domain/workflows/workflows.js';
import { runDueJobs } from '../../../src/jobs/engine.js';
import { steppersOf } from '../../../src/jobs/registry.js';
import type { Job } from '../../../src/models/job.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import { wait } from '../../support/workflow-room.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer');

/** An active workflow that waits for a day, started by hand. */
async function workflowOf(name: string, unitIds: number[] | null = null): Promise<string> {
  const { deps } = portal;
  const id = await createWorkflow(deps, { name, unitIds, by: 'user:1' });
  const plan = { ...emptyPlan, trigger: { kind: 'BY_HAND' as const }, steps: [wait(1, 'DAYS')] };
  await saveDraft(deps, await getWorkflow(deps, id, null), plan);
  const choice = { enrolsNow: false, moves: false, by: 'user:1' };
  await publish(deps, await getWorkflow(deps, id, null), choice);
  return id;
}
const work = async () => runDueJobs({ ...portal.deps, steppers: steppersOf(portal.deps) });
const enrolledIn = async (workflowId: string) =>
  (await portal.deps.models.enrolments.find({ workflowId }).lean()).map(({ contactId }) => contactId);

it('the members of a list are enrolled by a job, and its rows say what became of each', async () => {
  const id = await workflowOf('Welcome');
  const made = await createList(portal.deps, {
    ...{ name: 'Guests', kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
  });
  if (!('list' in made)) expect.fail('no list');
  const contacts = [
    await contactIn(portal, { email: 'a@example.com' }),
    await contactIn(portal, { email: 'b@example.com' }),
  ];
  const contactIds = contacts.map(({ _id }) => _id);
  await addToList(portal.deps, { list: made.list, contactIds, scope: null });
  const list = await marketer.open(adminPaths.list(made.list._id));
  const href = /href="([^"]*enrolments\/new[^"]*)"/.exec(list.html)?.[1] ?? '';
  const page = await marketer.open(href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
  await marketer.press(page, /^Enrol 2 contacts$/, { workflow: id });
  const job = await portal.deps.models.jobs.findOne({ kind: 'ENROL' }).lean();
  const filter = membersOf(made.list._id);
  expect(job?.input).toMatchObject({ workflowId: id, selection: { kind: 'FILTER', filter } });
  await work();
  expect((await enrolledIn(id)).sort()).toEqual(contactIds.sort());
  const done = await portal.deps.models.jobs.findById(job?._id).lean();
  expect(done).toMatchObject({ state: 'DONE', counts: { changed: 2, refused: 0 } });
  // From the index, ticked contacts.
  const again = await marketer.open(adminPaths.newEnrolment({ contact: contacts[0]?._id }));
  await marketer.press(again, /^Enrol 1 contact$/, { workflow: id });
  await work();
  const second = await portal.deps.models.jobs.findOne({ kind: 'ENROL' }).sort({ at: -1 }).lean<Job>();
  expect(second?.counts).toMatchObject({ changed: 0, refused: 1, byCode: { UNDER_WAY: 1 } });
});

it('a contact is enrolled on its record, and the page says why one was not', async () => {
  const id = await workflowOf('By record');
  const { _id } = await contactIn(portal, { email: 'record@example.com' });
  const page = await marketer.open(adminPaths.contactWorkflows(_id));
  expect((await marketer.press(page, /^Enrol this contact$/, { workflow: '' })).status).toBe(422);
  const done = await marketer.press(page, /^Enrol this contact$/, { workflow: id });
  expect(done.html).toContain(adminPaths.workflowEnrolment(id));
  expect(await enrolledIn(id)).toEqual([_id]);
  const refused = await marketer.press(page, /^Enrol this contact$/, { workflow: id });
  expect([refused.status, refused.html.includes('href="#workflow"')]).toEqual([422, true]);
});

it('users of one unit enrol only in workflows of their units', async () => {
  const all = await workflowOf('Of all units');
  const own = await workflowOf('Of Fjell', [fjell.id]);
  const { _id } = await contactIn(portal, { email: 'fjell@example.com', unitIds: [fjell.id] });
  const limited = await signedIn(portal, 'marketer', [fjell.id]);
  const page = await limited.open(adminPaths.newEnrolment({ contact: _id }));
  expect(page.html).toContain(`value="${own}"`);
  expect(page.html).not.toContain(`value="${all}"`);
  expect((await limited.press(page, /^Enrol 1 contact$/, { workflow: all })).status).toBe(422);
  const record = await limited.open(adminPaths.contactWorkflows(_id));
  expect((await limited.press(record, /^Enrol this contact$/, { workflow: all })).status).toBe(422);
  expect(await enrolledIn(all)).toEqual([]);
});

it('the API enrols by addresses, once per idempotency key, within the units of the key', async () => {
  const id = await workflowOf('By API');
  const { _id } = await contactIn(portal, { email: 'api@example.com', unitIds: [northwind.id] });
  const call = (key: string, body: object) =>
    callApi(portal, key, 'POST', `/api/v1/workflows/${id}/enrolments`, body, { 'idempotency-key': 'k1' });
  const key = await keyIn(portal, ['contacts.write']);
  const emails = ['API@example.com', 'nobody@example.com'];
  const results = [
    { email: emails[0], outcome: 'CHANGED' },
    { email: emails[1], outcome: 'NO_CONTACT' },
  ];
  for (const { status, answer } of [await call(key, { emails }), await call(key, { emails })])
    expect({ status, answer }).toEqual({ status: 200, answer: { results } });
  expect(await enrolledIn(id)).toEqual([_id]);
  expect((await call(key, { emails: [] })).status).toBe(400);
  expect((await call(await keyIn(portal, ['contacts.read']), { emails })).status).toBe(403);
  expect((await call(await keyIn(portal, ['contacts.write'], [fjell.id]), { emails })).status).toBe(404);
});
