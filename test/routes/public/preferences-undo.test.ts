/** Undo on the preference page: for each kind of save, and void after a later act. */
import { describe, expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { faultsOfHistory, readHistory } from '../../../src/domain/consent/history.js';
import type { SubscriptionType } from '../../../src/vocabulary/terms.js';
import { openTestPortal } from '../../support/app.js';
import { newcomer } from '../../support/newcomer.js';
import {
  northwind,
  offers,
  orderNotices,
  productNews,
  trailNotes,
  weekendLetters,
} from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';
import type { Answer } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

let count = 0;
async function somebody(...on: SubscriptionType[]) {
  const who = await newcomer(portal, `undoer-${++count}@example.com`, on);
  const links = await portal.linksOf(who);
  const state = () => portal.subscriberOf(who);
  const statusOf = async (type: SubscriptionType) => effectiveStatus(await state(), type).status;
  const save = async (changed: Record<string, string | null>) =>
    person.press(await person.open(links.preferences), /Save/, changed);
  return { who, ...links, path: links.preferences, state, statusOf, save };
}
const mayUndo = ({ forms }: Answer) =>
  forms.some(({ buttons }) => buttons.some(({ label }) => label === 'Undo'));

describe('undo with one press, after a save that a person filled in', () => {
  it('switches on again what was switched off', async () => {
    const { save, statusOf } = await somebody(trailNotes);
    const undone = await person.press(await save({ 'type-1': null }), /Undo/);
    expect(undone.text).toContain('Undone. Trail notes will reach you from now on.');
    expect(mayUndo(undone)).toBe(false);
    expect(await statusOf(trailNotes)).toBe('SUBSCRIBED');
  });

  it('switches off again what was switched on', async () => {
    const { save, statusOf } = await somebody(trailNotes);
    await person.press(await save({ 'type-2': 'on' }), /Undo/);
    expect(await statusOf(productNews)).toBe('NOT_SPECIFIED');
    expect(await statusOf(trailNotes)).toBe('SUBSCRIBED');
  });

  it('ends a pause that the save began', async () => {
    const { save, state } = await somebody(trailNotes);
    await person.press(await save({ 'pause-1': '30' }), /Undo/);
    expect((await state()).snoozes).toEqual({});
  });

  it('returns a pause to its earlier end', async () => {
    const { save, state } = await somebody(trailNotes);
    await save({ 'pause-1': '30' });
    const { snoozes } = await state();
    await person.press(await save({ 'pause-1': '90' }), /Undo/);
    expect((await state()).snoozes).toEqual(snoozes);
  });

  it('restores exactly what the save changed, and no type that the page does not show', async () => {
    const { who, save, path, state } = await somebody(trailNotes);
    await changeConsent(portal.deps, {
      subscriberId: who.subscriberId,
      channel: 'EMAIL',
      actor: { kind: 'STAFF', isBulk: false, ref: 'a test', scope: null },
      wishes: [{ kind: 'OPT_IN', typeId: orderNotices.id }],
      circumstances: { explanation: 'A contract.', legalBasis: 'PERFORMANCE_OF_CONTRACT' },
    });
    const before = await state();
    const stopped = await person.press(await person.open(path), /Stop everything from Northwind/);
    await person.press(await person.press(stopped, /Undo/), /Undo/, { sure: 'yes' });
    const undone = await state();
    expect(undone.optOuts).toEqual(before.optOuts);
    expect(undone.subscriptions).toEqual(before.subscriptions);
    await person.press(await person.open(path), /Stop everything from Northwind/);
    const { optOuts } = await state();
    await person.press(await save({ 'type-1': 'on' }), /Undo/);
    expect((await state()).optOuts).toEqual(optOuts);
    const history = await readHistory(portal.deps.models, who.subscriberId);
    expect(history && faultsOfHistory(history)).toEqual([]);
  });

  it('works after a later act on another type, and is void after one on the same type', async () => {
    const { subscriberId, save, statusOf } = await somebody(trailNotes);
    const act = (typeId: number) =>
      changeConsent(portal.deps, {
        subscriberId,
        channel: 'EMAIL',
        actor: { kind: 'STAFF', isBulk: false, ref: 'a test', scope: null },
        wishes: [{ kind: 'OPT_OUT', typeId }],
      });
    const saved = await save({ 'type-1': null, 'type-2': 'on' });
    await act(offers.id);
    await person.press(saved, /Undo/);
    expect([await statusOf(trailNotes), await statusOf(offers)]).toEqual(['SUBSCRIBED', 'UNSUBSCRIBED']);
    const again = await save({ 'type-2': 'on' });
    await act(productNews.id);
    expect((await person.press(again, /Undo/)).text).toContain('Nothing was changed.');
    expect(await statusOf(productNews)).toBe('UNSUBSCRIBED');
  });

  it('restores an opt-out of all that the save had lifted, and a later type is covered too', async () => {
    const { save, path, state } = await somebody(trailNotes);
    await person.press(await person.open(path), /Stop everything from Northwind/);
    await person.press(await save({ 'type-1': 'on' }), /Undo/);
    expect((await state()).optOuts.units[northwind.id]).toMatchObject([{ by: 'CONTACT' }]);
    await person.press(await person.open(path), /Stop everything from all/);
    await person.press(await save({ 'type-1': 'on' }), /Undo/);
    expect((await state()).optOuts.portal).toMatchObject([{ by: 'CONTACT' }]);
  });

  it('does not opt in a type that was off although an old tab showed it on', async () => {
    const { path, subscriberId, statusOf } = await somebody(trailNotes);
    const oldTab = await person.open(path);
    await changeConsent(portal.deps, {
      subscriberId,
      channel: 'EMAIL',
      actor: { kind: 'STAFF', isBulk: false, ref: 'a test', scope: null },
      wishes: [{ kind: 'OPT_OUT', typeId: trailNotes.id }],
    });
    const saved = await person.press(oldTab, /Save/, { 'type-1': null });
    expect(mayUndo(saved)).toBe(false);
    expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
  });
});

describe('undo of a one-button form', () => {
  it.each([/Stop everything from Northwind/, /Stop everything from all/])(
    '%s asks for a tick',
    async (stop) => {
      const { path, statusOf } = await somebody(trailNotes, offers);
      const stopped = await person.press(await person.open(path), stop);
      const asked = await person.press(stopped, /Undo/);
      expect(asked.text).toContain('We can put Trail notes and Offers and discounts back as they were.');
      expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
      const unticked = await person.press(asked, /Undo/);
      expect([unticked.status, await statusOf(trailNotes)]).toEqual([422, 'UNSUBSCRIBED']);
      expect(unticked.text).toContain('Please tick the box first');
      const undone = await person.press(unticked, /Undo/, { sure: 'yes' });
      expect(undone.text).toContain('Undone.');
      expect([await statusOf(trailNotes), await statusOf(offers)]).toEqual(['SUBSCRIBED', 'SUBSCRIBED']);
    },
  );

  it('restores a confirmed subscription where the unit uses double opt-in', async () => {
    const { path, statusOf, state, subscriberId } = await somebody(weekendLetters);
    const [{ id: pendingId } = { id: '' }] = (await state()).pending;
    const confirm = { subscriberId, unitId: 1, epoch: 0, pendingId };
    const token = await portal.deps.tokens.mint('confirm', confirm, portal.deps.clock());
    await person.press(await person.open(`/c/${token}?lang=en`), /Confirm/, { sure: 'yes' });
    expect(await statusOf(weekendLetters)).toBe('SUBSCRIBED');
    const stopped = await person.press(await person.open(path), /Stop everything from all/);
    const undone = await person.press(await person.press(stopped, /Undo/), /Undo/, { sure: 'yes' });
    expect(undone.text).toContain('Undone.');
    expect(await statusOf(weekendLetters)).toBe('SUBSCRIBED');
  });
});

it('one-press undo is not given to a client that sends the form unchanged after a person’s save', async () => {
  const { save, path, statusOf } = await somebody(trailNotes);
  await save({ 'type-1': null });
  // A machine that behaves like a person: it opens one link, and sends the first form.
  const quiet = visitorOf(portal, { userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)' });
  const answer = await quiet.press(await quiet.open(path), /Save/);
  expect(answer.text).toContain('Nothing was changed.');
  expect(mayUndo(answer)).toBe(false);
  expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
});

describe('undo is void', () => {
  it('when a later act arrives while it runs', async () => {
    const { subscriberId, state, statusOf } = await somebody(trailNotes);
    const { seq } = await state();
    const act = (kind: 'OPT_OUT' | 'OPT_IN', onlyAfter?: number) =>
      changeConsent(portal.deps, {
        subscriberId,
        channel: 'EMAIL',
        actor: { kind: 'CONTACT', isLinkFresh: true },
        wishes: [{ kind, typeId: trailNotes.id }],
        ...(onlyAfter === undefined ? {} : { onlyAfter }),
      });
    await act('OPT_OUT');
    expect((await act('OPT_IN', seq)).outcomes).toEqual([]);
    expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('a second time after a later act, with a wrong nonce, and after a day', async () => {
    const { save, path, statusOf } = await somebody(trailNotes);
    const saved = await save({ 'type-1': null });
    expect((await person.post(path, { undo: 'guessed', sure: 'yes' })).text).toContain(
      'Nothing was changed.',
    );
    portal.advance(25 * 3_600_000);
    expect((await person.press(saved, /Undo/)).text).toContain('Nothing was changed.');
    expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
    const later = await save({ 'type-1': 'on' });
    await person.press(later, /Undo/);
    await save({ 'type-3': 'on' });
    expect((await person.press(later, /Undo/)).text).toContain('Nothing was changed.');
    expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
  });
});

it('undo pressed twice is done once and succeeds twice', async () => {
  const { save, path, statusOf } = await somebody(trailNotes);
  const saved = await save({ 'type-1': null });
  const presses = await Promise.all([person.press(saved, /Undo/), person.press(saved, /Undo/)]);
  for (const page of [...presses, await person.press(saved, /Undo/)])
    expect(page.text).toContain('Undone. Trail notes will reach you from now on.');
  expect(await statusOf(trailNotes)).toBe('SUBSCRIBED');
  expect((await person.post(path, { undo: 'guessed' })).text).toContain('Nothing was changed.');
});
