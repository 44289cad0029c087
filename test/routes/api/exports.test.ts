/** The API of exports and of persons: who may call it, repeats, files, and erasure with its receipt. */
import { expect, it } from 'vitest';
import { runDueJobs } from '../../../src/jobs/engine.js';
import { exportKinds } from '../../../src/jobs/kinds/export.js';
import { steppersOf } from '../../../src/jobs/registry.js';
import { queueJob } from '../../../src/models/job.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { fjell, northwind } from '../../support/people.js';

const portal = await openTestPortal();
const key = await keyIn(portal, ['exports', 'contacts.read', 'contacts.write']);

const call = (method: string, path: string, body?: object, { as = key, repeat = '' } = {}) =>
  callApi(portal, as, method, `/api/v1${path}`, body, repeat ? { 'idempotency-key': repeat } : {});
const idIn = (text: string) => String(Object(JSON.parse(text))['id']);

it('an export is asked for once, followed, and its file is read', async () => {
  const body = { export: 'UNSUBSCRIBED', reason: 'OPT_OUT', format: { kind: 'NDJSON' } };
  const asked = await call('POST', '/exports', body, { repeat: 'one' });
  expect(asked.status).toBe(202);
  const id = idIn(asked.text);
  expect((await call('GET', `/exports/${id}/file`)).status, 'not ready').toBe(404);
  expect(idIn((await call('POST', '/exports', body, { repeat: 'one' })).text)).toBe(id);
  expect((await call('POST', '/exports', { ...body, reason: null }, { repeat: 'one' })).status).toBe(422);
  await runDueJobs({ ...portal.deps, steppers: steppersOf(portal.deps) });
  const done: unknown = JSON.parse((await call('GET', `/exports/${id}`)).text);
  expect(done).toMatchObject({ state: 'DONE', file: { bytes: expect.any(Number) } });
  const lines = (await call('GET', `/exports/${id}/file`)).text.trim().split('\n');
  expect(lines).toHaveLength(Object(done)['rows']);
  expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ address: 'charlie@example.com', reason: 'OPT_OUT' }),
  );
  const limited = await keyIn(portal, ['exports'], [northwind.id]);
  expect((await call('GET', `/exports/${id}`, undefined, { as: limited })).status).toBe(404);
  expect((await call('POST', '/exports', { ...body, unitId: 1 }, { as: limited })).status).toBe(404);
  expect((await call('POST', '/exports', body, { as: await keyIn(portal, ['contacts.read']) })).status).toBe(
    403,
  );
  expect((await call('POST', '/exports', { ...body, shoe: 1 })).status, 'an unknown field').toBe(400);
});

it('exports are listed within the key’s business units, newest first, page by page', async () => {
  const [kind] = exportKinds;
  const scope = [fjell.id];
  for (let at = 0; at < 51; at++)
    await queueJob(portal.deps, { id: `listed-${at}`, kind: kind?.name ?? '', input: {}, scope });
  await queueJob(portal.deps, { id: 'no-export', kind: 'BULK_EDIT', input: {}, scope });
  const list = async (as: string, query = '') => {
    const { status, text } = await call('GET', `/exports${query}`, undefined, { as });
    return { status, page: Object(JSON.parse(text)) };
  };
  const limited = await keyIn(portal, ['exports'], scope);
  const first = await list(limited);
  expect(first.status).toBe(200);
  const second = await list(limited, `?before=${encodeURIComponent(first.page.before)}`);
  expect(second.page.before).toBeNull();
  const ids = [...first.page.results, ...second.page.results].map(({ id }: { id: string }) => id);
  expect(new Set(ids)).toEqual(new Set(Array.from({ length: 51 }, (_, at) => `listed-${at}`)));
  expect(ids).toHaveLength(51);
  expect((await list(await keyIn(portal, ['exports'], [northwind.id]))).page.results).toEqual([]);
  expect((await list(await keyIn(portal, ['contacts.read']))).status).toBe(403);
});

it('a person’s data is read, and the person is erased after a preview', async () => {
  const person = { address: 'erin@example.com' };
  const { text } = await call('POST', '/people/data', person);
  expect(JSON.parse(text)).toMatchObject({ contact: { email: 'erin@example.com' } });
  const preview = await call('POST', '/people/erasures', { ...person, isPreview: true });
  expect(Object(JSON.parse(preview.text))['kept'].length).toBeGreaterThan(0);
  expect(await portal.deps.models.contacts.countDocuments({ email: person.address })).toBe(1);
  const limited = await keyIn(portal, ['contacts.write'], [northwind.id]);
  expect((await call('POST', '/people/erasures', person, { as: limited })).status).toBe(404);
  const erased = await call('POST', '/people/erasures', person);
  expect(JSON.parse(erased.text)).toMatchObject({
    addresses: [{ by: 'API', event: { hash: expect.any(String) } }],
  });
  expect(erased.text).not.toContain('erin');
  expect(await portal.deps.models.contacts.countDocuments({ email: person.address })).toBe(0);
});
