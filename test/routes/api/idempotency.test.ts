/** `Idempotency-Key`: repeats, other requests, calls at the same moment, kills, uploads, and what is not kept. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createList } from '../../../src/domain/lists/lists.js';
import { DomainError } from '../../../src/errors.js';
import { answerOnce, keptIdOf } from '../../../src/routes/api/idempotency.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { northwind } from '../../support/people.js';

const portal = await openTestPortal();
const newKey = () => keyIn(portal, ['contacts.write', 'exports', 'statuses.write']);
const key = await newKey();
const about = { name: 'Readers', kind: 'STATIC', unitIds: null, by: 'user:1', scope: null } as const;
const made = await createList(portal.deps, about);
if (!('list' in made)) expect.fail('no list');
const listPath: string = `/lists/${made.list._id}/members`;
await contactIn(portal, { email: 'reader@example.com' });

const post = (
  path: string,
  body: string,
  { repeat, as = key, type = 'application/json' }: { repeat: string; as?: string; type?: string },
) => callApi(portal, as, 'POST', `/api/v1${path}`, body, { 'content-type': type, 'idempotency-key': repeat });

const members = JSON.stringify({ emails: ['reader@example.com', 'nobody@example.com'] });
const outcomes = (text: string): unknown =>
  Object(JSON.parse(text))['results'].map((one: { outcome: string }) => one.outcome);

it('a repeat gets the first answer, another body 422, and another API key its own answer', async () => {
  const first = await post(listPath, members, { repeat: 'a' });
  expect(outcomes(first.text)).toEqual(['CHANGED', 'NO_CONTACT']);
  const again = await post(listPath, members, { repeat: 'a' });
  expect([again.status, again.text]).toEqual([first.status, first.text]);
  expect((await post(listPath, JSON.stringify({ emails: ['x@example.com'] }), { repeat: 'a' })).status).toBe(
    422,
  );
  const other = await post(listPath, members, { repeat: 'a', as: await newKey() });
  expect(outcomes(other.text)).toEqual(['NO_CHANGE', 'NO_CONTACT']);
  expect((await post(listPath, members, { repeat: 'x'.repeat(256) })).status).toBe(400);
});

it('an answer is encrypted in the database, and kept for 24 hours', async () => {
  const first = await post(listPath, members, { repeat: 'day' });
  const all = await portal.deps.models.keptCalls.find().lean();
  expect(all.length).toBeGreaterThan(0);
  expect(JSON.stringify(all)).not.toContain('example.com');
  portal.advance(23 * 3_600_000);
  expect((await post(listPath, members, { repeat: 'day' })).text).toBe(first.text);
  portal.advance(2 * 3_600_000);
  expect(
    (await post(listPath, JSON.stringify({ emails: ['x@example.com'] }), { repeat: 'day' })).status,
  ).toBe(200);
});

it('of several calls at the same moment one runs, and the others get its answer or 409', async () => {
  const body = JSON.stringify({ export: 'UNSUBSCRIBED', reason: null, format: { kind: 'NDJSON' } });
  const before = await portal.deps.models.jobs.countDocuments();
  const all = await Promise.all(Array.from({ length: 12 }, () => post('/exports', body, { repeat: 'many' })));
  expect(await portal.deps.models.jobs.countDocuments()).toBe(before + 1);
  const answers = new Set(all.filter(({ status }) => status === 202).map(({ text }) => text));
  expect(answers.size).toBe(1);
  for (const { status, headers } of all.filter((one) => one.status !== 202)) {
    expect(status).toBe(409);
    expect(headers.get('retry-after')).toBe('1');
  }
  expect((await post('/exports', body, { repeat: 'many' })).text).toBe([...answers][0]);
});

it('a final fault is kept', async () => {
  const first = await post('/lists/none/members', members, { repeat: 'fault' });
  expect(first.status).toBe(404);
  expect((await post('/lists/none/members', members, { repeat: 'fault' })).text).toBe(first.text);
});

it('an upload is compared by the hash of its bytes', async () => {
  const path = `/imports?businessUnitId=${northwind.id}`;
  const list = 'E-mail\nann@list.example\n';
  const send = (body: string) => post(path, body, { repeat: 'file', type: 'text/csv' });
  const first = await send(list);
  expect(first.status).toBe(202);
  const again = await send(list);
  expect([again.status, again.text]).toEqual([202, first.text]);
  expect((await send(`${list}bob@list.example\n`)).status).toBe(422);
  expect(await portal.deps.models.imports.countDocuments()).toBe(1);
});

const callNamed = (id: string) => ({
  ...{ id: keptIdOf('key', '/path', id), request: {}, bytes: null },
  faultAnswer: () => null,
});

it('a call that failed is not kept, and its repeat runs under the same name', async () => {
  const names: string[] = [];
  const failing = (name: string) => {
    names.push(name);
    return Promise.reject(new DomainError('DATABASE_AWAY'));
  };
  const ran = (name: string) => {
    names.push(name);
    return Promise.resolve({ status: 200, body: { ran: true } });
  };
  await expect(answerOnce(portal.deps, callNamed('failed'), failing)).rejects.toThrow('DATABASE_AWAY');
  expect(await answerOnce(portal.deps, callNamed('failed'), ran)).toEqual({
    status: 200,
    body: { ran: true },
  });
  portal.advance(25 * 3_600_000);
  await answerOnce(portal.deps, callNamed('failed'), ran);
  expect(names[1]).toBe(names[0]);
  expect(names[2]).not.toBe(names[0]);
});

it('a repeat runs the call again after its process was killed, but never while it runs', async () => {
  const call = callNamed(randomUUID());
  let end: () => void = () => undefined;
  const slow = answerOnce(portal.deps, call, async () => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    return { body: 'slow' };
  });
  const { keptCalls } = portal.deps.models;
  await expect.poll(() => keptCalls.exists({ _id: call.id })).toBeTruthy();
  const repeat = () => answerOnce(portal.deps, call, () => Promise.resolve({ body: 'second' }));
  await expect(repeat()).rejects.toMatchObject({ code: 'CONFLICT', retryAfterSeconds: 1 });
  // A killed process renews nothing, so its claim ends.
  await keptCalls.updateOne({ _id: call.id }, { $set: { heldUntil: new Date(0) } });
  await expect(
    answerOnce(portal.deps, { ...call, request: { other: 1 } }, () => Promise.resolve({ body: 'other' })),
  ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  expect(await repeat()).toEqual({ body: 'second' });
  end();
  await slow;
  expect(await repeat(), 'the process that lost its claim keeps nothing').toEqual({ body: 'second' });
});
