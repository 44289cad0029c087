/** Outside the business units of a key nothing exists: for every path of Sayso's own API, an id of another unit is answered like an id that does not exist. */
import { expect, it } from 'vitest';
import { createWorkflow } from '../../../src/domain/workflows/workflows.js';
import { apiScopes } from '../../../src/models/api-key.js';
import { openApiDocument } from '../../../src/routes/api/openapi.js';
import { operations } from '../../../src/routes/api/registry.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';

const portal = await openTestPortal();
const whole = await keyIn(portal);
const limited = await keyIn(portal, apiScopes, [fjell.id]);
/** Things of Northwind, by the part of the path that names their kind. */
const foreign = await made();

async function made(): Promise<Record<string, string>> {
  const unitIds = [northwind.id];
  const idOf = async (path: string, body: object | string) => {
    const { status, text, answer } = await call(whole, 'POST', path, body);
    expect(status, text).toBeLessThan(300);
    return String(answer['id']);
  };
  const contact = await contactIn(portal, { email: 'foreign@example.com', unitIds });
  const webhook = { name: 'Hook', url: 'https://hooks.example.com/', businessUnitIds: unitIds };
  const job = await idOf('/exports', { export: 'UNSUBSCRIBED', reason: null, format: { kind: 'NDJSON' } });
  return {
    ...{ contacts: contact._id, exports: job, jobs: job },
    ...{ 'subscription-types': String(trailNotes.id), 'business-units': String(northwind.id) },
    lists: await idOf('/lists', { name: 'List', kind: 'STATIC', businessUnitIds: unitIds }),
    webhooks: await idOf('/webhooks', webhook),
    imports: await idOf(`/imports?businessUnitId=${northwind.id}`, 'E-mail\na@list.example\n'),
    workflows: await createWorkflow(portal.deps, { name: 'Workflow', unitIds, by: 'user:1' }),
  };
}

async function call(as: string, method: string, path: string, body?: object | string) {
  const headers = { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' };
  const { status, text, answer } = await callApi(portal, as, method, `/api/v1${path}`, body, headers);
  const { correlationId: _, ...rest } = Object(answer);
  return { status, text, answer: rest };
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
