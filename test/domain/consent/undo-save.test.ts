/** The contact's Undo at the level of the rules: who may use it, and when it is void. */
import { expect, it } from 'vitest';
import { planOf } from '../../../src/domain/consent/plan.js';
import { newSubscriber } from '../../../src/models/subscriber.js';
import type { SubscriberHead } from '../../../src/models/subscriber.js';
import type { Actor, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given, now, partiesOf, statusOf, worldWith } from '../../support/judge.js';
import { northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';

const catalogue = worldWith();
const stop: Wish = { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id };

/** One act; a save by the contact where `isSave`. */
function act(
  head: SubscriberHead,
  actor: Actor,
  wish: Wish,
  { isSave = false, isMachine = false, world = catalogue } = {},
) {
  const lastSave = { nonce: 'n', isAsFound: false, describe: () => [] };
  const input = {
    subscriberId: 'x',
    channel: 'EMAIL',
    actor,
    wishes: [wish],
    circumstances: { ...given, isMachine },
  } as const;
  const plan = planOf({ ...input, wishes: [wish], ...(isSave ? { lastSave } : {}) }, head, {
    now,
    catalogue: world,
  });
  const [outcome] = plan.outcomes;
  return {
    next: plan.next,
    events: plan.events,
    answer: outcome?.result === 'REFUSED' ? outcome.code : outcome?.result,
  };
}

const optIn: Wish = { kind: 'OPT_IN', typeId: trailNotes.id };
const afterStaff = (wish: Wish) =>
  act(newSubscriber('x', 'EMAIL', 'ann@example.com', now), actors.staff, wish).next;
const subscribed = () => afterStaff(optIn);

function saved() {
  const before = afterStaff(stop);
  const after = act(before, actors.freshContact, optIn, { isSave: true }).next;
  const undo: Wish = { kind: 'UNDO_SAVE', save: before.seq + 1 };
  return { before, after, undo };
}

it('undo restores every set and subscription that the save changed', () => {
  const { before, after, undo } = saved();
  expect(statusOf(after)).toBe('SUBSCRIBED');
  const { next, answer } = act(after, actors.freshContact, undo);
  expect(answer).toBe('CHANGED');
  expect([next.optOuts, next.subscriptions, next.undoable]).toEqual([
    before.optOuts,
    before.subscriptions,
    null,
  ]);
  expect(act(next, actors.freshContact, undo).answer).toBe('NO_CHANGE');
});

it('undo is void once something that the save changed has changed again', () => {
  const { after, undo } = saved();
  const elsewhere = act(after, actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: 1 }).next;
  expect(act(elsewhere, actors.freshContact, undo).answer).toBe('CHANGED');
  const there = act(after, actors.importer, { kind: 'OPT_OUT', typeId: offers.id }).next;
  expect(partiesOf(there.optOuts.types[offers.id])).toEqual(['STAFF', 'IMPORT:import:1']);
  expect(act(there, actors.freshContact, undo).answer).toBe('NO_CHANGE');
});

it('undo is for the contact only, needs a link that has not expired, and names the save', () => {
  const { after, undo } = saved();
  for (const actor of [actors.staff, actors.oneClick, actors.apiV4, actors.importer])
    expect(act(after, actor, undo).answer).toBe('NOT_ALLOWED');
  expect(act(after, actors.expiredContact, undo).answer).toBe('LINK_EXPIRED');
  expect(act(after, actors.freshContact, { kind: 'UNDO_SAVE', save: 1 }).answer).toBe('NO_CHANGE');
});

it('undo of a pause records no consent and keeps who gave the subscription', () => {
  const before = subscribed();
  const paused = act(
    before,
    actors.freshContact,
    { kind: 'SNOOZE', typeId: trailNotes.id, days: 30 },
    { isSave: true },
  );
  const undone = act(paused.next, actors.freshContact, { kind: 'UNDO_SAVE', save: before.seq + 1 });
  const { snoozes, subscriptions, undoable } = undone.next;
  expect([undone.answer, snoozes, subscriptions, undoable]).toEqual([
    'CHANGED',
    {},
    before.subscriptions,
    null,
  ]);
  expect(undone.events.map(({ change: { op }, legalBasis }) => [op, legalBasis])).toEqual([
    ['SNOOZE', undefined],
  ]);
});

it('undo of an opt-out names no legal basis of its own, since the earlier consent applies', () => {
  const before = subscribed();
  const out = act(
    before,
    actors.freshContact,
    { kind: 'OPT_OUT', typeId: trailNotes.id },
    { isSave: true },
  ).next;
  const undone = act(out, actors.freshContact, { kind: 'UNDO_SAVE', save: before.seq + 1 });
  expect(statusOf(undone.next)).toBe('SUBSCRIBED');
  expect(undone.events.map(({ change: { op }, legalBasis }) => [op, legalBasis])).toEqual([
    ['STATUS', undefined],
  ]);
});

it.each<Wish>([{ kind: 'OPT_OUT', typeId: trailNotes.id }, stop, { kind: 'OPT_OUT_OF_ALL', unitId: null }])(
  'undo by a link that staff copied ends no opt-out of the contact’s own: $kind',
  (wish) => {
    const before = subscribed();
    const byCopy = act(before, actors.copiedContact, wish, { isSave: true }).next;
    const undo: Wish = { kind: 'UNDO_SAVE', save: before.seq + 1 };
    // The same link again only repeats, as any repeated opt-out of the contact within minutes.
    expect(act(byCopy, actors.copiedContact, wish, { isSave: true }).answer).toBe('NO_CHANGE');
    expect(statusOf(act(byCopy, actors.copiedContact, undo).next)).toBe('SUBSCRIBED');
    for (const actor of [actors.freshContact, actors.expiredContact, actors.oneClick])
      for (const isMachine of [false, true]) {
        const isSave = actor.kind === 'CONTACT';
        const own = act(byCopy, actor, wish, { isSave, isMachine });
        expect(own.answer).toBe('CHANGED');
        expect(act(own.next, actors.copiedContact, undo).answer).toBe('NO_CHANGE');
        expect(statusOf(own.next)).toBe('UNSUBSCRIBED');
        for (const again of [actor, actors.copiedContact])
          expect(act(own.next, again, wish, { isSave, isMachine }).answer).toBe('NO_CHANGE');
      }
  },
);

it('a link that staff copied does not undo the contact’s own save of an opt-out', () => {
  const before = subscribed();
  const undo: Wish = { kind: 'UNDO_SAVE', save: before.seq + 1 };
  for (const wish of [{ kind: 'OPT_OUT', typeId: trailNotes.id }, stop] as const)
    for (const isMachine of [false, true]) {
      const own = act(before, actors.freshContact, wish, { isSave: true, isMachine }).next;
      expect(act(own, actors.copiedContact, undo).answer).toBe('NO_CHANGE');
      expect(act(own, actors.freshContact, undo).answer).toBe('CHANGED');
    }
});

it.each<[string, Wish, Wish, number]>([
  ['a unit', { kind: 'OPT_OUT_OF_ALL', unitId: null }, stop, weekendLetters.id],
  ['a type', stop, { kind: 'OPT_OUT', typeId: trailNotes.id }, offers.id],
])('undo is void once an opt-out of more moved down to the same target: %s', (_what, wide, wish, other) => {
  const plain = worldWith({ hasDoubleOptIn: false });
  const out = act(subscribed(), actors.oneClick, wide).next;
  const saved = act(out, actors.freshContact, wish, { isSave: true }).next;
  const lifted = act(saved, actors.freshContact, { kind: 'OPT_IN', typeId: other }, { world: plain }).next;
  expect([statusOf(lifted, offers), statusOf(lifted, weekendLetters)]).toContain('SUBSCRIBED');
  const undone = act(lifted, actors.freshContact, { kind: 'UNDO_SAVE', save: out.seq + 1 });
  expect(undone.answer).toBe('NO_CHANGE');
  expect(statusOf(undone.next)).toBe('UNSUBSCRIBED');
});
