/** Every POST of Sayso's own API is repeated with its `Idempotency-Key` after a kill between the write and the kept answer: nothing is made twice. */
import { describe, expect, it } from 'vitest';
import { editDraft, getWorkflow } from '../../../src/domain/workflows/workflows.js';
import { runDueJobs } from '../../../src/jobs/engine.js';
import { steppersOf } from '../../../src/jobs/registry.js';
import { operations } from '../../../src/routes/api/registry.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { publishedWorkflow } from '../../support/job-surfaces.js';
import { northwind, trailNotes } from '../../support/people.js';
import { step } from '../../support/workflow-room.js';

const portal = await openTestPortal();
const key = await keyIn(portal);

const post = (path: string, body?: object | string, repeat?: string) =>
  callApi(portal, key, 'POST', `/api/v1${path}`, body, {
    ...(typeof body === 'string' ? { 'content-type': 'text/csv' } : {}),
    ...(repeat === undefined ? {} : { 'idempotency-key': repeat }),
  });

async function idOf(path: string, body: object | string): Promise<string> {
  const { status, text, answer } = await post(path, body);
  expect(status, text).toBeLessThan(300);
  return String(answer.id);
}

async function work(): Promise<void> {
  const { models, log, metrics } = portal.deps;
  const round = await runDueJobs({ models, steppers: steppersOf(portal.deps), log, metrics });
  if (round.DONE + round.RETRIED > 0) await work();
}

let number = 0;
const fresh = (what: string) => `${what} ${++number}`;
const email = () => `repeated-${++number}@example.com`;
const webhook = () => ({ name: fresh('Hook'), url: 'https://hooks.example.com/' });
const list = () => ({ name: fresh('List'), kind: 'STATIC' });
const anExport = { export: 'UNSUBSCRIBED', reason: null, format: { kind: 'NDJSON' } };
const csv = () => `E-mail\n${email()}\n`;

async function anImport(state: 'CHECKED' | 'DONE'): Promise<{ id: string; confirmation: object }> {
  const id = await idOf(`/imports?businessUnitId=${northwind.id}`, csv());
  await work();
  const { counts, revision } = (await portal.deps.models.imports.findById(id).lean()) ?? {};
  const confirmation = { number: counts?.distinct, revision };
  if (state === 'DONE') {
    expect((await post(`/imports/${id}/confirmation`, confirmation)).status).toBe(202);
    await work();
  }
  return { id, confirmation };
}

async function anEndedDelivery(): Promise<string> {
  const id = await idOf('/webhooks', webhook());
  const { answer } = await post(`/webhooks/${id}/tests`);
  await ended();
  return `/webhooks/${id}/deliveries/${String(answer.id)}/redeliveries`;
}
const ended = () =>
  portal.deps.models.webhookDeliveries.updateMany({}, { $set: { state: 'DELIVERED', endedAt: new Date() } });

interface Call {
  path: string;
  body?: object | string;
  /** The repeat gets the answer of the first call. Otherwise its outcome says that nothing changed. */
  isSame?: true;
  /** The repeat is refused, since what it asks for is done. */
  isRefused?: true;
  /** What happens between the kill and the repeat. */
  meanwhile?: () => Promise<unknown>;
}

const person = () => `/subscribers/${encodeURIComponent(email())}`;
const same = { isSame: true } as const;
const anEdit = async () => ({
  ...{ channel: 'EMAIL', typeIds: [trailNotes.id], status: 'OPT_OUT', explanation: '' },
  contactIds: [await idOf('/contacts', { email: email() })],
});
const some = async () => ({ contactIds: (await anEdit()).contactIds });
const aWorkflow = () => publishedWorkflow(portal.deps, [step('PROPERTY', { name: 'Greeted', value: 'yes' })]);
const calls: Record<string, () => Call | Promise<Call>> = {
  createLinks: () => ({ path: '/links', body: { address: email(), businessUnitId: northwind.id } }),
  getEligibility: () => ({
    path: '/eligibility',
    body: { address: email(), typeId: trailNotes.id },
    ...same,
  }),
  getEligibilities: () => ({
    ...{ path: '/eligibility/batch', body: { inputs: [{ address: email(), typeId: trailNotes.id }] } },
    ...same,
  }),
  optOutOfAll: () => ({ path: `${person()}/opt-outs`, body: {}, ...same }),
  optOutMany: () => ({ path: '/opt-outs/batch', body: { inputs: [{ address: email() }] } }),
  createSubscriptionType: () => ({
    ...{ path: '/subscription-types', ...same },
    body: { businessUnitId: northwind.id, name: fresh('Type'), description: 'News.' },
  }),
  createBusinessUnit: () => ({
    ...{ path: '/business-units', ...same },
    body: {
      ...{ name: fresh('Unit'), accent: '#225577', senderName: 'Unit', senderAddress: 'news@unit.example' },
      ...{ postalAddress: 'Main Street 1, Oslo', privacyPolicyUrl: 'https://unit.example/privacy' },
    },
  }),
  cancelJob: async () => ({ path: `/jobs/${await idOf('/exports', anExport)}/cancellations`, ...same }),
  createContact: () => ({ path: '/contacts', body: { email: email() }, ...same }),
  reportBounces: () => ({ path: '/bounces', body: { inputs: [{ address: email(), kind: 'SOFT' }] } }),
  reportComplaints: () => ({ path: '/complaints', body: { inputs: [{ address: email() }] } }),
  startImport: () => ({ path: `/imports?businessUnitId=${northwind.id}`, body: csv(), ...same }),
  confirmImport: async () => {
    const { id, confirmation } = await anImport('CHECKED');
    return { path: `/imports/${id}/confirmation`, body: confirmation, ...same };
  },
  undoImport: async () => ({ path: `/imports/${(await anImport('DONE')).id}/undo`, ...same }),
  startExport: () => ({ path: '/exports', body: anExport, ...same }),
  createWebhook: () => ({ path: '/webhooks', body: webhook(), ...same }),
  rotateWebhookSecret: async () => ({
    path: `/webhooks/${await idOf('/webhooks', webhook())}/secrets`,
    ...same,
  }),
  testWebhook: async () => ({ path: `/webhooks/${await idOf('/webhooks', webhook())}/tests`, ...same }),
  replayWebhook: async () => ({
    path: `/webhooks/${await idOf('/webhooks', webhook())}/replays`,
    ...{ body: { from: new Date(0).toISOString() }, ...same },
  }),
  redeliver: async () => ({ path: await anEndedDelivery(), meanwhile: ended }),
  createList: () => ({ path: '/lists', body: list(), ...same }),
  changeListMembers: async () => ({
    ...{ path: `/lists/${await idOf('/lists', list())}/members`, body: { emails: [email()] } },
    ...same,
  }),
  moveSubscriptionType: () => ({
    ...{ path: `/subscription-types/${trailNotes.id}/moves`, body: { direction: 'DOWN' }, ...same },
  }),
  countContacts: () => ({ path: '/contacts/counts', body: { filter: { any: [] } }, ...same }),
  startBulkEdit: async () => ({ path: '/bulk-edits', body: await anEdit(), ...same }),
  startMarketingChange: async () => ({
    ...{ path: '/marketing-changes', ...same },
    body: { isMarketing: true, ...(await some()) },
  }),
  startListEdit: async () => ({
    ...{ path: `/lists/${await idOf('/lists', list())}/member-changes`, body: await some(), ...same },
  }),
  startEnrolment: async () => ({
    ...{ path: `/workflows/${await aWorkflow()}/enrolment-jobs`, body: await some(), ...same },
  }),
  startLinkMailing: async () => ({
    ...{ path: '/link-mailings', body: { ...(await some()), businessUnitId: northwind.id }, ...same },
  }),
  searchContacts: () => ({ path: '/contacts/search', body: { filter: { any: [] } }, ...same }),
  confirmJob: async () => {
    const id = await idOf('/bulk-edits', await anEdit());
    await work();
    return { path: `/jobs/${id}/confirmations`, body: { expected: 1 }, ...same };
  },
  retryJob: async () => ({ path: `/jobs/${await idOf('/exports', anExport)}/retries`, ...same }),
  createWorkflow: () => ({ path: '/workflows', body: { name: fresh('Workflow') }, ...same }),
  publishWorkflow: async () => {
    const { deps } = portal;
    const id = await aWorkflow();
    await editDraft(deps, await getWorkflow(deps, id, null));
    return { path: `/workflows/${id}/versions`, body: {}, isRefused: true };
  },
  enrolContacts: async () => {
    const workflowId = await aWorkflow();
    await work();
    const address = email();
    await idOf('/contacts', { email: address });
    return { path: `/workflows/${workflowId}/enrolments`, body: { emails: [address] } };
  },
  getPersonData: async () => {
    const address = email();
    await idOf('/contacts', { email: address });
    return { path: '/people/data', body: { address } };
  },
  erasePerson: async () => {
    const address = email();
    await idOf('/contacts', { email: address });
    return { path: '/people/erasures', body: { address }, ...same };
  },
};

/** It changes only when a failed step runs next. */
const onlyTime = 'retryStep';

/** How many documents each collection has, and what waits to be delivered. */
async function contents(): Promise<Record<string, number>> {
  const { connection, models } = portal.deps;
  const all: Record<string, number> = {};
  const unrelated = /audit|kept_calls|api_keys|rate|daily_counts|settings/;
  for (const { collectionName: name } of (await connection.db?.collections()) ?? [])
    if (!unrelated.test(name)) all[name] = (await connection.db?.collection(name).countDocuments()) ?? 0;
  return { ...all, waiting: await models.webhookDeliveries.countDocuments({ state: 'QUEUED' }) };
}

/** The process is killed after it wrote, and before it kept its answer. */
const killed = () =>
  portal.deps.models.keptCalls.updateMany({}, { $set: { sealed: null, heldUntil: new Date(0) } });

describe('a call that is repeated after a kill makes nothing twice', () => {
  it.each(operations.filter(({ keepsAnswer, id }) => keepsAnswer && id !== onlyTime).map(({ id }) => id))(
    '%s',
    async (id) => {
      const call = await calls[id]?.();
      if (!call) expect.fail(`Add a row for ${id}.`);
      const first = await post(call.path, call.body, id);
      expect(first.status, JSON.stringify(first.answer)).toBeLessThan(300);
      await call.meanwhile?.();
      const before = await contents();
      await killed();
      const again = await post(call.path, call.body, id);
      expect(again.status, JSON.stringify(again.answer)).toBe(call.isRefused ? 409 : first.status);
      if (call.isSame) expect(again.answer).toEqual(first.answer);
      expect(await contents()).toEqual(before);
    },
  );
});

it('a repeat after a fault of the database finds what the first run made', async () => {
  const body = { email: email() };
  await post('/contacts', body, 'lost');
  // The answer was lost, so the claim was given up.
  await killed();
  const [made] = await portal.deps.models.contacts.find({ email: body.email }).lean();
  expect((await post('/contacts', body, 'lost')).answer.id).toBe(made?._id);
});

it('after 24 hours, the same key makes another one', async () => {
  const body = webhook();
  const first = await post('/webhooks', body, 'a day');
  portal.advance(25 * 3_600_000);
  const later = await post('/webhooks', body, 'a day');
  expect(later.status).toBe(201);
  expect(later.answer.id).not.toBe(first.answer.id);
  expect(later.answer.secret).not.toBe(first.answer.secret);
});
