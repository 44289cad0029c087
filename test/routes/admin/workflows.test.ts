/** The pages of workflows: building, reviewing, activating, the history, a test with one contact, and users of one unit. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { planSchema, stepsOf } from '../../../src/domain/workflows/plan.js';
import { runDueEnrolments } from '../../../src/domain/workflows/run.js';
import { updateInput } from '../../../src/domain/workflows/update-job.js';
import { updateWorkflow } from '../../../src/domain/workflows/update.js';
import { createList } from '../../../src/domain/lists/lists.js';
import { drainFeed } from '../../../src/feed/run.js';
import type { Workflow } from '../../../src/models/workflow.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer');

async function newest(): Promise<Workflow> {
  const found = await portal.deps.models.workflows.findOne().sort({ createdAt: -1 }).lean<Workflow>();
  if (!found) throw new Error('There is no workflow.');
  return found;
}
const planOf = ({ draft }: Workflow) => planSchema.parse(draft);

async function created(name: string): Promise<string> {
  await marketer.press(await marketer.open(adminPaths.newWorkflow()), /Create workflow/, { name });
  return (await newest())._id;
}

/** Adds a step by its page. */
async function add(id: string, kind: string, fields: Record<string, string | string[]>, after = 'first') {
  const page = await marketer.open(adminPaths.workflowStep(id, { kind, after }));
  const saved = await marketer.press(page, /Save step/, fields);
  expect(saved.status, saved.text).toBe(200);
  return saved;
}

/** The trigger: contacts of a business unit whose language is Norwegian. */
async function triggerOn(id: string, locale = 'nb') {
  const filter = { any: [{ all: [{ on: 'language', of: '', is: 'IS', values: [locale] }] }] };
  await marketer.press(await marketer.open(adminPaths.workflowTrigger(id)), /^Save$/, { way: 'FILTER' });
  const page = await marketer.open(
    adminPaths.workflowFilter(id, { of: 'trigger', filter: JSON.stringify(filter) }),
  );
  return marketer.press(page, /Save filter/);
}

async function workersRun() {
  const deps = portal.deps;
  for (const { _id, input } of await deps.models.jobs
    .find({ kind: 'WORKFLOW_UPDATE', state: 'QUEUED' })
    .lean()) {
    for await (const _ of updateWorkflow(deps, updateInput.parse(input), null));
    await deps.models.jobs.updateOne({ _id }, { state: 'DONE' });
  }
  await drainFeed(deps);
  await runDueEnrolments(deps);
}

it('every kind of step can be added, and the cards say what the steps do', async () => {
  const list = await createList(portal.deps, {
    ...{ name: 'Trail readers', kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
  });
  const listId = 'list' in list ? list.list._id : '';
  const id = await created('Every step');
  await add(id, 'END', {});
  await add(id, 'ADD_TO_LIST', { listId });
  await add(id, 'REMOVE_FROM_LIST', { listId });
  await add(id, 'PROPERTY', { name: 'Tier', value: 'gold' });
  await add(id, 'MARKETING', { status: 'no' });
  await add(id, 'WAIT', { until: 'WEEKDAY', days: ['2'], at: '09:00' });
  await add(id, 'SEND_LINK', { unitId: String(northwind.id) });
  await add(id, 'CONSENT', { status: 'OPT_IN', typeId: String(trailNotes.id) });
  const secret = await add(id, 'WEBHOOK', { url: 'https://crm.example.com/hook' });
  expect(secret.html).toMatch(/whsec_[\w+/]{40,}/);
  await add(id, 'BRANCH', {});
  const plan = planOf(await newest());
  expect(stepsOf(plan).map(({ step }) => step.kind)).toEqual([
    ...[
      'BRANCH',
      'WEBHOOK',
      'CONSENT',
      'SEND_LINK',
      'WAIT',
      'MARKETING',
      'PROPERTY',
      'REMOVE_FROM_LIST',
      'ADD_TO_LIST',
      'END',
    ],
  ]);
  const { html } = await marketer.open(adminPaths.workflow(id));
  expect(html).toContain('Contacts who opted out before are always skipped.');
  expect(html).not.toContain('whsec_');
  for (const { step } of stepsOf(plan)) expect(html).toContain(`id="step-${step.id}"`);
  // A list that a workflow names cannot be deleted.
  expect((await marketer.open(adminPaths.list(listId))).html).toContain('Every step');
});

it('the review leads from each missing part to the page that adds it', async () => {
  const id = await created('Empty');
  const { html } = await marketer.open(adminPaths.workflowReview(id));
  expect(html).toContain(`href="${adminPaths.workflowTrigger(id)}"`);
  expect(html).toContain(`href="${adminPaths.workflowNewStep(id)}?`);
});

it('a step is changed, moved and removed', async () => {
  const id = await created('Moves');
  await add(id, 'PROPERTY', { name: 'One', value: '1' });
  await add(id, 'PROPERTY', { name: 'Two', value: '2' });
  const [two] = planOf(await newest()).steps;
  const page = () => marketer.open(adminPaths.workflowStep(id, { step: two?.id ?? '' }));
  await marketer.press(await page(), /Save step/, { value: '22' });
  await marketer.press(await page(), /Move down/);
  const { steps } = planOf(await newest());
  expect(steps.map(({ input }) => input)).toEqual([
    { name: 'One', value: '1' },
    { name: 'Two', value: '22' },
  ]);
  await marketer.press(await page(), /Remove this step/);
  expect(planOf(await newest()).steps).toHaveLength(1);
});

it.each([
  ['WAIT', { until: 'TIME', amount: '0' }, 'amount'],
  ['WAIT', { until: 'WEEKDAY', days: [], at: '09:00' }, 'days'],
  ['WEBHOOK', { url: 'file:///etc/passwd' }, 'url'],
  ['CONSENT', { status: 'OPT_IN', typeId: '' }, 'typeId'],
])('wrong fields of %s are refused, and the form is shown again: %j', async (kind, fields, name) => {
  const id = await created('Faults');
  const page = await marketer.open(adminPaths.workflowStep(id, { kind, after: 'first' }));
  const answer = await marketer.press(page, /Save step/, fields);
  expect(answer.status).toBe(422);
  expect(answer.html).toContain(`href="#${name}"`);
});

it('a workflow with faults cannot be activated, and each fault leads to its card', async () => {
  const id = await created('Not ready');
  const review = await marketer.open(adminPaths.workflowReview(id));
  expect(review.html).toContain('aria-disabled="true" aria-describedby="why-not">Activate');
  expect(review.html.match(/<li class="stop">/g)).toHaveLength(2);
  expect(review.html.match(/<li class="good">/g)?.length).toBeGreaterThan(1);
  const { revision } = await newest();
  await marketer.post(adminPaths.workflowReview(id), { version: String(revision), now: 'no' });
  expect(await newest()).toMatchObject({ state: 'DRAFT', version: 0 });
});

it('a contact goes through an active workflow, and the history shows its path', async () => {
  const before = await contactIn(portal, { firstName: 'Berit', email: 'berit@example.com', locale: 'nb' });
  const id = await created('Welcome');
  await triggerOn(id);
  await add(id, 'PROPERTY', { name: 'Greeted', value: 'yes' });
  const review = await marketer.open(adminPaths.workflowReview(id));
  await marketer.press(review, /Activate/, { now: 'no' });
  await workersRun();
  const later = await contactIn(portal, { firstName: 'Kari', email: 'kari2@example.com', locale: 'nb' });
  await workersRun();
  const enrolments = await portal.deps.models.enrolments.find({ workflowId: id }).lean();
  expect(enrolments.map(({ contactId, state }) => [contactId, state])).toEqual([[later._id, 'DONE']]);
  const page = await marketer.open(adminPaths.workflow(id));
  expect(page.text).toContain('Active');
  expect(page.html).toContain(adminPaths.workflowHistory(id, { mark: 'DONE' }).replace('=', '&#x3D;'));
  const history = await marketer.open(adminPaths.workflowHistory(id, { mark: 'ALL' }));
  expect(history.text).toContain('Kari');
  expect(history.text).not.toContain('Berit');
  const path = await marketer.open(adminPaths.workflowEnrolment(id, { id: enrolments[0]?._id ?? '' }));
  expect(path.text).toContain('Set a property');
  // The other contact is tested, which changes nothing, and enrolled by hand.
  const test = await marketer.press(await marketer.open(adminPaths.workflowTest(id)), /^Test$/, {
    q: 'berit@example.com',
  });
  expect(test.text).toContain('Sets Greeted to “yes”.');
  await marketer.press(test, /Enrol this contact/);
  await workersRun();
  expect(await portal.deps.models.enrolments.countDocuments({ workflowId: id, state: 'DONE' })).toBe(2);
  const stored = await portal.deps.models.contacts.findById(before._id).lean();
  expect(stored?.properties['Greeted']).toBe('yes');
});

it('an active workflow is paused, resumed, edited as a draft, published and turned off', async () => {
  const id = await created('States');
  await triggerOn(id, 'de');
  await add(id, 'WAIT', { until: 'TIME', amount: '5', unit: 'DAYS' });
  await marketer.press(await marketer.open(adminPaths.workflowReview(id)), /Activate/, { now: 'no' });
  await workersRun();
  await marketer.press(await marketer.open(adminPaths.workflow(id)), /^Pause$/);
  expect((await newest()).state).toBe('PAUSED');
  await marketer.press(await marketer.open(adminPaths.workflow(id)), /^Resume$/);
  expect((await newest()).state).toBe('ACTIVE');
  await contactIn(portal, { email: 'dorte@example.com', locale: 'de' });
  await workersRun();
  await marketer.press(await marketer.open(adminPaths.workflow(id)), /Edit a draft/);
  await add(id, 'PROPERTY', { name: 'Late', value: 'yes' });
  await marketer.press(await marketer.open(adminPaths.workflowReview(id)), /Publish the draft/, {
    now: 'no',
    moves: 'yes',
  });
  await workersRun();
  expect(await newest()).toMatchObject({ version: 2, state: 'ACTIVE', draft: null });
  // A page that was opened before the publication.
  const stale = await marketer.open(adminPaths.workflowReview(id));
  expect(stale.status).toBe(409);
  expect(stale.text).toContain('has no draft');
  expect(await portal.deps.models.enrolments.find({ workflowId: id }).lean()).toMatchObject([{ version: 2 }]);
  const asked = await marketer.press(await marketer.open(adminPaths.workflow(id)), /Turn off/);
  expect((await newest()).state).toBe('ACTIVE');
  await marketer.press(asked, /Turn off/);
  await workersRun();
  expect((await newest()).state).toBe('OFF');
  expect(await portal.deps.models.enrolments.find({ workflowId: id }).lean()).toMatchObject([
    { reason: 'OFF' },
  ]);
});

it('a failed step is tried again by staff, and a contact is taken out', async () => {
  const id = await created('Failing');
  await triggerOn(id, 'sv');
  await add(id, 'WEBHOOK', { url: 'http://127.0.0.1:9/' });
  await marketer.press(await marketer.open(adminPaths.workflowReview(id)), /Activate/, { now: 'no' });
  await workersRun();
  await contactIn(portal, { email: 'sven@example.com', locale: 'sv' });
  await workersRun();
  const [one] = await portal.deps.models.enrolments.find({ workflowId: id }).lean();
  expect(one).toMatchObject({ state: 'ACTIVE' });
  expect(one?.lastError).toBeTruthy();
  expect((await marketer.open(adminPaths.dashboard())).html).toContain(adminPaths.workflowHistory(id));
  const page = await marketer.open(adminPaths.workflowEnrolment(id, { id: one?._id ?? '' }));
  await marketer.press(page, /Try again now/);
  const [due] = await portal.deps.models.enrolments.find({ workflowId: id }).lean();
  expect(due?.dueAt.getTime()).toBeLessThan(one?.dueAt.getTime() ?? 0);
  await marketer.press(page, /Take the contact out/);
  expect(await portal.deps.models.enrolments.find({ workflowId: id }).lean()).toMatchObject([
    { reason: 'BY_HAND' },
  ]);
});

it('users of one unit see and run only workflows whose units they all reach', async () => {
  const limited = await signedIn(portal, 'marketer', [fjell.id]);
  const ofAll = await created('Of all units');
  await limited.press(await limited.open(adminPaths.newWorkflow()), /Create workflow/, {
    ...{ name: 'Of Fjell', unit: [String(fjell.id)] },
  });
  const own = await newest();
  expect(own.unitIds).toEqual([fjell.id]);
  const { html } = await limited.open(adminPaths.workflows());
  expect(html).toContain('Of Fjell');
  expect(html).not.toContain('Of all units');
  expect((await limited.open(adminPaths.workflow(ofAll))).status).toBe(404);
  // A type of another unit is not offered, and a step with it is a fault.
  const page = await limited.open(adminPaths.workflowStep(own._id, { kind: 'CONSENT', after: 'first' }));
  expect(page.html).not.toContain(trailNotes.name);

  // Forms that name what is outside the units get faults, and no page says its name.
  const made = await createList(portal.deps, {
    ...{ name: 'Readers of Northwind', kind: 'STATIC', unitIds: [northwind.id], by: 'user:1', scope: null },
  });
  if (!('list' in made)) expect.fail('no list');
  const listId = made.list._id;
  const type = String(trailNotes.id);
  const sent: Record<string, string>[] = [
    { kind: 'CONSENT', status: 'OPT_OUT', typeId: type, legalBasis: '', explanation: '' },
    { kind: 'ADD_TO_LIST', listId },
    { kind: 'SEND_LINK', unitId: String(northwind.id) },
  ];
  for (const fields of sent) {
    const form = await limited.open(
      adminPaths.workflowStep(own._id, { kind: fields['kind'] ?? '', after: 'first' }),
    );
    await limited.press(form, /^Save step$/, fields);
  }
  for (const way of [
    { way: 'OPTED_OUT', typeId: type, listId: '' },
    { way: 'ADDED_TO_LIST', typeId: '', listId },
  ]) {
    const form = await limited.open(adminPaths.workflowTrigger(own._id));
    await limited.press(form, /^Save$/, { ...way, suppression: [listId] });
    const faults: string[] = [];
    for (const path of [adminPaths.workflow(own._id), adminPaths.workflowReview(own._id)]) {
      const shown = await limited.open(path);
      expect(shown.status).toBe(200);
      for (const name of [trailNotes.name, made.list.name, northwind.name])
        if (shown.text.includes(name)) faults.push(`${path} says ${name}`);
    }
    expect(faults).toEqual([]);
  }
  expect((await portal.deps.models.workflows.findById(own._id).lean())?.draft).toMatchObject({
    trigger: { event: 'ADDED_TO_LIST', listId },
    steps: [{ kind: 'SEND_LINK' }, { kind: 'ADD_TO_LIST' }, { kind: 'CONSENT' }],
  });
});
