/** Every surface writes the same statuses, and every other reads them the same. Each outcome and each refusal is the one of `decide`. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { refusalOf } from '../../../src/domain/consent/change.js';
import { effectiveStatus, isShownOn } from '../../../src/domain/consent/effective.js';
import { planOf } from '../../../src/domain/consent/plan.js';
import { findSubscriber } from '../../../src/models/find-subscribers.js';
import { isOutOfAll } from '../../../src/routes/api/hubspot/contact-values.js';
import { shownStates } from '../../../src/routes/admin/contact/shown-states.js';
import type { Actor, SubscriptionType, Wish } from '../../../src/vocabulary/terms.js';
import { statusNames } from '../../../src/vocabulary/words.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { hubspotClient } from '../../support/hubspot.js';
import { jobSurfaces, jobSurfacesOf } from '../../support/job-surfaces.js';
import { types, units } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const hubspot = await hubspotClient(portal);
const staff = await signedIn(portal, 'support');
const key = await keyIn(portal);

const email = types.filter(({ channel }) => channel === 'EMAIL');
const typeOf = (id: number): SubscriptionType => {
  const type = email.find((one) => one.id === id);
  if (!type) throw new Error(`There is no type ${id}.`);
  return type;
};
const basis = { legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'Asked at the counter.' } as const;
const why = { legalBasis: basis.legalBasis, explanation: basis.legalBasisExplanation } as const;
const preferences = '/communication-preferences';
const surfaceOfJob = jobSurfacesOf(portal, why, async (method, path, body) => {
  const { status, text, answer } = await own(method, path, body);
  expect(status, text).toBeLessThan(300);
  return answer;
});

const api = (version: 3 | 4): Actor => ({ kind: 'API', version, ref: 'key:dry', scope: null });
const single = (): Actor => ({ kind: 'STAFF', isBulk: false, ref: `user:${staff.user._id}`, scope: null });
const contact: Actor = { kind: 'CONTACT', isLinkFresh: true, ref: 'preferences link' };
const act = fc.record({
  by: fc.constantFrom(
    ...(['v3', 'v4', 'resubscribe', 'all', 'crm', 'own', 'ownAll', 'ownBatch'] as const),
    ...(['oneClick', 'page', 'record', ...jobSurfaces] as const),
  ),
  typeId: fc.constantFrom(1, 2, 5, 7),
  isOptIn: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;
/** The code of the refusal as the surface says it, true for a refusal without a code, false for success, null if the surface does not say. */
type Refusal = string | boolean | null;

function headOf(address: string) {
  return findSubscriber(portal.deps.models.subscribers, portal.deps.subscriberIds('EMAIL', address));
}

/** What `decide` says of an act now. */
async function planned(address: string, actor: Actor, wishes: Wish[]) {
  const { deps } = portal;
  const subscriberId = deps.subscriberIds('EMAIL', address);
  const of = { subscriberId, channel: 'EMAIL', address } as const;
  return planOf({ ...of, actor, wishes, circumstances: why }, await headOf(address), {
    now: deps.clock(),
    catalogue: await deps.catalogue(),
  });
}

function own(method: string, path: string, body?: object | string) {
  const headers = { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' };
  return callApi(portal, key, method, `/api/v1${path}`, body, headers);
}

/** Which rule an act is under, what it wishes, and how the surface is asked. */
async function surfaceOf(
  address: string,
  { by, typeId, isOptIn }: Act,
): Promise<{ actor: Actor; wishes: Wish[]; run: () => Promise<Refusal> }> {
  const wish: Wish = { kind: isOptIn ? 'OPT_IN' : 'OPT_OUT', typeId };
  const type = typeOf(typeId);
  const encoded = encodeURIComponent(address);
  const status = isOptIn ? 'SUBSCRIBED' : 'UNSUBSCRIBED';
  const allOf = isOptIn ? 1 : null;
  const outOfAll: Wish[] = [{ kind: 'OPT_OUT_OF_ALL', unitId: allOf }];
  const v3 = async (verb: string): Promise<Refusal> => {
    const body = { emailAddress: address, subscriptionId: String(typeId), ...basis };
    const answer = await hubspot.call('POST', `${preferences}/2026-09/${verb}`, { body });
    return answer.status === 400 && !/ is already /.test(answer.body.message);
  };
  switch (by) {
    case 'v3':
      return { actor: api(3), wishes: [wish], run: () => v3(isOptIn ? 'subscribe' : 'unsubscribe') };
    case 'resubscribe':
      return { actor: api(4), wishes: [{ kind: 'OPT_IN', typeId }], run: () => v3('resubscribe') };
    case 'v4': {
      const body = { channel: 'EMAIL', subscriptionId: typeId, ...basis, statusState: status };
      const path = `${preferences}/v4/statuses/${encoded}`;
      const run = async () => (await hubspot.call('POST', path, { body })).status === 400;
      return { actor: api(4), wishes: [wish], run };
    }
    case 'all': {
      const qs = { channel: 'EMAIL', ...(isOptIn ? { businessUnitId: '1' } : {}) };
      const path = `${preferences}/v4/statuses/${encoded}/unsubscribe-all`;
      const run = async () => (await hubspot.call('POST', path, { qs })).status !== 200;
      return { actor: api(4), wishes: outOfAll, run };
    }
    case 'crm': {
      const path = `/crm/v3/objects/contacts/${encoded}`;
      const body = { properties: { hs_email_optout: 'true' } };
      const run = async () =>
        (await hubspot.call('PATCH', path, { qs: { idProperty: 'email' }, body })).status !== 200;
      return { actor: api(4), wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId: null }], run };
    }
    case 'own': {
      const run = async () => {
        const wanted = { status, ...why };
        const told = await own('PUT', `/subscribers/${encoded}/subscriptions/${typeId}`, wanted);
        return told.status === 200 ? false : String(told.answer.errors?.[0]?.code);
      };
      return { actor: api(4), wishes: [wish], run };
    }
    case 'ownAll': {
      const body = { businessUnitId: allOf };
      const run = async () => (await own('POST', `/subscribers/${encoded}/opt-outs`, body)).status !== 200;
      return { actor: api(4), wishes: outOfAll, run };
    }
    case 'ownBatch': {
      const inputs = [{ address, subscriptionTypeId: typeId }];
      const run = async () =>
        (await own('POST', '/opt-outs/batch', { inputs })).answer.results[0].outcome === 'REFUSED';
      return { actor: api(4), wishes: [{ kind: 'OPT_OUT', typeId }], run };
    }
    case 'oneClick': {
      const isPublic = !type.isInternal;
      const of = { unitId: type.unitId, typeId: isPublic ? typeId : undefined };
      const { oneClick } = await portal.linksOf({ address }, of);
      const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
      const run = async () => !(await fetch(portal.url + oneClick, { method: 'POST', body })).ok;
      const wishes: Wish[] = isPublic
        ? [{ kind: 'OPT_OUT', typeId }]
        : [{ kind: 'OPT_OUT_OF_ALL', unitId: type.unitId }];
      return { actor: { kind: 'ONE_CLICK', ref: 'one-click' }, wishes, run };
    }
    case 'page': {
      const person = visitorOf(portal);
      const { preferences: path } = await portal.linksOf(
        { address },
        { unitId: type.unitId, typeId: undefined, locale: 'en' },
      );
      const page = await person.open(path);
      const isOn = shownOn(page).get(typeId);
      const run = async () => {
        await person.press(page, /^Save/, { [`type-${typeId}`]: isOptIn ? 'on' : null });
        return false;
      };
      return { actor: contact, wishes: isOn === undefined || isOn === isOptIn ? [] : [wish], run };
    }
    case 'record': {
      const head = await headOf(address);
      const shown = head ? shownStates(head, [type]) : '';
      const fields = { channel: 'EMAIL', type: String(typeId), to: status, types: String(typeId), shown };
      const run = async () => {
        const path = adminPaths.overrides(head?.contactId ?? '');
        return (await staff.post(path, { ...fields, ...why })).status === 422;
      };
      return { actor: single(), wishes: [wish], run };
    }
    default: {
      const contactId = (await headOf(address))?.contactId ?? '';
      return surfaceOfJob(by, { address, contactId, type, isOptIn });
    }
  }
}

/** By type, whether the preference page shows it as on. */
function shownOn(page: { forms: { fields: [string, string][] }[] }): Map<number, boolean> {
  const fields = page.forms.flatMap((form) => form.fields);
  const shown = fields.find(([name]) => name === 'shown')?.[1] ?? '';
  return new Map(
    shown.split(',').flatMap((pair) => {
      const [, id] = /^(\d+):/.exec(pair) ?? [];
      return id ? [[Number(id), fields.some(([name]) => name === `type-${id}`)] as const] : [];
    }),
  );
}

async function perform(address: string, one: Act): Promise<void> {
  const { actor, wishes, run } = await surfaceOf(address, one);
  const plan = await planned(address, actor, wishes);
  const refusal = await run();
  const expected = refusalOf(plan);
  const said = JSON.stringify(one);
  if (typeof refusal === 'string') expect(refusal, said).toBe(expected);
  else if (one.by !== 'page' && refusal !== null) expect(refusal, said).toBe(expected !== null);
  const head = await headOf(address);
  for (const type of email)
    expect(effectiveStatus(head ?? plan.before, type).status, `${said}, type ${type.id}`).toBe(
      effectiveStatus(plan.after, type).status,
    );
}

/** Without privacy mode, only an opt-out ends marketing mail. */
const mayReceive = (status: string | undefined, isPrivacyMode: boolean) =>
  isPrivacyMode ? status === 'SUBSCRIBED' : status !== 'UNSUBSCRIBED';

it('what one surface writes, all others read, in both privacy modes', { timeout: 120_000 }, async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (acts, isPrivacyMode) => {
        const mode = { $set: { 'value.isPrivacyMode': isPrivacyMode } };
        await portal.deps.models.settings.updateOne({ _id: 'account' }, mode);
        const catalogue = await portal.deps.rereadCatalogue();
        expect(catalogue.isPrivacyMode).toBe(isPrivacyMode);
        const address = `surface${number++}@example.com`;
        const create = { body: { properties: { email: address } } };
        expect((await hubspot.call('POST', '/crm/v3/objects/contacts', create)).status).toBe(201);
        for (const one of acts) await perform(address, one);
        const head = await headOf(address);
        if (!head) throw new Error('The contact has no subscriber.');
        const truth = new Map(email.map((type) => [type.id, effectiveStatus(head, type).status]));
        const names = [...truth.keys()].map((id) => `hs_email_optout_${id}`);
        const one = encodeURIComponent(address);
        const questions = email.map(({ id }) => ({ address, typeId: id, purpose: 'MARKETING' }));
        const [v3, v4, batch, crm, owned, eligible, record] = await Promise.all([
          hubspot.client.communicationPreferences.statusApi.getEmailStatus(address),
          hubspot.call('GET', `${preferences}/2026-03/statuses/${one}`, { qs: { channel: 'EMAIL' } }),
          hubspot.call('POST', `${preferences}/v4/statuses/batch/read`, {
            qs: { channel: 'EMAIL' },
            body: { inputs: [address] },
          }),
          hubspot.call('GET', `/crm/v3/objects/contacts/${one}`, {
            qs: { idProperty: 'email', properties: ['hs_email_optout', ...names].join(',') },
          }),
          own('GET', `/subscribers/${one}`),
          own('POST', '/eligibility/batch', { inputs: questions }),
          staff.open(adminPaths.contact(head.contactId ?? '')),
        ]);
        const read = (statuses: { subscriptionId: number; status: string }[]) =>
          new Map(statuses.map(({ subscriptionId, status }) => [subscriptionId, status]));
        expect(read(v4.body.results)).toEqual(truth);
        expect(read(batch.body.results[0].statuses)).toEqual(truth);
        for (const { id, status } of v3.subscriptionStatuses)
          expect(status === 'SUBSCRIBED').toBe(truth.get(Number(id)) === 'SUBSCRIBED');
        const { properties } = crm.body;
        const inWords = { SUBSCRIBED: 'false', UNSUBSCRIBED: 'true', NOT_SPECIFIED: null };
        for (const [id, status] of truth) expect(properties[`hs_email_optout_${id}`]).toBe(inWords[status]);
        expect(properties.hs_email_optout).toBe(String(isOutOfAll(head, null)));
        expect(
          new Map(
            owned.answer.subscriptions.map((of: { subscriptionTypeId: number; status: string }) => [
              of.subscriptionTypeId,
              of.status,
            ]),
          ),
        ).toEqual(truth);
        expect(eligible.answer.results.map((of: { isEligible: boolean }) => of.isEligible)).toEqual(
          email.map(({ id, isActive }) => isActive && mayReceive(truth.get(id), isPrivacyMode)),
        );
        for (const { id, unitId, name } of email.filter(({ isActive }) => isActive)) {
          const unit = units.find((of) => of.id === unitId)?.name ?? '';
          const status = statusNames[truth.get(id) ?? 'NOT_SPECIFIED'];
          expect(record.text).toMatch(new RegExp(`${name} ${unit} (?:[a-z, ]+ )?${status} `));
        }
        for (const unit of units) {
          const links = await portal.linksOf({ address }, { unitId: unit.id, typeId: undefined });
          const shown = shownOn(await visitorOf(portal).open(links.preferences));
          expect(shown.size).toBeGreaterThan(0);
          for (const [id, isOn] of shown)
            expect(isOn, `type ${id}`).toBe(isShownOn(head, typeOf(id), catalogue));
        }
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 6) },
  );
});
