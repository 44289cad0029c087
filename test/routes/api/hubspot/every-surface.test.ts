/** Every surface writes the same statuses, and every other reads them the same. A refusal by HubSpot's API is one by `decide`. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeConsent } from '../../../../src/domain/consent/change.js';
import { effectiveStatus } from '../../../../src/domain/consent/effective.js';
import { planOf } from '../../../../src/domain/consent/plan.js';
import { findSubscriber } from '../../../../src/models/find-subscribers.js';
import { isOutOfAll } from '../../../../src/routes/api/hubspot/contact-values.js';
import type { Actor, Wish } from '../../../../src/vocabulary/terms.js';
import { openTestPortal, type TestPortal } from '../../../support/app.js';
import { hubspotClient } from '../../../support/hubspot.js';
import { types } from '../../../support/people.js';

let portal: TestPortal;
let hubspot: Awaited<ReturnType<typeof hubspotClient>>;
beforeAll(async () => {
  portal = await openTestPortal();
  hubspot = await hubspotClient(portal);
});
afterAll(() => portal.stop());

const email = types.filter(({ channel }) => channel === 'EMAIL');
const basis = { legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'Asked at the counter.' } as const;
const why = { legalBasis: basis.legalBasis, explanation: basis.legalBasisExplanation } as const;
const preferences = '/communication-preferences';

const actors: Readonly<Record<'staff' | 'bulk' | 'import' | 'workflow', Actor>> = {
  staff: { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: null },
  bulk: { kind: 'STAFF', isBulk: true, ref: 'user:1', scope: null },
  import: { kind: 'IMPORT', ref: 'import:1', mayOptIn: true },
  workflow: { kind: 'WORKFLOW', ref: 'workflow:1' },
};

const act = fc.record({
  by: fc.constantFrom(
    'v3',
    'v4',
    'resubscribe',
    'oneClick',
    'all',
    'crm',
    'staff',
    'bulk',
    'import',
    'workflow',
  ),
  typeId: fc.constantFrom(1, 2, 5, 7),
  isOptIn: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

async function headOf(address: string) {
  return findSubscriber(portal.deps.models.subscribers, portal.deps.subscriberIds('EMAIL', address));
}

/** What `decide` says of a wish now. */
async function verdict(address: string, version: 3 | 4, wish: Wish) {
  const { deps } = portal;
  const actor: Actor = { kind: 'API', version, ref: 'key:dry', scope: null };
  const subscriberId = deps.subscriberIds('EMAIL', address);
  const input = {
    subscriberId,
    channel: 'EMAIL',
    address,
    actor,
    wishes: [wish],
    circumstances: why,
  } as const;
  const moment = { now: deps.clock(), catalogue: await deps.catalogue() };
  return planOf({ ...input, wishes: [wish] }, await headOf(address), moment).outcomes[0]?.result;
}

async function perform(address: string, { by, typeId, isOptIn }: Act): Promise<void> {
  const wish: Wish = { kind: isOptIn ? 'OPT_IN' : 'OPT_OUT', typeId };
  const v3 = async (verb: string, version: 3 | 4, wanted: Wish) => {
    const expected = await verdict(address, version, wanted);
    const body = { emailAddress: address, subscriptionId: String(typeId), ...basis };
    const answer = await hubspot.call('POST', `${preferences}/2026-09/${verb}`, { body });
    const isRefused = answer.status === 400 && !/ is already /.test(answer.body.message);
    expect(isRefused, verb).toBe(expected === 'REFUSED');
  };
  switch (by) {
    case 'v3':
      return v3(isOptIn ? 'subscribe' : 'unsubscribe', 3, wish);
    case 'resubscribe':
      return v3('resubscribe', 4, { kind: 'OPT_IN', typeId });
    case 'v4': {
      const expected = await verdict(address, 4, wish);
      const body = { channel: 'EMAIL', subscriptionId: typeId, ...basis };
      const statusState = isOptIn ? 'SUBSCRIBED' : 'UNSUBSCRIBED';
      const path = `${preferences}/v4/statuses/${encodeURIComponent(address)}`;
      const { status } = await hubspot.call('POST', path, { body: { ...body, statusState } });
      return expect(status).toBe(expected === 'REFUSED' ? 400 : 200);
    }
    case 'all': {
      const qs = { channel: 'EMAIL', ...(isOptIn ? { businessUnitId: '1' } : {}) };
      const path = `${preferences}/v4/statuses/${encodeURIComponent(address)}/unsubscribe-all`;
      return expect((await hubspot.call('POST', path, { qs })).status).toBe(200);
    }
    case 'crm': {
      const path = `/crm/v3/objects/contacts/${encodeURIComponent(address)}`;
      const body = { properties: { hs_email_optout: 'true' } };
      return expect((await hubspot.call('PATCH', path, { qs: { idProperty: 'email' }, body })).status).toBe(
        200,
      );
    }
    case 'oneClick': {
      const type = email.find(({ id }) => id === typeId);
      const isPublic = type && !type.isInternal;
      const { oneClick } = await portal.linksOf(
        { address },
        { unitId: type?.unitId ?? 0, typeId: isPublic ? typeId : undefined },
      );
      const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
      return expect((await fetch(portal.url + oneClick, { method: 'POST', body })).ok).toBe(true);
    }
    default:
      await changeConsent(portal.deps, {
        ...{ subscriberId: portal.deps.subscriberIds('EMAIL', address), channel: 'EMAIL', address },
        ...{ actor: actors[by], wishes: [wish], circumstances: why },
      });
  }
}

it('what one surface writes, all others read', { timeout: 60_000 }, async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
      const address = `surface${number++}@example.com`;
      const create = { body: { properties: { email: address } } };
      expect((await hubspot.call('POST', '/crm/v3/objects/contacts', create)).status).toBe(201);
      for (const one of acts) await perform(address, one);
      const head = await headOf(address);
      if (!head) throw new Error('The contact has no subscriber.');
      const truth = new Map(email.map((type) => [type.id, effectiveStatus(head, type).status]));
      const names = [...truth.keys()].map((id) => `hs_email_optout_${id}`);
      const one = encodeURIComponent(address);
      const [v3, v4, batch, contact] = await Promise.all([
        hubspot.client.communicationPreferences.statusApi.getEmailStatus(address),
        hubspot.call('GET', `${preferences}/2026-03/statuses/${one}`, { qs: { channel: 'EMAIL' } }),
        hubspot.call('POST', `${preferences}/v4/statuses/batch/read`, {
          qs: { channel: 'EMAIL' },
          body: { inputs: [address] },
        }),
        hubspot.call('GET', `/crm/v3/objects/contacts/${one}`, {
          qs: { idProperty: 'email', properties: ['hs_email_optout', ...names].join(',') },
        }),
      ]);
      const read = (statuses: { subscriptionId: number; status: string }[]) =>
        new Map(statuses.map(({ subscriptionId, status }) => [subscriptionId, status]));
      expect(read(v4.body.results)).toEqual(truth);
      expect(read(batch.body.results[0].statuses)).toEqual(truth);
      for (const { id, status } of v3.subscriptionStatuses)
        expect(status === 'SUBSCRIBED').toBe(truth.get(Number(id)) === 'SUBSCRIBED');
      const { properties } = contact.body;
      const inWords = { SUBSCRIBED: 'false', UNSUBSCRIBED: 'true', NOT_SPECIFIED: null };
      for (const [id, status] of truth) expect(properties[`hs_email_optout_${id}`]).toBe(inWords[status]);
      expect(properties.hs_email_optout).toBe(String(isOutOfAll(head, null)));
    }),
    { numRuns: 15 },
  );
});
