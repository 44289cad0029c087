/** The API of workflows: their state, as staff change it, within the business units of the key. */
import { expect, it } from 'vitest';
import { emptyPlan } from '../../../src/domain/workflows/plan.js';
import { createWorkflow, getWorkflow, publish, saveDraft } from '../../../src/domain/workflows/workflows.js';
import type { ApiScope } from '../../../src/models/api-key.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';
import { having, onFilter, wait } from '../../support/workflow-room.js';

const portal = await openTestPortal();

const call = (as: string, method: string, path: string, body?: object, headers?: Record<string, string>) =>
  callApi(portal, as, method, `/api/v1${path}`, body, headers);

const setState = (as: string, id: string, state: string) =>
  call(as, 'PUT', `/workflows/${id}/state`, { state });

it('a workflow is paused, resumed and turned off once, and each act is audited', async () => {
  const { deps } = portal;
  const id = await createWorkflow(deps, { name: 'Welcome', unitIds: [northwind.id], by: 'user:1' });
  const key = await keyIn(portal, ['settings.write', 'contacts.read'], [northwind.id]);
  for (const state of ['ACTIVE', 'PAUSED', 'OFF']) expect((await setState(key, id, state)).status).toBe(409);
  const plan = { ...emptyPlan, trigger: onFilter(having('tier', 'gold')), steps: [wait(1, 'DAYS')] };
  await saveDraft(deps, await getWorkflow(deps, id, null), plan);
  const choice = { enrolsNow: false, moves: false, by: 'user:1' };
  await publish(deps, await getWorkflow(deps, id, null), choice);
  for (const [state, now] of [
    ['ACTIVE', 'STARTING'],
    ['PAUSED', 'PAUSED'],
    ['PAUSED', 'PAUSED'],
    ['ACTIVE', 'STARTING'],
    ['OFF', 'OFF'],
    ['OFF', 'OFF'],
  ] as const)
    expect(await setState(key, id, state)).toMatchObject({ status: 200, answer: { id, state: now } });
  expect((await setState(key, id, 'ACTIVE')).status).toBe(409);
  const entries = await deps.models.auditEntries.find({ about: `workflow:${id}` }).lean();
  expect(entries.map(({ detail }) => detail).sort()).toEqual(
    ['paused', 'resumed', 'turned off'].map((what) => `“Welcome”: ${what}`),
  );
  expect(entries.every(({ by, unitId }) => by?.startsWith('key:') && unitId === northwind.id)).toBe(true);
  expect(await deps.models.jobs.countDocuments({ 'input.workflowId': id, 'input.what': 'OFF' })).toBe(1);
});

it('a key needs the scope for settings, and reaches the workflows of its business units', async () => {
  const id = await createWorkflow(portal.deps, { name: 'Of all', unitIds: null, by: 'user:1' });
  expect((await setState(await keyIn(portal, ['settings.write'], [fjell.id]), id, 'OFF')).status).toBe(404);
  expect((await setState(await keyIn(portal, ['contacts.write']), id, 'OFF')).status).toBe(403);
  const get = (key: string, path: string) => call(key, 'GET', `/workflows${path}`);
  const shown = await get(await keyIn(portal, ['contacts.read']), `/${id}`);
  expect(shown).toMatchObject({ status: 200, answer: { id, state: 'DRAFT', businessUnitIds: null } });
  expect((await get(await keyIn(portal, ['contacts.read'], [fjell.id]), `/${id}`)).status).toBe(404);
});

const all: ApiScope[] = [
  'contacts.read',
  'contacts.write',
  'statuses.read',
  'statuses.write',
  'settings.write',
  'links',
];
const trigger = onFilter(having('tier', 'gold'));
const optOut = (typeId: number) => ({
  kind: 'CONSENT',
  input: { channel: 'EMAIL', status: 'OPT_OUT', typeId, legalBasis: null, explanation: '' },
});

/** A workflow of Northwind, made by a key that reaches only Northwind. */
async function newWorkflow(plan: object) {
  const key = await keyIn(portal, all, [northwind.id]);
  const made = await call(key, 'POST', '/workflows', { name: 'By a program' });
  const path = `/workflows/${made.answer.id}`;
  const draft = await call(key, 'PATCH', `${path}/draft`, plan);
  expect(draft.status).toBe(200);
  return { key, path, draft: draft.answer };
}

it('a program creates a workflow once, within its business units', async () => {
  const key = await keyIn(portal, all, [northwind.id]);
  const body = { name: ' Welcome  back ' };
  const once = { 'idempotency-key': 'new workflow' };
  const made = await call(key, 'POST', '/workflows', body, once);
  expect(made).toMatchObject({
    ...{ status: 201, answer: { name: 'Welcome back', state: 'DRAFT', businessUnitIds: [northwind.id] } },
  });
  expect((await call(key, 'POST', '/workflows', body, once)).answer).toEqual(made.answer);
  for (const businessUnitIds of [[fjell.id], [northwind.id, 99], null])
    expect((await call(key, 'POST', '/workflows', { ...body, businessUnitIds })).status).toBe(400);
  const path = `/workflows/${made.answer.id}`;
  const named = await call(key, 'PATCH', path, { name: 'Hello', revision: 1 });
  expect(named).toMatchObject({ status: 200, answer: { name: 'Hello', revision: 2 } });
  expect((await call(key, 'PATCH', path, { name: 'Late', revision: 1 })).status).toBe(409);
  expect((await call(key, 'DELETE', `${path}/draft`)).status).toBe(409);
  const about = `workflow:${made.answer.id}`;
  const entries = await portal.deps.models.auditEntries.find({ about }).lean();
  expect(entries.map(({ detail, unitId }) => [detail, unitId])).toEqual([
    ['“Welcome back”: created', northwind.id],
    ['“Welcome back”: renamed to “Hello”', northwind.id],
  ]);
});

it('a draft keeps the fields that a change does not name, and the secrets of its steps', async () => {
  const branch = {
    ...{ kind: 'BRANCH', input: { filter: having('city', 'Oslo') } },
    paths: [
      [{ kind: 'WEBHOOK', input: { url: 'https://shop.example.com/hook' } }],
      [{ kind: 'END', input: {} }],
    ],
  };
  const { key, path, draft } = await newWorkflow({ trigger, steps: [branch] });
  expect(draft).toMatchObject({ faults: [], plan: { trigger, enrolsAgain: false, tellsStaff: true } });
  expect(draft.secrets).toEqual([
    { stepId: draft.plan.steps[0].paths[0][0].id, secret: expect.stringMatching(/^whsec_/) },
  ]);
  const stored = async () => Object(await getWorkflow(portal.deps, path.split('/')[2] ?? '', null)).draft;
  const before = await stored();
  const again = await call(key, 'PATCH', `${path}/draft`, { steps: draft.plan.steps, enrolsAgain: true });
  expect(again.answer).toMatchObject({ plan: { ...draft.plan, enrolsAgain: true }, secrets: [] });
  expect((await stored()).steps).toEqual(before.steps);
  const shown = await call(key, 'GET', `${path}/draft`);
  expect(JSON.stringify(shown.answer)).not.toContain('secret');
  const [id] = draft.plan.steps.map((one: { id: string }) => one.id);
  const end = { kind: 'END', input: {} };
  for (const [wrong, place] of [
    [{ steps: [{ kind: 'WEBHOOK', input: { url: 'ftp://x' } }] }, 'body.steps.0.input.url'],
    [{ steps: [{ kind: 'NOTHING', input: {} }] }, 'body.steps.0.kind'],
    [
      { steps: [{ kind: 'WEBHOOK', input: { url: 'https://x.example', secret: 'mine' } }] },
      'body.steps.0.input',
    ],
    [{ window: { days: [8], from: '8', to: '18:00', zone: 'Europe/Oslo' } }, 'body.window.days.0'],
    [
      {
        steps: [
          { ...end, id: 'a' },
          { ...end, id: 'a' },
        ],
      },
      'steps.1',
    ],
    [{ steps: [{ ...end, id }] }, 'steps.0'],
  ] as const) {
    const refused = await call(key, 'PATCH', `${path}/draft`, wrong);
    expect(refused, place).toMatchObject({ status: 400, answer: { category: 'VALIDATION_ERROR' } });
    expect(refused.answer.errors[0].in).toBe(place);
  }
  expect((await call(key, 'PATCH', `${path}/draft`, { revision: 1 })).status).toBe(409);
});

it('a draft is published once it has no fault, and its version and review can be read', async () => {
  const foreign = [...(await portal.deps.catalogue()).types.values()].find(
    ({ unitId }) => unitId === fjell.id,
  );
  const steps = [
    { kind: 'BRANCH', input: { filter: trigger.filter }, paths: [[], []] },
    optOut(foreign?.id ?? 0),
  ];
  const { key, path } = await newWorkflow({ trigger, steps });
  const places = ['steps.0', 'steps.1'];
  const review = await call(key, 'GET', `${path}/review`);
  expect(review.answer).toMatchObject({ meetNow: { count: 0, isCapped: false } });
  expect(review.answer.faults.map((one: { in: string }) => one.in)).toEqual(places);
  expect(review.answer).toMatchObject({ suppressedNow: null, enrolledBefore: null, concerned: [] });
  const names = review.answer.checks.map(({ name, outcome }: Record<string, string>) => [name, outcome]);
  expect(names).toEqual([
    ['TRIGGER', 'PASSED'],
    ['END', 'PASSED'],
    ['SELF_START', 'PASSED'],
  ]);
  const refused = await call(key, 'POST', `${path}/versions`, {});
  expect(refused.status).toBe(400);
  expect(refused.answer.errors.map((one: { in: string }) => one.in)).toEqual(places);
  const weak = await keyIn(portal, ['settings.write'], [northwind.id]);
  expect((await call(weak, 'POST', `${path}/versions`, {})).status).toBe(403);

  await contactIn(portal, { email: 'gold@example.com', properties: { tier: 'gold' } });
  await call(key, 'PATCH', `${path}/draft`, { steps: [optOut(trailNotes.id)] });
  expect((await call(key, 'GET', `${path}/review`)).answer).toMatchObject({
    faults: [],
    meetNow: { count: 1 },
  });
  expect((await call(key, 'POST', `${path}/versions`, { revision: 1 })).status).toBe(409);
  const published = await call(key, 'POST', `${path}/versions`, { enrolsNow: true });
  expect(published).toMatchObject({ status: 201, answer: { number: 1, plan: { trigger } } });
  expect((await call(key, 'POST', `${path}/versions`, {})).status).toBe(409);
  expect((await call(key, 'GET', path)).answer).toMatchObject({ state: 'STARTING', version: 1 });
  expect((await call(key, 'GET', `${path}/draft`)).status).toBe(404);
  expect((await call(key, 'GET', `${path}/versions/1`)).answer).toEqual(published.answer);
  expect((await call(key, 'GET', `${path}/versions/2`)).status).toBe(404);

  await call(key, 'PATCH', `${path}/draft`, { enrolsAgain: true });
  await call(key, 'POST', `${path}/versions`, { moves: true });
  const versions = await call(key, 'GET', `${path}/versions`);
  expect(versions.answer.results.map((one: { number: number }) => one.number)).toEqual([2, 1]);
  expect((await call(key, 'GET', `${path}/versions?before=2`)).answer.results).toHaveLength(1);
  await call(key, 'PATCH', `${path}/draft`, { enrolsAgain: false });
  for (const _ of [1, 2]) expect((await call(key, 'DELETE', `${path}/draft`)).status).toBe(204);
});

it('enrolments are read, tried out, taken out and retried within the business units of the key', async () => {
  const { key, path } = await newWorkflow({ trigger: { kind: 'BY_HAND' }, steps: [optOut(trailNotes.id)] });
  const contact = await contactIn(portal, { email: 'hand@example.com' });
  const guest = await contactIn(portal, { email: 'fjell@example.com', unitIds: [fjell.id] });
  const trial = await call(key, 'GET', `${path}/trial?contactId=${contact._id}`);
  expect(trial.answer.results.map((one: { number: number }) => one.number)).toEqual([0, 1]);
  expect((await call(key, 'GET', `${path}/trial?contactId=${guest._id}`)).status).toBe(404);
  await call(key, 'POST', `${path}/versions`, {});
  await call(key, 'POST', `${path}/enrolments`, { emails: ['hand@example.com'] });

  const { answer } = await call(key, 'GET', `${path}/enrolments?mark=ACTIVE`);
  expect(answer).toMatchObject({
    results: [{ contactId: contact._id, state: 'ACTIVE', path: [] }],
    before: null,
  });
  const one = `${path}/enrolments/${answer.results[0].id}`;
  expect((await call(key, 'GET', one)).answer).toEqual(answer.results[0]);
  const ofContact = await call(key, 'GET', `/contacts/${contact._id}/enrolments`);
  expect(ofContact.answer).toEqual({ results: answer.results });
  expect((await call(key, 'POST', `${one}/retries`)).status).toBe(409);
  const { enrolments } = portal.deps.models;
  await enrolments.updateOne(
    { _id: answer.results[0].id },
    { $set: { lastError: 'HTTP 500', dueAt: new Date(0) } },
  );
  const retried = await call(key, 'POST', `${one}/retries`);
  expect(retried.status).toBe(200);
  expect(Date.parse(retried.answer.dueAt)).toBeGreaterThan(0);

  const other = await keyIn(portal, all, [fjell.id]);
  const reader = await keyIn(portal, ['contacts.read']);
  expect((await call(other, 'GET', one)).status).toBe(404);
  expect((await call(other, 'PUT', `${one}/state`, { state: 'LEFT' })).status).toBe(404);
  expect((await call(other, 'GET', `${path}/enrolments`)).status).toBe(404);
  expect((await call(other, 'PATCH', `${path}/draft`, { enrolsAgain: true })).status).toBe(404);
  expect((await call(other, 'POST', `${path}/versions`, {})).status).toBe(404);
  expect((await call(other, 'GET', `/contacts/${contact._id}/enrolments`)).status).toBe(404);
  expect((await call(reader, 'PUT', `${one}/state`, { state: 'LEFT' })).status).toBe(403);
  for (const _ of [1, 2])
    expect((await call(key, 'PUT', `${one}/state`, { state: 'LEFT' })).answer).toMatchObject({
      ...{ state: 'LEFT', reason: 'BY_HAND' },
    });
  expect((await call(key, 'GET', `${path}/enrolments?mark=LEFT:`)).answer.results).toHaveLength(1);

  const moved = { $set: { unitIds: [fjell.id] } };
  await portal.deps.models.contacts.updateOne({ _id: contact._id }, moved);
  expect((await call(key, 'GET', one)).answer).toMatchObject({ contactId: null });
});

it('a key reads enrolments page by page', async () => {
  const { key, path } = await newWorkflow({ trigger: { kind: 'BY_HAND' }, steps: [optOut(trailNotes.id)] });
  const workflowId = path.split('/')[2] ?? '';
  const { enrolments } = portal.deps.models;
  const like = Object(await enrolments.findOne().lean());
  const at = new Date();
  await enrolments.insertMany(
    Array.from({ length: 101 }, (_, number) => ({ ...like, _id: `${workflowId}:${number}`, workflowId, at })),
  );
  const first = await call(key, 'GET', `${path}/enrolments`);
  expect(first.answer.results).toHaveLength(100);
  const rest = await call(key, 'GET', `${path}/enrolments?before=${first.answer.before}`);
  expect(rest.answer).toMatchObject({ results: [{}], before: null });
  const ids = [...first.answer.results, ...rest.answer.results].map(({ id }) => id);
  expect(new Set(ids).size).toBe(101);
  expect((await call(key, 'GET', `${path}/enrolments?before=nonsense`)).status).toBe(400);
});
