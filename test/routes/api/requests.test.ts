/** What every call of the API has in common: methods, paths, parts of a request, headers, and the order of the checks. */
import { expect, it } from 'vitest';
import { operations } from '../../../src/routes/api/registry.js';
import { keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';

const portal = await openTestPortal();
const key = await keyIn(portal, ['contacts.write', 'contacts.read']);
const exportKey = await keyIn(portal, ['exports']);

async function call(method: string, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers };
  const response = await fetch(portal.url + path, { redirect: 'manual', ...init, method, headers });
  const text = await response.text();
  const body: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, body };
}

it('every operation has an id of its own, and refuses a call without a key', async () => {
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
  for (const { method, path } of operations) {
    const response = await fetch(portal.url + path.replaceAll(/:\w+/g, 'x'), { method });
    expect(response.status, `${method} ${path}`).toBe(401);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    await response.text();
  }
});

it('undeclared methods get 405 with the declared ones', async () => {
  for (const method of ['DELETE', 'PATCH', 'OPTIONS', 'PUT', 'POST']) {
    const { status, headers, body } = await call(method, '/api/v1/jobs');
    expect(status, method).toBe(405);
    expect(headers.get('allow')).toBe('GET, HEAD');
    expect(body).toMatchObject({ status: 'error', category: 'METHOD_NOT_ALLOWED' });
  }
  expect((await call('HEAD', '/api/v1/jobs')).status).toBe(200);
});

it('never redirects, and answers unknown paths in JSON', async () => {
  expect((await call('GET', '/api/v1/lists/')).status).toBe(200);
  for (const path of ['/api/v1', '/api/v1/nothing', '/api/v1/lists/%E0%A4%A', '/crm/nothing']) {
    const { status, headers } = await call('GET', path);
    expect(status, path).toBe(404);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  }
});

it('a body with too many levels is a fault, also with an idempotency key', async () => {
  const deep = `{"export":"CONTACTS","more":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  for (const headers of [{}, { 'idempotency-key': 'deep' }]) {
    const init = { body: deep, headers: { authorization: `Bearer ${exportKey}`, ...headers } };
    expect((await call('POST', '/api/v1/exports', init)).status).toBe(400);
  }
});

it('a text that is not a cursor is a fault, since a client would begin again at the first page', async () => {
  for (const path of ['/api/v1/jobs?before=', '/api/v1/contacts?after='])
    for (const cursor of ['nonsense', Buffer.from('{"at":"never"}').toString('base64url')])
      expect((await call('GET', path + cursor)).status, path).toBe(400);
});

it('unknown fields and parameters are faults that name their place', async () => {
  const person = { address: 'ann@example.com', shoe: 1 };
  const sent = await call('POST', '/api/v1/people/data', { body: JSON.stringify(person) });
  expect(sent.status).toBe(400);
  expect(sent.body).toMatchObject({
    category: 'VALIDATION_ERROR',
    errors: [{ in: 'body', code: 'unrecognized_keys', message: 'body has unknown fields: shoe.' }],
  });
  expect(JSON.stringify(sent.body)).not.toContain('ann@');
  const asked = await call('GET', '/api/v1/lists?shoe=1');
  expect(asked.status).toBe(400);
  expect(asked.body).toMatchObject({ errors: [{ in: 'query' }] });
});

it('a missing body, a body that is too large, and one that is not JSON are refused', async () => {
  const send = async (body: string | null, type = 'application/json') =>
    (await call('POST', '/api/v1/people/data', { body, headers: { 'content-type': type } })).status;
  expect(await send('{')).toBe(400);
  expect(await send(null)).toBe(400);
  expect(await send('address=ann', 'application/x-www-form-urlencoded')).toBe(415);
  expect(await send(JSON.stringify({ address: 'x'.repeat(1_100_000) }))).toBe(413);
});

it('each answer has its correlation id and what is left of the rate limit', async () => {
  const first = await call('GET', '/api/v1/lists');
  const second = await call('POST', '/api/v1/people/data', { body: '{}' });
  expect(first.headers.get('ratelimit-limit')).toBe('60000');
  const left = (headers: Headers) => Number(headers.get('ratelimit-remaining'));
  expect(left(second.headers)).toBe(left(first.headers) - 1);
  expect(second.headers.get('x-correlation-id')).toBe(Object(second.body)['correlationId']);
  const hubspot = await call('GET', '/crm/nothing');
  expect(hubspot.headers.get('x-hubspot-correlation-id')).toBe(Object(hubspot.body)['correlationId']);
});
