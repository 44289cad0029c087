/** The API of bulk work and jobs: previews, confirmations by number, rows, and the rules for keys. */
import { expect, it } from 'vitest';
import { allOf } from '../../../src/domain/filters/filter.js';
import { runDueJobs } from '../../../src/jobs/engine.js';
import { wantedOf } from '../../../src/jobs/kind.js';
import { bulkEdit } from '../../../src/jobs/kinds/bulk-edit.js';
import { steppersOf } from '../../../src/jobs/registry.js';
import type { ApiScope } from '../../../src/models/api-key.js';
import { queueJob } from '../../../src/models/job.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { charlie, fjell, northwind, trailNotes } from '../../support/people.js';

const all: ApiScope[] = ['contacts.read', 'contacts.write', 'statuses.read', 'statuses.write'];

const portal = await openTestPortal();
const key = await keyIn(portal, all, [northwind.id]);

const call = (method: string, path: string, body?: object, { as = key, repeat = '' } = {}) =>
  callApi(portal, as, method, `/api/v1${path}`, body, repeat ? { 'idempotency-key': repeat } : {});

const work = () => runDueJobs({ ...portal.deps, steppers: steppersOf(portal.deps) });
const inCity = (city: string) => allOf([{ on: 'property', of: 'city', is: 'IS', values: [city] }]);

it('a bulk edit is previewed, confirmed by its number, and opts in nobody who opted out', async () => {
  const free = await contactIn(portal, { email: 'bulk@example.com', properties: { city: 'Bergen' } });
  const left = await contactIn(portal, { email: charlie.address });
  const edit = {
    ...{ contactIds: [free._id, left._id], typeIds: [trailNotes.id], status: 'OPT_IN' },
    ...{ legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'At the fair.' },
  };
  const asked = await call('POST', '/bulk-edits', edit, { repeat: 'edit' });
  expect(asked).toMatchObject({ status: 202, answer: { kind: 'BULK_EDIT', state: 'QUEUED', preview: null } });
  expect((await call('POST', '/bulk-edits', edit, { repeat: 'edit' })).answer.id).toBe(asked.answer.id);
  const path = `/jobs/${asked.answer.id}`;
  const confirm = (expected: number, as = key) => call('POST', `${path}/confirmations`, { expected }, { as });
  expect((await confirm(0)).status).toBe(409);
  await work();
  const preview = await call('GET', path);
  expect(preview.answer).toMatchObject({ state: 'WAITING', preview: { changed: 1, refused: 1 } });
  expect((await call('GET', `${path}/rows`)).answer.results).toEqual([]);
  expect((await confirm(2)).status).toBe(400);
  expect((await confirm(1, await keyIn(portal, all, [fjell.id]))).status).toBe(404);
  expect((await confirm(1, await keyIn(portal, ['contacts.write']))).status).toBe(403);
  for (const _ of [1, 2]) expect((await confirm(1)).answer).toMatchObject({ state: 'QUEUED' });
  await work();
  const { answer } = await call('GET', `${path}/rows`);
  const outcomes = new Map(
    answer.results.map((one: { contactId: string; outcomes: string[] }) => [one.contactId, one.outcomes]),
  );
  expect(answer.after).toBeNull();
  expect(outcomes.get(left._id)).toEqual(['PREVIOUSLY_OPTED_OUT']);
  expect(['CHANGED', 'PENDING']).toContain(Object(outcomes.get(free._id))[0]);
  const { subscriberId } = await portal.linksOf({ address: 'bulk@example.com' });
  const whole = await portal.deps.models.subscribers.findById(subscriberId).lean();
  expect(Object(whole).events.at(-1)?.actor).toMatchObject({
    ...{ kind: 'API', ref: `job:${asked.answer.id}`, by: expect.stringMatching(/^key:/) },
  });
  expect((await call('POST', `${path}/retries`)).answer).toMatchObject({ state: 'DONE' });
});

it('a key does not confirm a job that staff asked for', async () => {
  const { _id } = await contactIn(portal, { email: 'staff-job@example.com' });
  const input = {
    ...{ selection: { kind: 'IDS' as const, ids: [_id] }, channel: 'EMAIL' as const },
    ...{ typeIds: [trailNotes.id], status: 'OPT_OUT' as const, hasOptOutOfAllRemoved: false },
    ...{ legalBasis: null, processingBasis: null, explanation: '' },
  };
  const job = { id: 'of-staff', ...wantedOf(bulkEdit, input), requestedBy: 'ida', scope: [northwind.id] };
  await queueJob(portal.deps, job);
  await work();
  const refused = await call('POST', '/jobs/of-staff/confirmations', { expected: 1 });
  expect(refused.status).toBe(409);
  expect((await call('GET', '/jobs/of-staff')).answer).toMatchObject({ state: 'WAITING' });
});

it('bulk work names its faults, and finds only what the key reaches', async () => {
  const edit = { typeIds: [trailNotes.id], status: 'OPT_OUT' };
  const foreign = [...(await portal.deps.catalogue()).types.values()].find(
    ({ unitId }) => unitId === fjell.id,
  );
  const some = { contactIds: ['x'] };
  for (const [wrong, place] of [
    [edit, undefined],
    [{ ...edit, ...some, filter: inCity('Oslo') }, undefined],
    [{ ...edit, filter: allOf([{ on: 'x', of: '', is: 'IS', values: ['1'] }]) }, undefined],
    [{ ...edit, ...some, status: 'OPT_IN' }, 'body.explanation'],
    [{ ...edit, ...some, typeIds: [foreign?.id] }, 'body.typeIds'],
    [{ ...edit, ...some, status: 'NOT_OPTED' }, 'body.status'],
  ] as const) {
    const { status, answer } = await call('POST', '/bulk-edits', wrong);
    expect(status).toBe(400);
    expect(answer.errors?.[0].in).toBe(place);
  }
  await contactIn(portal, { email: 'other@example.com', properties: { city: 'Hamar' }, unitIds: [fjell.id] });
  const count = (as: string) => call('POST', '/contacts/counts', { filter: inCity('Hamar') }, { as });
  expect((await count(key)).answer).toEqual({ count: 0, isCapped: false });
  expect((await count(await keyIn(portal, all))).answer).toEqual({ count: 1, isCapped: false });
});

it('the marketing status of many contacts changes if their number is the expected one', async () => {
  const ids = [];
  for (const name of ['m1', 'm2']) {
    const form = { email: `${name}@example.com`, properties: { city: 'Voss' }, unitIds: [northwind.id] };
    ids.push((await contactIn(portal, form))._id);
  }
  const body = { filter: inCity('Voss'), isMarketing: false };
  for (const expected of [undefined, 3])
    expect((await call('POST', '/marketing-changes', { ...body, expected })).status).toBe(400);
  const started = await call('POST', '/marketing-changes', { ...body, expected: 2 });
  expect(started).toMatchObject({ status: 202, answer: { kind: 'SET_MARKETING' } });
  await work();
  expect((await call('GET', `/jobs/${started.answer.id}`)).answer).toMatchObject({ counts: { changed: 2 } });
  const one = `/contacts/${ids[0] ?? ''}`;
  const leaving = { isMarketing: true, leavesMarketing: true };
  expect((await call('GET', one)).answer).toMatchObject(leaving);

  const back = await call('PUT', `${one}/marketing`, { isMarketing: true });
  expect(back).toMatchObject({ status: 200, answer: { isMarketing: true, leavesMarketing: false } });
  for (const _ of [1, 2])
    expect((await call('PUT', `${one}/marketing`, { isMarketing: false })).answer).toMatchObject(leaving);
  const about = { kind: 'CONTACT_CHANGED', about: `contact:${ids[0] ?? ''}` } as const;
  expect(await portal.deps.models.auditEntries.countDocuments(about)).toBe(2);
  const other = { as: await keyIn(portal, all, [fjell.id]) };
  expect((await call('PUT', `${one}/marketing`, { isMarketing: true }, other)).status).toBe(404);
  const shared = { email: 'shared@example.com', unitIds: [northwind.id, fjell.id] };
  const { _id } = await contactIn(portal, shared);
  expect((await call('PUT', `/contacts/${_id}/marketing`, { isMarketing: false })).status).toBe(403);
});

it('the index’s other jobs are started once, within the business units of the key', async () => {
  const wide = await keyIn(portal, [...all, 'links', 'settings.write']);
  const city = { properties: { city: 'Moss' }, unitIds: [northwind.id] };
  const contact = await contactIn(portal, { email: 'moss@example.com', ...city });
  const own = { as: await keyIn(portal, [...all, 'links'], [northwind.id]), repeat: 'one' };
  const list = (await call('POST', '/lists', { name: 'Moss', kind: 'STATIC' }, own)).answer.id;
  const active = (await call('POST', '/lists', { name: 'Active', kind: 'ACTIVE' })).answer.id;
  const workflow = (await call('POST', '/workflows', { name: 'Moss' }, { as: wide })).answer.id;
  const body = { filter: inCity('Moss'), expected: 1 };
  const mail = { ...body, businessUnitId: northwind.id };
  expect((await call('POST', `/lists/${active}/member-changes`, body)).status).toBe(409);
  expect((await call('POST', `/workflows/${workflow}/enrolment-jobs`, body)).status, 'of all units').toBe(
    404,
  );
  expect((await call('POST', '/link-mailings', mail)).status, 'without the scope').toBe(403);
  const elsewhere = { ...mail, businessUnitId: fjell.id };
  expect((await call('POST', '/link-mailings', elsewhere, { as: own.as })).status).toBe(404);
  for (const [path, sent, kind] of [
    [`/lists/${list}/member-changes`, body, 'EDIT_LIST'],
    ['/link-mailings', mail, 'SEND_LINKS'],
  ] as const) {
    const first = await call('POST', path, sent, own);
    expect(first).toMatchObject({ status: 202, answer: { kind, state: 'QUEUED' } });
    expect((await call('POST', path, sent, own)).answer).toEqual(first.answer);
  }
  const enrolled = await call('POST', `/workflows/${workflow}/enrolment-jobs`, body, { as: wide });
  expect(enrolled).toMatchObject({ status: 202, answer: { kind: 'ENROL' } });
  await work();
  expect((await portal.deps.models.contacts.findById(contact._id).lean())?.listIds).toEqual([list]);
  expect(await portal.deps.models.mails.countDocuments({ kind: 'PREFERENCES_LINK' })).toBe(1);
});

it('contacts are searched by a filter, page by page', async () => {
  const places = Array.from({ length: 51 }, (_, number) => `s${String(number).padStart(2, '0')}`);
  for (const name of places)
    await contactIn(portal, { email: `${name}@example.com`, properties: { city: 'Skien' } });
  const search = (more: object) =>
    call('POST', '/contacts/search', { filter: inCity('Skien'), sort: 'email', ...more });
  const first = await search({});
  const rest = await search({ after: first.answer.after });
  expect(rest.answer.after).toBeNull();
  const found = [...first.answer.results, ...rest.answer.results].map(({ email }) => email);
  expect(found).toEqual(places.map((name) => `${name}@example.com`));
  expect((await search({ after: 'nonsense' })).status).toBe(400);
  const other = { as: await keyIn(portal, all, [fjell.id]) };
  const none = await call('POST', '/contacts/search', { filter: inCity('Skien') }, other);
  expect(none.answer).toEqual({ results: [], after: null });
});
