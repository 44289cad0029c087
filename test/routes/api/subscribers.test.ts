/** The API of subscribers, of contacts, of the catalogue, of jobs and of workflows: what it reads and changes, what the rules refuse, and the limits of keys. */
import { expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { createWorkflow } from '../../../src/domain/workflows/workflows.js';
import { queueJob } from '../../../src/models/job.js';
import type { Actor } from '../../../src/vocabulary/terms.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { newcomer } from '../../support/newcomer.js';
import { fjell, northwind, offers, trailNotes, types } from '../../support/people.js';

const portal = await openTestPortal();
const whole = await keyIn(portal, ['statuses.read', 'statuses.write', 'contacts.read', 'contacts.write']);
const limited = await keyIn(
  portal,
  ['statuses.read', 'statuses.write', 'contacts.read', 'contacts.write'],
  [fjell.id],
);

const call = (as: string, method: string, path: string, body?: object) =>
  callApi(portal, as, method, `/api/v1/${path}`, body);

const person = (name: string) => `subscribers/${encodeURIComponent(`${name}@example.com`)}`;
const typePath = (name: string, typeId = trailNotes.id) => `${person(name)}/subscriptions/${typeId}`;
const basis = { legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'A form on paper.' } as const;

it('a status is changed, read with its evidence, and an opt-in after an opt-out is refused by the rules', async () => {
  const subscribed = { status: 'SUBSCRIBED', ...basis };
  expect(await call(whole, 'PUT', typePath('ann'), subscribed)).toMatchObject({
    status: 200,
    answer: { outcome: 'CHANGED', subscription: { status: 'SUBSCRIBED', by: 'API', ...basis } },
  });
  expect((await call(whole, 'PUT', typePath('ann'), subscribed)).answer).toMatchObject({
    outcome: 'NO_CHANGE',
  });
  const optOut = await call(whole, 'PUT', typePath('ann'), { status: 'UNSUBSCRIBED' });
  expect(optOut.answer).toMatchObject({ outcome: 'CHANGED', subscription: { status: 'UNSUBSCRIBED' } });
  await call(whole, 'POST', `${person('clicked')}/opt-outs`, { businessUnitId: northwind.id });
  const back = await call(whole, 'PUT', typePath('clicked'), subscribed);
  expect(back).toMatchObject({ status: 409, answer: { category: 'CONFLICT' } });
  expect(back.answer).toHaveProperty('errors.0.code', 'PREVIOUSLY_OPTED_OUT');
  const { answer } = await call(whole, 'GET', `${person('ann')}/history`);
  expect(answer).toMatchObject({
    before: null,
    results: [
      { data: { to: 'UNSUBSCRIBED', actor: { kind: 'API' } }, evidence: { explanation: null } },
      { data: { to: 'SUBSCRIBED', sequence: 1 }, evidence: { explanation: basis.explanation } },
    ],
  });
});

it('a long history is read in pages, archived events too', async () => {
  const address = 'long@example.com';
  const { subscriberId } = await newcomer(portal, address, [trailNotes]);
  const contact: Actor = { kind: 'CONTACT', isLinkFresh: true, ref: 'a test' };
  const kinds = ['OPT_OUT', 'OPT_IN'] as const;
  for (let turn = 0; turn < 160; turn++)
    await changeConsent(portal.deps, {
      ...{ subscriberId, channel: 'EMAIL', actor: contact },
      wishes: [{ kind: kinds[turn % 2] ?? 'OPT_OUT', typeId: trailNotes.id }],
      circumstances: basis,
    });
  const { seq } = await portal.subscriberOf({ address });
  expect(seq).toBeGreaterThan(150);
  const read = async (query = '') =>
    Object((await call(whole, 'GET', `${person('long')}/history${query}`)).answer);
  const first = await read();
  const second = await read(`?before=${first.before}`);
  const seqs = [...first.results, ...second.results].map(
    (one: { data: { sequence: number } }) => one.data.sequence,
  );
  expect(seqs).toEqual(Array.from({ length: seq }, (_, at) => seq - at));
  expect([first.results.length, second.before]).toEqual([100, null]);
});

it('an unknown address is answered like one without statuses, and a text that is not an address is refused', async () => {
  const unknown = await call(whole, 'GET', person('nobody'));
  const emails = types.filter(({ channel }) => channel === 'EMAIL');
  expect(unknown).toMatchObject({ status: 200, answer: { optOutsOfAll: [], undeliverable: null } });
  expect(unknown.answer).toHaveProperty('subscriptions.length', emails.length);
  expect((await call(whole, 'GET', 'subscribers/nobody')).status).toBe(400);
  expect((await call(whole, 'GET', `${person('nobody')}/history`)).answer).toMatchObject({ results: [] });
});

it('many addresses are opted out, of all or of one type, and a repeat changes nothing', async () => {
  const inputs = [
    { address: 'Many1@example.com' },
    { address: 'many2@example.com', subscriptionTypeId: offers.id },
    { address: 'many3@example.com', businessUnitId: northwind.id },
    { address: 'no address' },
    { address: 'many4@example.com', businessUnitId: 999 },
    { address: 'many5@example.com', subscriptionTypeId: 999 },
  ];
  const faults = ['INVALID_ADDRESS', 'UNKNOWN_UNIT', 'UNKNOWN_TYPE'];
  const outcomes = (answer: unknown) => Object(answer).results.map((one: { outcome: string }) => one.outcome);
  const first = await call(whole, 'POST', 'opt-outs/batch', { inputs });
  expect(outcomes(first.answer)).toEqual(['CHANGED', 'CHANGED', 'CHANGED', ...faults]);
  const again = await call(whole, 'POST', 'opt-outs/batch', { inputs });
  expect(outcomes(again.answer)).toEqual(['NO_CHANGE', 'NO_CHANGE', 'NO_CHANGE', ...faults]);
  const one = await portal.subscriberOf({ address: 'many1@example.com' });
  expect(one.optOuts.portal).toMatchObject([{ party: 'API' }]);
  expect((await call(whole, 'GET', person('many3'))).answer).toMatchObject({
    optOutsOfAll: [{ businessUnitId: northwind.id, by: 'API' }],
  });
});

it('each opt-out takes a legal basis and an explanation, and records them', async () => {
  const evidenceOf = async (name: string) => {
    const { answer } = await call(whole, 'GET', `${person(name)}/history`);
    return Object(answer).results.map((one: { data: object; evidence: object }) => ({
      legalBasis: Object(one.data).legalBasis,
      explanation: Object(one.evidence).explanation,
    }));
  };
  const { answer } = await call(whole, 'POST', `${person('phoned')}/opt-outs`, basis);
  expect(answer).toMatchObject({ optOutsOfAll: [{ businessUnitId: null, ...basis }] });
  const other = { ...basis, explanation: 'A letter.' };
  const inputs = [
    { address: 'wrote1@example.com', ...basis },
    { address: 'wrote2@example.com', subscriptionTypeId: offers.id, ...other },
    { address: 'wrote3@example.com' },
  ];
  expect((await call(whole, 'POST', 'opt-outs/batch', { inputs })).status).toBe(200);
  expect(await evidenceOf('phoned')).toEqual([basis]);
  expect(await evidenceOf('wrote1')).toEqual([basis]);
  expect(await evidenceOf('wrote2')).toEqual([other]);
  expect(await evidenceOf('wrote3')).toEqual([{ legalBasis: null, explanation: null }]);
});

it('for a key of one business unit, the others do not exist', async () => {
  await call(whole, 'POST', `${person('guest')}/opt-outs`, { businessUnitId: northwind.id });
  const { answer } = await call(limited, 'GET', person('guest'));
  expect(answer).toMatchObject({ optOutsOfAll: [] });
  expect(JSON.stringify(answer)).not.toContain(trailNotes.name);
  expect((await call(limited, 'GET', `${person('guest')}/history`)).answer).toMatchObject({ results: [] });
  expect((await call(limited, 'PUT', typePath('guest'), { status: 'UNSUBSCRIBED' })).status).toBe(404);
  for (const businessUnitId of [null, northwind.id]) {
    expect((await call(limited, 'POST', `${person('guest')}/opt-outs`, { businessUnitId })).status).toBe(404);
    const inputs = [{ address: 'guest@example.com', businessUnitId }];
    expect((await call(limited, 'POST', 'opt-outs/batch', { inputs })).answer).toMatchObject({
      results: [{ outcome: 'UNKNOWN_UNIT' }],
    });
  }
  await call(limited, 'POST', `${person('guest')}/opt-outs`, {});
  const { optOuts } = await portal.subscriberOf({ address: 'guest@example.com' });
  expect(Object.keys(optOuts.units).map(Number).sort()).toEqual([northwind.id, fjell.id].sort());
  expect(optOuts.portal).toBeNull();
});

it('types, business units, jobs and workflows are listed within the key’s business units', async () => {
  const ids = async (as: string, path: string) => {
    const { answer } = await call(as, 'GET', path);
    return Object(answer).results.map(({ id }: { id: unknown }) => id);
  };
  const ofFjell = types.filter(({ unitId }) => unitId === fjell.id).map(({ id }) => id);
  expect((await ids(whole, 'subscription-types')).sort()).toEqual(types.map(({ id }) => id).sort());
  expect((await ids(limited, 'subscription-types')).sort()).toEqual(ofFjell.sort());
  expect(await ids(limited, 'business-units')).toEqual([fjell.id]);
  expect((await call(whole, 'GET', `business-units/${northwind.id}`)).answer).toMatchObject({
    name: northwind.name,
  });
  expect((await call(limited, 'GET', `business-units/${northwind.id}`)).status).toBe(404);
  expect((await call(limited, 'GET', `subscription-types/${trailNotes.id}`)).status).toBe(404);

  const wanted = { kind: 'export', input: {} };
  await queueJob(portal.deps, { ...wanted, id: 'one', scope: null });
  await queueJob(portal.deps, { ...wanted, id: 'two', scope: [fjell.id] });
  expect((await ids(whole, 'jobs')).sort()).toEqual(['one', 'two']);
  expect(await ids(limited, 'jobs')).toEqual(['two']);
  expect((await call(limited, 'GET', 'jobs/two')).answer).toMatchObject({ kind: 'export', state: 'QUEUED' });
  expect((await call(limited, 'GET', 'jobs/one')).status).toBe(404);

  const about = { by: 'user:1', scope: null };
  await createWorkflow(portal.deps, { ...about, name: 'Of Northwind', unitIds: [northwind.id] });
  await createWorkflow(portal.deps, { ...about, name: 'Of Fjell', unitIds: [fjell.id] });
  expect((await call(limited, 'GET', 'workflows')).answer).toMatchObject({
    results: [{ name: 'Of Fjell', businessUnitIds: [fjell.id], state: 'DRAFT' }],
  });
  const reader = await keyIn(portal, ['statuses.read']);
  expect((await call(reader, 'GET', 'jobs')).status).toBe(403);
  expect((await call(reader, 'PUT', typePath('ann'), { status: 'UNSUBSCRIBED' })).status).toBe(403);
});

it('contacts are created, found, changed in the given fields and deleted, and their addresses keep their opt-outs', async () => {
  const email = 'contact@example.com';
  const given = { email, firstName: 'Ann', businessUnitIds: [northwind.id], properties: { City: 'Oslo' } };
  await call(whole, 'POST', 'subscribers/contact%40example.com/opt-outs', { businessUnitId: northwind.id });
  const made = await call(whole, 'POST', 'contacts', given);
  expect(made).toMatchObject({ status: 201, answer: { ...given, source: 'API', version: 1 } });
  const { id } = Object(made.answer);
  expect((await call(whole, 'GET', 'contacts?email=Contact%40example.com')).answer).toMatchObject({
    results: [{ id }],
  });
  const change = { lastName: 'Lee', properties: { City: null, Team: 'Blue' } };
  expect(await call(whole, 'PATCH', `contacts/${id}`, change)).toMatchObject({
    answer: { firstName: 'Ann', lastName: 'Lee', version: 2 },
  });
  expect((await call(whole, 'GET', `contacts/${id}`)).answer).toHaveProperty('properties', { Team: 'Blue' });
  const stale = await call(whole, 'PATCH', `contacts/${id}`, { firstName: 'Old', version: 1 });
  expect(stale.status).toBe(409);
  expect((await call(whole, 'PATCH', `contacts/${id}`, { email: 'no address' })).status).toBe(400);
  const rival = await keyIn(portal, ['contacts.write']);
  expect((await call(rival, 'POST', 'contacts', given)).status).toBe(409);
  const other = await call(whole, 'POST', 'contacts', { email: 'second@example.com' });
  expect((await call(whole, 'PATCH', `contacts/${Object(other.answer).id}`, { email })).status).toBe(409);
  const seen: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page: { results: { id: string }[]; after: string | null } = Object(
      (await call(whole, 'GET', `contacts?limit=2${after && `&after=${after}`}`)).answer,
    );
    seen.push(...page.results.map(({ id: one }) => one));
    after = page.after;
  }
  expect(new Set(seen).size).toBe(await portal.deps.models.contacts.countDocuments());
  expect(seen.slice(-2)).toEqual([id, Object(other.answer).id]);
  for (const [method, body] of [['GET'], ['PATCH', { firstName: 'X' }], ['DELETE']] as const)
    expect((await call(limited, method, `contacts/${id}`, body)).status).toBe(404);
  expect((await call(limited, 'GET', 'contacts?email=contact%40example.com')).answer).toMatchObject({
    results: [],
  });
  expect((await call(whole, 'DELETE', `contacts/${id}`)).status).toBe(204);
  expect((await call(whole, 'GET', `contacts/${id}`)).status).toBe(404);
  const subscriber = await portal.subscriberOf({ address: email });
  expect(Object.keys(subscriber.optOuts.units)).toEqual([String(northwind.id)]);
});

it('types are created, changed and archived within the key’s business units, and each act is audited', async () => {
  const [wide, narrow] = [
    await keyIn(portal, ['settings.write']),
    await keyIn(portal, ['settings.write'], [fjell.id]),
  ];
  const wanted = { businessUnitId: northwind.id, name: ' Snow  report ', description: 'On Fridays.' };
  expect((await call(narrow, 'POST', 'subscription-types', wanted)).status).toBe(404);
  expect((await call(whole, 'POST', 'subscription-types', wanted)).status).toBe(403);
  const made = await call(wide, 'POST', 'subscription-types', wanted);
  expect(made).toMatchObject({ status: 201, answer: { name: 'Snow report', purpose: 'MARKETING' } });
  const path = `subscription-types/${made.answer.id}`;
  expect((await call(narrow, 'PATCH', path, { name: 'Mine' })).status).toBe(404);
  expect((await call(wide, 'PATCH', path, { purpose: 'TRANSACTIONAL' })).status).toBe(409);
  const changed = await call(wide, 'PATCH', path, { name: 'Snow', isActive: false });
  expect(changed.answer).toEqual({ ...made.answer, name: 'Snow', isActive: false });
  expect((await call(whole, 'GET', path)).answer).toEqual(changed.answer);
  const about = `type:${made.answer.id}`;
  const entries = await portal.deps.models.auditEntries.find({ about }).sort({ at: 1, _id: 1 }).lean();
  expect(entries.map(({ detail }) => detail).sort()).toEqual(['archived', 'changed', 'created']);
});

it('business units are created by keys that reach all, and changed within the key’s, and each act is audited', async () => {
  const [wide, narrow] = [
    await keyIn(portal, ['settings.write']),
    await keyIn(portal, ['settings.write'], [fjell.id]),
  ];
  const wanted = {
    ...{ name: ' Snow  shop ', accent: '#2f5d50', senderAddress: 'News@Snow.example' },
    ...{ postalAddress: 'Storgata 1, 0155 Oslo', privacyPolicyUrl: 'https://snow.example/privacy' },
  };
  for (const as of [narrow, whole])
    expect((await call(as, 'POST', 'business-units', wanted)).status).toBe(403);
  expect((await call(wide, 'POST', 'business-units', { ...wanted, accent: 'green' })).status).toBe(400);
  const made = await call(wide, 'POST', 'business-units', wanted);
  const usual = { name: 'Snow shop', senderName: 'Snow shop', defaultLanguage: 'en', hasDoubleOptIn: false };
  expect(made).toMatchObject({ status: 201, answer: usual });
  const path = `business-units/${made.answer.id}`;
  expect((await call(narrow, 'PATCH', path, { name: 'Mine' })).status).toBe(404);
  const { units } = portal.deps.models;
  const translations = { nb: { name: 'Snøbutikk' } };
  await units.updateOne({ _id: made.answer.id }, { $set: { translations } });
  const changes = { name: 'Snow', defaultLanguage: 'nb', hasDoubleOptIn: true };
  const changed = await call(wide, 'PATCH', path, changes);
  expect(changed).toMatchObject({ status: 200, answer: { ...made.answer, ...changes } });
  expect((await call(whole, 'GET', path)).answer).toEqual(changed.answer);
  expect(await units.findById(made.answer.id).lean()).toMatchObject({ name: 'Snow', translations });
  expect((await call(narrow, 'PATCH', `business-units/${fjell.id}`, { name: 'Fjell' })).status).toBe(200);
  const entries = await portal.deps.models.auditEntries.find({ about: `unit:${made.answer.id}` }).lean();
  expect(entries.map(({ detail }) => detail).sort()).toEqual(['changed', 'created']);
});

it('a job is cancelled within the key’s business units, once', async () => {
  const wanted = { kind: 'BULK_EDIT', input: {}, id: 'to-cancel', scope: [northwind.id] };
  await queueJob(portal.deps, wanted);
  expect((await call(limited, 'POST', 'jobs/to-cancel/cancellations')).status).toBe(404);
  for (const _ of [1, 2])
    expect(await call(whole, 'POST', 'jobs/to-cancel/cancellations')).toMatchObject({
      ...{ status: 200, answer: { state: 'CANCELLED' } },
    });
  expect(await portal.deps.models.auditEntries.countDocuments({ about: 'job:to-cancel' })).toBe(1);
});
