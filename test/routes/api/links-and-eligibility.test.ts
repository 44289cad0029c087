/** The API of sending systems: eligibility with the rule that decided, links of one mail, and links as a stream of lines. */
import { expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { deleteContact } from '../../../src/domain/contacts/delete.js';
import { setMarketingStatus, updateBatch } from '../../../src/domain/marketing/status.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { commandsOf } from '../../support/commands.js';
import { monitored } from '../../support/connection.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { contactIn } from '../../support/contacts.js';
import { newcomer } from '../../support/newcomer.js';
import { alice, charlie, fjell, northwind, trailNotes } from '../../support/people.js';

const portal = await openTestPortal({ through: monitored });
const keyOf = (scope: Scope) => keyIn(portal, ['links', 'eligibility'], scope);
const key = await keyOf(null);

const post = (path: string, body: object | string, as = key) =>
  callApi(portal, as, 'POST', `/api/v1${path}`, body, {
    'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json',
  });
const json = ({ text }: { text: string }): unknown => JSON.parse(text);

it('eligibility has the rule that decided, for each purpose', async () => {
  const ask = async (address: string, purpose?: string) =>
    json(await post('/eligibility', { address, typeId: trailNotes.id, ...(purpose && { purpose }) }));
  expect(await ask(alice.address)).toMatchObject({ isEligible: true, rule: 'SUBSCRIPTION_STATUS' });
  expect(await ask(charlie.address, 'MARKETING')).toMatchObject({ isEligible: false });
  expect(await ask(charlie.address, 'TRANSACTIONAL')).toMatchObject({
    isEligible: true,
    rule: 'TRANSACTIONAL',
  });
  expect((await post('/eligibility', { address: 'no address', typeId: trailNotes.id })).status).toBe(400);
  expect((await post('/eligibility', { address: alice.address, typeId: 999 })).status).toBe(404);
  const other = await keyOf([fjell.id]);
  const question = { address: alice.address, typeId: trailNotes.id };
  expect((await post('/eligibility', question, other)).status).toBe(404);
});

it('a batch of eligibility answers in order, and a question that cannot be answered gets an error', async () => {
  const inputs = [alice.address, 'no address', charlie.address].map((address) => ({
    ...{ address, typeId: trailNotes.id },
  }));
  expect(json(await post('/eligibility/batch', { inputs }))).toMatchObject({
    results: [{ isEligible: true }, { error: { code: 'INVALID_ADDRESS' } }, { isEligible: false }],
  });
});

it('only an address whose contact may be a non-marketing contact takes a second read', async () => {
  const { deps } = portal;
  const ask = async (addresses: string[], purpose = 'MARKETING') => {
    const inputs = addresses.map((address) => ({ address, typeId: trailNotes.id, purpose }));
    const commands = await commandsOf(portal, () =>
      inputs.length === 1 ? post('/eligibility', { ...inputs[0] }) : post('/eligibility/batch', { inputs }),
    );
    // Keys and settings are kept in memory for some seconds.
    return commands.filter((command) => !/(?:api_keys|settings)$/.test(command));
  };
  const subscriberOnly = ['find subscribers'];
  const owned = await Promise.all(
    ['in@owned.example', 'out@owned.example', 'snoozed@owned.example'].map(async (address) => {
      const { subscriberId } = await newcomer(portal, address, [trailNotes]);
      await contactIn(portal, { email: address, unitIds: [northwind.id] });
      return { address, subscriberId };
    }),
  );
  const [optedIn, optedOut, snoozed] = owned.map(({ address }) => address);
  const wishes = [
    { kind: 'OPT_OUT', typeId: trailNotes.id },
    { kind: 'SNOOZE', typeId: trailNotes.id, days: 30 },
  ] as const;
  for (const [at, wish] of wishes.entries())
    await changeConsent(deps, {
      ...{ subscriberId: owned[at + 1]?.subscriberId ?? '', channel: 'EMAIL', wishes: [wish] },
      actor: { kind: 'CONTACT', isLinkFresh: true, ref: 'a test' },
    });
  await newcomer(portal, 'contactless@example.com', [trailNotes]);
  // The first call of a key fills what is then kept in memory.
  await ask([alice.address]);
  for (const address of ['unknown@example.com', 'contactless@example.com', optedOut, snoozed])
    expect(await ask([address ?? '']), address).toEqual(subscriberOnly);
  for (const purpose of ['TRANSACTIONAL', 'ONE_TO_ONE', 'CALL'])
    expect(await ask([optedIn ?? ''], purpose), purpose).toEqual(subscriberOnly);
  expect(await ask([optedIn ?? ''])).toEqual(subscriberOnly);
  const leaver = await contactIn(portal, { email: 'leaver@owned.example', unitIds: [northwind.id] });
  await setMarketingStatus(deps, { contactIds: [leaver._id], isMarketing: false, scope: null });
  expect(await ask(['leaver@owned.example'])).toEqual(subscriberOnly);
  portal.advance(1000);
  await updateBatch(deps, { before: deps.clock(), guard: () => undefined });
  expect(await ask(['leaver@owned.example'])).toEqual([...subscriberOnly, 'find contacts']);
  const many = Array.from({ length: 100 }, (_, at) => `many${at}@example.com`);
  expect(await ask([...many, optedOut ?? ''])).toEqual(subscriberOnly);
  expect(await ask([...many, ...owned.map(({ address }) => address), 'leaver@owned.example'])).toEqual([
    ...subscriberOnly,
    'find contacts',
  ]);
});

it('a change of the contact counts at once: created, non-marketing, of another unit, deleted', async () => {
  const { deps } = portal;
  const address = 'changing@example.com';
  const { subscriberId } = await newcomer(portal, address, [trailNotes]);
  const limited = await keyOf([northwind.id]);
  const rule = async (as = key) => {
    const answers = [
      json(await post('/eligibility', { address, typeId: trailNotes.id }, as)),
      Object(
        json(
          await post(
            '/eligibility/batch',
            {
              inputs: [
                { address, typeId: trailNotes.id },
                { address, typeId: trailNotes.id },
              ],
            },
            as,
          ),
        ),
      ).results[1],
    ].map((answer) => String(Object(answer).rule));
    expect(answers[1]).toBe(answers[0]);
    return answers[0];
  };
  expect(await rule()).toBe('SUBSCRIPTION_STATUS');
  const contact = await contactIn(portal, { email: address, unitIds: [fjell.id] });
  await setMarketingStatus(deps, { contactIds: [contact._id], isMarketing: false, scope: null });
  expect(await rule()).toBe('SUBSCRIPTION_STATUS');
  portal.advance(1000);
  await updateBatch(deps, { before: deps.clock(), guard: () => undefined });
  expect(await rule()).toBe('NOT_A_MARKETING_CONTACT');
  expect(await rule(limited), 'a contact of another unit').toBe('SUBSCRIPTION_STATUS');
  await deps.models.contacts.updateOne({ _id: contact._id }, { $set: { unitIds: [fjell.id, northwind.id] } });
  expect(await rule(limited)).toBe('NOT_A_MARKETING_CONTACT');
  await changeConsent(deps, {
    ...{ subscriberId, channel: 'EMAIL', actor: { kind: 'ONE_CLICK', ref: 'a test' } },
    wishes: [{ kind: 'OPT_OUT', typeId: trailNotes.id }],
  });
  await deleteContact(deps, { contactId: contact._id, scope: null });
  expect(await rule()).toBe('SUBSCRIPTION_STATUS');
  expect(json(await post('/eligibility', { address, typeId: trailNotes.id }))).toMatchObject({
    isEligible: false,
  });
});

it('links of one mail work, and outside the units of the key nothing exists', async () => {
  const wanted = { address: alice.address, businessUnitId: northwind.id, typeId: trailNotes.id };
  const { status, text } = await post('/links?footer=true', wanted);
  expect(status).toBe(200);
  const links = Object(JSON.parse(text));
  expect(links).toMatchObject({ footer: { html: expect.any(String) } });
  expect((await fetch(String(links.managePreferencesUrl))).status).toBe(200);
  expect((await post('/links', wanted, await keyOf([fjell.id]))).status).toBe(404);
});

it('lines of links come in order, and a bad line gets an error', async () => {
  const good = (address: string) => JSON.stringify({ address, businessUnitId: northwind.id });
  const lines = [good('a@example.com'), '{', good('no address'), good(`${'x'.repeat(30_000)}@b.example`), ''];
  const many = Array.from({ length: 1500 }, (_, at) => good(`n${at}@example.com`));
  const { status, text } = await post('/links/batch', [...lines, ...many].join('\n'));
  expect(status).toBe(200);
  const answers: unknown[] = text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(answers).toHaveLength(4 + 1500);
  expect(answers.slice(0, 5)).toMatchObject([
    { address: 'a@example.com' },
    { error: { code: 'INVALID_FORM' } },
    { error: { code: 'INVALID_ADDRESS' } },
    { error: { code: 'INVALID_FORM' } },
    { address: 'n0@example.com' },
  ]);
  expect(answers.at(-1)).toMatchObject({ address: 'n1499@example.com' });
});
