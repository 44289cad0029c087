/** The API of webhooks: endpoints, secrets, deliveries, redelivery, replay, scopes and business units. */
import { beforeEach, expect, it } from 'vitest';
import { deliverDue } from '../../../src/domain/webhooks/deliver.js';
import { drainFeed } from '../../../src/feed/run.js';
import { operations } from '../../../src/routes/api/registry.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';
import { answering, openReceiver, verified } from '../../support/receiver.js';

const portal = await openTestPortal();
const receiver = await openReceiver();
const key = await keyIn(portal, ['webhooks']);
await drainFeed(portal.deps);
beforeEach(() => {
  receiver.got.length = 0;
  receiver.answer(answering(204));
});

const call = (method: string, path: string, body?: object, more: Record<string, string> = {}) => {
  const { as = key, ...headers } = more;
  return callApi(portal, as, method, `/api/v1/webhooks${path}`, body, headers);
};

const settings = () => ({ name: 'Mailer', url: receiver.url, eventTypes: ['contact.created'] });

async function created(more: object = {}, as = key): Promise<{ id: string; secret: string }> {
  const { status, text, answer } = await call('POST', '', { ...settings(), ...more }, { as });
  expect(status, text).toBe(201);
  return { id: String(answer['id']), secret: String(answer['secret']) };
}

async function work(id: string) {
  const { deps } = portal;
  await drainFeed(deps);
  await deliverDue({ ...deps, config: { ...deps.config, privateSources: ['127.0.0.1'] } }, id);
}

let count = 0;
const somebody = (unitIds = [northwind.id]) =>
  contactIn(portal, { email: `hooked-${++count}@example.com`, unitIds });

it('an endpoint is created, read, changed, paused, resumed and deleted, and each act is in the audit log', async () => {
  const { id } = await created();
  const whole = {
    ...{ ...settings(), businessUnitIds: null, subscriptionTypeIds: [], state: 'ACTIVE', version: 1 },
    ...{ failingSince: null, restUntil: null, oldSecretEndsAt: null },
    lag: { waiting: 0, givenUp: 0, hasUnread: false, since: null },
  };
  const read = await call('GET', `/${id}`);
  expect(read).toMatchObject({ status: 200, answer: whole });
  expect(JSON.stringify(read.answer)).not.toContain('whsec_');
  const change = { businessUnitIds: [northwind.id], subscriptionTypeIds: [trailNotes.id], eventTypes: [] };
  expect(await call('PATCH', `/${id}`, { ...change, version: 1 })).toMatchObject({
    ...{ status: 200, answer: { ...whole, ...change, version: 2 } },
  });
  expect((await call('PATCH', `/${id}`, { name: 'Late', version: 1 })).status).toBe(409);
  for (const [state, outcome] of [
    ['PAUSED', 'PAUSED'],
    ['PAUSED', 'PAUSED'],
    ['ACTIVE', 'ACTIVE'],
  ])
    expect((await call('PUT', `/${id}/state`, { state })).answer).toMatchObject({ state: outcome });
  expect((await call('GET', '')).answer).toMatchObject({ results: [{ id }] });
  expect((await call('DELETE', `/${id}`)).status).toBe(204);
  expect((await call('GET', `/${id}`)).status).toBe(404);
  const entries = await portal.deps.models.auditEntries.find({ about: `webhook:${id}` }).lean();
  expect(entries.map(({ detail }) => detail.replace(/.*” /, ''))).toEqual([
    ...['created', 'changed', 'paused', 'resumed', 'deleted'],
  ]);
  expect(entries.every(({ by }) => by?.startsWith('key:'))).toBe(true);
});

it('endpoints are listed a few at a time, in the order of creation, also when one is renamed or deleted meanwhile', async () => {
  const ids: string[] = [];
  for (const name of ['C', 'A', 'B']) ids.push((await created({ name })).id);
  const pages = async (after: string | null): Promise<string[]> => {
    const { answer } = await call('GET', `?limit=1${after ? `&after=${after}` : ''}`);
    const [{ id }] = answer['results'];
    await call('PATCH', `/${id}`, { name: 'Renamed' });
    return [id, ...(answer['after'] ? await pages(String(answer['after'])) : [])];
  };
  expect(await pages(null)).toEqual(ids);
  const { answer } = await call('GET', '?limit=1');
  await call('DELETE', `/${ids[0] ?? ''}`);
  const next = await call('GET', `?after=${String(answer['after'])}`);
  expect(next.answer).toMatchObject({ results: ids.slice(1).map((id) => ({ id })), after: null });
  expect((await call('GET', '?after=nonsense')).status).toBe(400);
  for (const id of ids.slice(1)) await call('DELETE', `/${id}`);
});

it('deliveries are listed a few at a time, and one shows its body and the answers', async () => {
  const { id, secret } = await created();
  for (let one = 0; one < 3; one++) await somebody();
  receiver.answer(answering(500));
  await work(id);
  const { answer: first } = await call('GET', `/${id}/deliveries?limit=2`);
  expect(first['results']).toMatchObject([
    { type: 'contact.created', state: 'QUEUED', attempts: 1, endedAt: null },
    {},
  ]);
  const { answer: rest } = await call('GET', `/${id}/deliveries?limit=2&after=${String(first['after'])}`);
  expect(rest).toMatchObject({ results: [{}], after: null });
  const all: { id: string; webhookId: string }[] = [...first['results'], ...rest['results']];
  const sentIds = receiver.got.map(({ headers }) => headers['webhook-id']);
  expect(all.map(({ webhookId }) => webhookId).sort()).toEqual(sentIds.sort());
  const [got] = receiver.got;
  const of = all.find(({ webhookId }) => webhookId === got?.headers['webhook-id']);
  const shown = await call('GET', `/${id}/deliveries/${of?.id ?? ''}`);
  expect(shown.answer).toMatchObject({
    ...{ body: got?.event, lastAttempts: [{ status: 500, text: 'status 500' }] },
  });
  expect(got && verified(secret, got)).toEqual(got?.event);
  expect((await call('GET', `/${id}`)).answer).toMatchObject({
    lag: { waiting: 3, since: expect.any(String) },
  });
  expect((await call('GET', `/${id}/deliveries?state=QUEUED&limit=3`)).answer['results']).toHaveLength(3);
  expect((await call('GET', `/${id}/deliveries?state=FAILED`)).answer['results']).toEqual([]);
  expect((await call('GET', `/${id}/deliveries?after=nonsense`)).status).toBe(400);
  expect((await call('GET', `/${id}/deliveries/nothing`)).status).toBe(404);
  await call('DELETE', `/${id}`);
});

it('a test, a redelivery and a replay are sent, the latter two with the first ids', async () => {
  const { id } = await created();
  await somebody();
  await work(id);
  const [{ id: deliveryId }] = (await call('GET', `/${id}/deliveries`)).answer['results'];
  expect((await call('POST', `/${id}/deliveries/${deliveryId}/redeliveries`)).status).toBe(202);
  await work(id);
  const from = new Date(Date.now() - 3_600_000).toISOString();
  expect((await call('POST', `/${id}/replays`, { from })).status).toBe(202);
  await work(id);
  const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
  expect(ids.filter((one) => one === ids[0])).toHaveLength(3);
  const test = await call('POST', `/${id}/tests`);
  expect(test).toMatchObject({ status: 202, answer: { type: 'webhook.test', body: { data: {} } } });
  await work(id);
  expect(receiver.got.at(-1)?.headers['webhook-id']).toBe(test.answer['webhookId']);
  const future = new Date(Date.now() + 3_600_000).toISOString();
  expect((await call('POST', `/${id}/replays`, { from: future })).status).toBe(400);
  await call('DELETE', `/${id}`);
});

it('a new secret signs beside the old one', async () => {
  const { id, secret } = await created();
  const fresh = await call('POST', `/${id}/secrets`);
  expect(fresh).toMatchObject({ status: 201, answer: { secret: expect.stringMatching(/^whsec_/) } });
  expect((await call('GET', `/${id}`)).answer['oldSecretEndsAt']).toBe(fresh.answer['oldSecretEndsAt']);
  await somebody();
  await work(id);
  const [got] = receiver.got;
  for (const one of [secret, String(fresh.answer['secret'])])
    expect(got && verified(one, got)).toEqual(got?.event);
  await call('DELETE', `/${id}`);
});

it('a key of some units sees and makes only endpoints of these, and none gets more than its key', async () => {
  const limited = await keyIn(portal, ['webhooks'], [northwind.id]);
  const { id: whole } = await created();
  const { id: other } = await created({ businessUnitIds: [fjell.id] });
  const { id: own } = await created({}, limited);
  expect((await call('GET', '', undefined, { as: limited })).answer).toMatchObject({
    results: [{ id: own, businessUnitIds: [northwind.id] }],
  });
  for (const id of [whole, other])
    for (const { method, path } of operations.filter(
      ({ tag, path: at }) => tag === 'Webhooks' && at.includes(':id'),
    )) {
      const at = path.replace('/api/v1/webhooks', '').replace(':id', id).replace(':deliveryId', 'x');
      const bodies: Record<string, object> = {
        ...{ updateWebhook: { name: 'Mine' }, setWebhookState: { state: 'PAUSED' } },
        replayWebhook: { from: new Date(0).toISOString() },
      };
      const { id: operationId } = operations.find((one) => one.path === path && one.method === method) ?? {
        id: '',
      };
      expect((await call(method, at, bodies[operationId], { as: limited })).status, operationId).toBe(404);
    }
  for (const reach of [null, [fjell.id], [northwind.id, fjell.id], [9999], []]) {
    const body = { businessUnitIds: reach };
    expect((await call('PATCH', `/${own}`, body, { as: limited })).status).toBe(400);
    expect((await call('POST', '', { ...settings(), ...body }, { as: limited })).status).toBe(400);
  }
  await somebody([fjell.id]);
  await somebody([northwind.id]);
  await work(own);
  expect(receiver.got).toHaveLength(1);
  for (const id of [whole, other, own]) await call('DELETE', `/${id}`);
});

it('an endpoint that lost a business unit gets and shows no waiting event of it', async () => {
  const limited = await keyIn(portal, ['webhooks'], [northwind.id]);
  const { id } = await created({ eventTypes: [] });
  const optOut = { address: 'narrowed@example.com', businessUnitId: fjell.id };
  const own = { address: 'narrowed@example.com', businessUnitId: northwind.id };
  const writer = await keyIn(portal, ['statuses.write']);
  await callApi(portal, writer, 'POST', '/api/v1/opt-outs/batch', { inputs: [optOut, own] });
  await drainFeed(portal.deps);
  const change = await call('PATCH', `/${id}`, { businessUnitIds: [northwind.id] });
  expect(change.status).toBe(200);
  const bodies = async () => {
    const { results } = (await call('GET', `/${id}/deliveries`, undefined, { as: limited })).answer;
    const all = results.map(({ id: one }: { id: string }) =>
      call('GET', `/${id}/deliveries/${one}`, undefined, { as: limited }),
    );
    return (await Promise.all(all)).map(({ answer }) => answer['body']?.data?.businessUnitId ?? null).sort();
  };
  expect(await bodies()).toEqual([northwind.id, null].sort());
  await work(id);
  expect(receiver.got.map(({ event }) => event.data['businessUnitId'])).toEqual([northwind.id]);
  await call('DELETE', `/${id}`);
});

it('wrong URLs, events and types are refused, and so are keys without the scope', async () => {
  for (const wrong of [
    ...[{ url: 'http://example.com/' }, { url: 'https://ann:secret@example.com/' }, { name: '' }],
    ...[{ eventTypes: ['no.such'] }, { subscriptionTypeIds: [9999] }, { unknown: 1 }],
  ])
    expect((await call('POST', '', { ...settings(), ...wrong })).status, JSON.stringify(wrong)).toBe(400);
  const as = await keyIn(portal, ['changes.read', 'contacts.write', 'statuses.write']);
  for (const { method, path } of operations.filter(({ tag }) => tag === 'Webhooks')) {
    const at = path.replace('/api/v1/webhooks', '').replaceAll(/:\w+/g, 'x');
    expect((await call(method, at, undefined, { as })).status, `${method} ${path}`).toBe(403);
  }
});
