/** "Unsubscribe" in the footer: what would stop, one button, Undo, and only then the question why. */
import { describe, expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import type { SubscriptionType } from '../../../src/vocabulary/terms.js';
import { wordsFor } from '../../../src/views/words.js';
import { openTestPortal } from '../../support/app.js';
import { newcomer } from '../../support/newcomer.js';
import { northwind, offers, trailNotes } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

let count = 0;
async function somebody() {
  const who = await newcomer(portal, `leaver-${++count}@example.com`, [trailNotes, offers]);
  const links = await portal.linksOf(who);
  const state = () => portal.subscriberOf(who);
  const statusOf = async (type: SubscriptionType) => effectiveStatus(await state(), type).status;
  return { ...links, state, statusOf };
}

it('the unsubscribe page says what would stop and shows nothing of the contact', async () => {
  const { unsubscribe, unsubscribeAll } = await somebody();
  const one = await person.open(unsubscribe);
  expect(one.text).toContain('Trail notes');
  const all = await person.open(unsubscribeAll);
  expect(all.text).toContain('Northwind Outdoors');
  expect(all.text).not.toContain('Trail notes');
  for (const { html, forms } of [one, all]) {
    expect(html).not.toMatch(/@|••••/);
    expect(forms.filter(({ method }) => method === 'post').map(({ action }) => action.slice(0, 3))).toEqual([
      '/u/',
    ]);
  }
});

it('the unsubscribe button stops the type, says so, and only then asks why', async () => {
  const { unsubscribe, statusOf } = await somebody();
  const page = await person.open(unsubscribe);
  expect(page.text).not.toContain('Would you tell us why?');
  const done = await person.press(page, /Unsubscribe/);
  expect(done.text).toContain(
    'You are unsubscribed Trail notes from Northwind Outdoors will no longer reach you.',
  );
  expect([await statusOf(trailNotes), await statusOf(offers)]).toEqual(['UNSUBSCRIBED', 'SUBSCRIBED']);
  const nonce = new URL(done.path, portal.url).searchParams.get('done') ?? '';
  expect((await person.press(done, /Send/)).text).not.toContain('Thank you');
  expect(await portal.deps.models.unsubscribeReasons.findById(nonce).lean()).toBeNull();
  const thanked = await person.press(done, /Send/, { reason: 'TOO_MANY' });
  expect(thanked.text).toContain('Thank you for telling us.');
  await person.press(done, /Send/, { reason: 'OTHER' });
  const kept = await portal.deps.models.unsubscribeReasons.find({ _id: nonce }).lean();
  expect(kept).toMatchObject([{ reason: 'OTHER', unitId: 0, typeId: 1 }]);
});

it('a reason is not stored without an unsubscription or when it is not in the list', async () => {
  const { unsubscribe } = await somebody();
  const count = () => portal.deps.models.unsubscribeReasons.countDocuments();
  const before = await count();
  await person.post(unsubscribe, { of: 'invented', reason: 'OTHER' });
  const answer = await person.ask('POST', unsubscribe, new URLSearchParams({ of: 'x', reason: 'INVENTED' }));
  expect([answer.status, await count()]).toEqual([400, before]);
});

describe('undo of an unsubscription', () => {
  it.each(['unsubscribe', 'unsubscribeAll'] as const)(
    'of %s asks for a tick and restores the earlier state',
    async (kind) => {
      const { [kind]: path, statusOf } = await somebody();
      const done = await person.press(await person.open(path), /Unsubscribe/);
      const asked = await person.press(done, /Undo/);
      expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
      const unticked = await person.press(asked, /Undo/);
      expect([unticked.status, await statusOf(trailNotes)]).toEqual([422, 'UNSUBSCRIBED']);
      const undone = await person.press(unticked, /Undo/, { sure: 'yes' });
      expect(undone.text).toContain('Undone.');
      expect([await statusOf(trailNotes), await statusOf(offers)]).toEqual(['SUBSCRIBED', 'SUBSCRIBED']);
      // A link that stops a unit does not reveal what the contact had of it.
      for (const page of [done, asked, unticked, undone])
        expect(page.text.includes('Offers and discounts'), page.text).toBe(false);
    },
  );

  it('pressed twice succeeds twice', async () => {
    const { unsubscribe, statusOf } = await somebody();
    const done = await person.press(await person.open(unsubscribe), /Unsubscribe/);
    const asked = await person.press(done, /Undo/);
    for (const press of ['first', 'second']) {
      const undone = await person.press(asked, /Undo/, { sure: 'yes' });
      expect([undone.status, undone.text.includes('Undone.')], press).toEqual([200, true]);
    }
    expect(await statusOf(trailNotes)).toBe('SUBSCRIBED');
    expect((await person.press(done, /Undo/)).text).toContain('Undone.');
  });

  it('is still offered after a reason was sent', async () => {
    const { unsubscribe, statusOf } = await somebody();
    const done = await person.press(await person.open(unsubscribe), /Unsubscribe/);
    const told = await person.press(done, /Send/, { reason: 'OTHER' });
    expect(told.text).toContain('Thank you for telling us.');
    const asked = await person.press(told, /Undo/);
    expect((await person.press(asked, /Undo/, { sure: 'yes' })).text).toContain('Undone.');
    expect(await statusOf(trailNotes)).toBe('SUBSCRIBED');
  });

  it('is void after a later act, after an hour, and with a guessed nonce', async () => {
    const { unsubscribe, preferences, statusOf } = await somebody();
    const done = await person.press(await person.open(unsubscribe), /Unsubscribe/);
    await person.press(await person.open(preferences), /Save/, { 'type-3': null });
    const late = await person.press(done, /Undo/, { sure: 'yes' });
    expect([late.status, await statusOf(trailNotes)]).toEqual([410, 'UNSUBSCRIBED']);
    expect(late.text).toContain('It is too late to undo this here.');
    const again = await somebody();
    const stopped = await person.press(await person.open(again.unsubscribe), /Unsubscribe/);
    portal.advance(3_600_000);
    expect((await person.press(stopped, /Undo/, { sure: 'yes' })).status).toBe(410);
    expect(
      (await person.ask('POST', unsubscribe, new URLSearchParams({ undo: 'x', sure: 'yes' }))).status,
    ).toBe(410);
    expect(await again.statusOf(trailNotes)).toBe('UNSUBSCRIBED');
  });
});

describe('unsubscribing again', () => {
  it('says that it was already done, and no longer says so when the page is opened much later', async () => {
    const { unsubscribe, preferences } = await somebody();
    await person.press(await person.open(unsubscribe), /Unsubscribe/);
    const again = await person.press(await person.open(unsubscribe), /Unsubscribe/);
    expect(again.text).toContain('You were unsubscribed already');
    await person.press(await person.open(preferences), /Save/, { 'type-1': 'on' });
    portal.advance(600_000);
    expect((await person.open(again.path)).text).not.toContain('unsubscribed already');
  });
});

it('an opt-out is not lost when its form is broken', async () => {
  for (const fields of [
    'renderedAt=1&renderedAt=2',
    `asked=${'x'.repeat(99)}`,
    '%',
    '__proto__=1&sure=no',
    '',
  ]) {
    const { unsubscribe, statusOf } = await somebody();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await person.ask('POST', unsubscribe, fields, headers);
    expect([answer.status, await statusOf(trailNotes)], fields).toEqual([303, 'UNSUBSCRIBED']);
  }
});

it.each([
  ['an unknown character set', { 'content-type': 'application/x-www-form-urlencoded; charset=x' }],
  ['an unknown encoding', { 'content-encoding': 'x' }],
  ['more than fits', {}],
])('an opt-out is kept from a form with %s, and refused from another page’s form', async (what, more) => {
  const { unsubscribe, preferences, statusOf } = await somebody();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...more };
  const body = what.startsWith('more') ? `asked=${'x'.repeat(70_000)}` : 'renderedAt=1';
  expect((await person.ask('POST', preferences, body, headers)).status).toBeGreaterThanOrEqual(413);
  const answer = await person.ask('POST', unsubscribe, body, headers);
  expect([answer.status, await statusOf(trailNotes)]).toEqual([303, 'UNSUBSCRIBED']);
});

it('an unknown type stops its unit, and the page names the unit', async () => {
  const { subscriberId, state } = await somebody();
  const claims = { subscriberId, unitId: northwind.id, typeId: 4711, epoch: 0, locale: 'en' };
  const token = await portal.deps.tokens.mint('unsubscribe', claims, portal.deps.clock());
  const done = await person.press(await person.open(`/u/${token}`), /Unsubscribe/);
  expect(done.text).toContain(
    'You will get no more news or offers from Northwind Outdoors. Messages that you need, such as receipts, still reach you.',
  );
  expect((await state()).optOuts.units[northwind.id]?.[0]?.by).toBe('ONE_CLICK');
});

it('the pages of a transactional type do not announce the end of its messages', async () => {
  const { unsubscribe, statusOf } = await somebody();
  const { types } = portal.deps.models;
  await types.updateOne({ _id: trailNotes.id }, { $set: { purpose: 'TRANSACTIONAL' } });
  await portal.deps.rereadCatalogue();
  const asked = await person.open(`${unsubscribe}?lang=en`);
  const done = await person.press(asked, /Unsubscribe/);
  await types.updateOne({ _id: trailNotes.id }, { $set: { purpose: 'MARKETING' } });
  await portal.deps.rereadCatalogue();
  const { copy } = wordsFor('en');
  for (const { text } of [asked, done]) expect(text).toContain(copy['stillArrivesUnnamed']);
  expect(asked.text).not.toContain((copy['unsubscribeTextType'] ?? '').slice(0, 20));
  expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
});
