/** Outside the business units of a key nothing exists: for every path of Sayso's own API, an id of another unit is answered like an id that does not exist. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey } from '../../../src/domain/staff/api-keys.js';
import { createWorkflow } from '../../../src/domain/workflows/workflows.js';
import { apiScopes } from '../../../src/models/api-key.js';
import { openApiDocument } from '../../../src/routes/api/openapi.js';
import { operations } from '../../../src/routes/api/registry.js';
import { openTestPortal, type TestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';

let portal: TestPortal;
let whole: string;
let limited: string;
/** Things of Northwind, by the part of the path that names their kind. */
let foreign: Record<string, string>;

beforeAll(async () => {
  portal = await openTestPortal();
  const about = { name: 'test', scopes: apiScopes, expiresAt: null, by: 'user:1' };
  whole = (await createApiKey(portal.deps, { ...about, scope: null })).key;
  limited = (await createApiKey(portal.deps, { ...about, scope: [fjell.id] })).key;
  const unitIds = [northwind.id];
  const made = async (path: string, body: object | string) => {
    const { status, answer } = await call(whole, 'POST', path, body);
    expect(status, JSON.stringify(answer)).toBeLessThan(300);
    return String(Object(answer)['id']);
  };
  const contact = await contactIn(portal, { email: 'foreign@example.com', unitIds });
  const webhook = { name: 'Hook', url: 'https://hooks.example.com/', businessUnitIds: unitIds };
  const job = await made('/exports', { export: 'UNSUBSCRIBED', reason: null, format: { kind: 'NDJSON' } });
  foreign = {
    ...{ contacts: contact._id, exports: job, jobs: job },
    ...{ 'subscription-types': String(trailNotes.id), 'business-units': String(northwind.id) },
    lists: await made('/lists', { name: 'List', kind: 'STATIC', businessUnitIds: unitIds }),
    webhooks: await made('/webhooks', webhook),
    imports: await made(`/imports?businessUnitId=${northwind.id}`, 'E-mail\na@list.example\n'),
    workflows: await createWorkflow(portal.deps, { name: 'Workflow', unitIds, by: 'user:1' }),
  };
});
afterAll(() => portal.stop());

async function call(as: string, method: string, path: string, body?: unknown) {
  const isText = typeof body === 'string';
  const response = await fetch(`${portal.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, 'content-type': isText ? 'text/csv' : 'application/json' },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const { correlationId: _, ...answer } = Object(text === '' ? null : JSON.parse(text));
  return { status: response.status, answer };
}

const unknownNumber = '98765';
const kindOf = (path: string) => path.split('/')[3] ?? '';
const inUnit = operations.filter(({ path }) => path.startsWith('/api/v1/') && kindOf(path) in kinds());
function kinds() {
  const names = ['contacts', 'exports', 'jobs', 'lists', 'webhooks', 'imports', 'workflows'];
  return Object.fromEntries([...names, 'subscription-types', 'business-units'].map((name) => [name, true]));
}

it.each(inUnit.filter(({ path }) => path.includes(':id')).map((one) => [one.id, one] as const))(
  '%s',
  async (id, { method, path, body, query }) => {
    const { paths } = openApiDocument(portal.url);
    const described = Object(paths[path.replaceAll(/:(\w+)/g, '{$1}')])[method.toLowerCase()];
    const example = body && Object(described)['requestBody'].content['application/json'].example;
    const isNumber = /^\d+$/.test(foreign[kindOf(path)] ?? '');
    const ask = async (thing: string) => {
      const filled = path
        .replace('/api/v1', '')
        .replace(':id', thing)
        .replace(':number', '1')
        .replaceAll(/:\w+/g, 'x');
      const needed = query.safeParse({}).success ? '' : '?contactId=x';
      const { status, answer } = await call(limited, method, filled + needed, example ?? undefined);
      return { status, answer: JSON.stringify(answer).replaceAll(thing, '#') };
    };
    const answer = await ask(foreign[kindOf(path)] ?? '');
    expect(answer).toEqual(await ask(isNumber ? unknownNumber : 'unknown'));
    // A file or a name is checked first.
    if (!['setLogo', 'setContactProperty'].includes(id)) expect(answer.status).toBe(404);
  },
);
