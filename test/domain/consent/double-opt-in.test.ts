/** Pending wishes and pauses: neither is a status, and both expire. */
import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import type { Actor, ConsentState, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given, judge, now, optedOut, statusOf, story, worldWith } from '../../support/judge.js';
import { planOf } from '../../../src/domain/consent/plan.js';
import { newSubscriber } from '../../../src/models/subscriber.js';
import type { SubscriberHead } from '../../../src/models/subscriber.js';
import * as world from '../../support/people.js';
import { optIn, optOut, stop } from '../../support/wishes.js';

const { fjell, offers, productNews, trailNotes, weekendLetters } = world;
const contact = actors.freshContact;
const hours = (count: number) => new Date(now.getTime() + count * 3_600_000);

describe('double opt-in', () => {
  const confirm: Wish = { kind: 'CONFIRM', pendingId: 'pending-1' };
  const waiting = story({ actor: contact, wish: optIn(weekendLetters) });

  it('keeps the wish as pending, which changes no status', () => {
    expect(waiting.pending).toHaveLength(1);
    expect(statusOf(waiting, weekendLetters)).toBe('NOT_SPECIFIED');
    expect(judge({ state: waiting, actor: contact, wish: optIn(weekendLetters) }).answer).toBe('NO_CHANGE');
  });

  it('subscribes once when it is confirmed', () => {
    const first = judge({ state: waiting, actor: contact, wish: confirm });
    expect(statusOf(first.state, weekendLetters)).toBe('SUBSCRIBED');
    expect(judge({ state: first.state, actor: contact, wish: confirm }).answer).toBe('NO_CHANGE');
  });

  it.each(['SMS', 'WHATSAPP'] as const)(
    'refuses the contact’s opt-in to a type by %s, which a mailed link cannot confirm; other actors still opt in',
    (channel) => {
      const type = { ...world.guestSurvey, channel };
      const catalogue = catalogueOf([...world.units], [type], false);
      const ask = (actor: Actor, state?: ConsentState) =>
        judge({
          actor,
          wish: optIn(type),
          why: given,
          catalogue,
          context: { channel },
          ...(state ? { state } : {}),
        });
      expect(ask(contact).answer).toBe('NO_ADDRESS');
      expect(ask(contact, optedOut('CONTACT', 'OWN', type)).answer).toBe('NO_ADDRESS');
      for (const actor of [actors.staff, actors.apiV4, actors.workflow])
        expect(ask(actor).answer).toBe('CHANGED');
      const subscribed = ask(actors.staff).state;
      const stopped = judge({
        actor: contact,
        wish: optOut(type),
        state: subscribed,
        catalogue,
        context: { channel },
      });
      expect(stopped.answer).toBe('CHANGED');
      const single = { ...world.fjell, hasDoubleOptIn: false };
      expect(ask(contact).answer).not.toBe(
        judge({
          actor: contact,
          wish: optIn(type),
          catalogue: catalogueOf([single], [type], false),
          context: { channel },
        }).answer,
      );
    },
  );

  it('expires after 48 hours', () => {
    expect(judge({ state: waiting, actor: contact, wish: confirm, at: hours(47.9) }).answer).toBe('CHANGED');
    expect(judge({ state: waiting, actor: contact, wish: confirm, at: hours(48) }).answer).toBe(
      'LINK_EXPIRED',
    );
  });

  it.each([optOut(weekendLetters), stop(fjell.id), stop(null)])(
    'is void after a later opt-out: %o',
    (wish) => {
      for (const actor of [contact, actors.oneClick, actors.importer, actors.apiV3]) {
        const stopped = judge({ state: waiting, actor, wish }).state;
        const { answer, state } = judge({ state: stopped, actor: contact, wish: confirm });
        expect(answer).toBe('LINK_EXPIRED');
        expect(statusOf(state, weekendLetters)).toBe('UNSUBSCRIBED');
      }
    },
  );

  it('is not changed by a confirmation repeated after a later opt-out', () => {
    const confirmed = judge({ state: waiting, actor: contact, wish: confirm }).state;
    for (const wish of [optOut(weekendLetters), stop(fjell.id), stop(null)]) {
      const stopped = judge({ state: confirmed, actor: actors.oneClick, wish }).state;
      expect(statusOf(judge({ state: stopped, actor: contact, wish: confirm }).state, weekendLetters)).toBe(
        'UNSUBSCRIBED',
      );
    }
  });

  it('is confirmed by the contact only', () => {
    for (const actor of [
      actors.copiedContact,
      actors.oneClick,
      actors.staff,
      actors.apiV4,
      actors.workflow,
      actors.system,
    ])
      expect(judge({ state: waiting, actor, wish: confirm }).answer).toBe('NOT_ALLOWED');
  });

  it('confirmed under an opt-out of all, subscribes only what was wished after the opt-out', () => {
    const state = story(
      { actor: contact, wish: stop(null) },
      { actor: contact, wish: optIn(weekendLetters) },
    );
    expect(statusOf(state, weekendLetters)).toBe('UNSUBSCRIBED');
    const after = judge({ state, actor: contact, wish: confirm }).state;
    expect(statusOf(after, weekendLetters)).toBe('SUBSCRIBED');
    expect(statusOf(after, trailNotes)).toBe('UNSUBSCRIBED');
  });
});

describe('a snooze', () => {
  const pause = (days: 0 | 30 | 60 | 90): Wish => ({ kind: 'SNOOZE', typeId: trailNotes.id, days });

  it.each([30, 60, 90] as const)('of %i days ends by itself and is not an opt-out', (days) => {
    const { state } = judge({ actor: contact, wish: pause(days) });
    expect(state.snoozes[trailNotes.id]?.until).toEqual(hours(days * 24));
    expect(statusOf(state)).toBe('NOT_SPECIFIED');
  });

  it('is resumed with 0 days, and the same choice again changes nothing', () => {
    const { state } = judge({ actor: contact, wish: pause(30) });
    expect(judge({ state, actor: contact, wish: pause(30), at: hours(1) }).answer).toBe('NO_CHANGE');
    const resumed = judge({ state, actor: contact, wish: pause(0) });
    expect(resumed.state.snoozes).toEqual({});
    expect(judge({ state: resumed.state, actor: contact, wish: pause(0) }).answer).toBe('NO_CHANGE');
    expect(judge({ state, actor: contact, wish: pause(0), at: hours(31 * 24) }).answer).toBe('NO_CHANGE');
  });

  it('is chosen only by the contact, with a link that has not expired', () => {
    expect(judge({ actor: actors.expiredContact, wish: pause(30) }).answer).toBe('LINK_EXPIRED');
    for (const actor of [actors.oneClick, actors.staff, actors.apiV4])
      expect(judge({ actor, wish: pause(30) }).answer).toBe('NOT_ALLOWED');
    const internal: Wish = { kind: 'SNOOZE', typeId: world.orderNotices.id, days: 30 };
    expect(judge({ actor: contact, wish: internal }).answer).toBe('UNKNOWN_TYPE');
  });
});

describe('two pending wishes of one unit under an opt-out of all', () => {
  it('can both be confirmed, in either order', () => {
    const catalogue = worldWith({ hasDoubleOptIn: true });
    const wished = [trailNotes, offers].reduce(
      (state, type) =>
        judge({
          state,
          actor: contact,
          wish: optIn(type),
          catalogue,
          context: { newPendingId: () => `pending-${type.id}` },
        }).state,
      optedOut('CONTACT', 'PORTAL'),
    );
    for (const order of [
      [trailNotes, offers],
      [offers, trailNotes],
    ]) {
      const state = order.reduce(
        (s, type) =>
          judge({
            state: s,
            actor: contact,
            catalogue,
            wish: { kind: 'CONFIRM', pendingId: `pending-${type.id}` },
          }).state,
        wished,
      );
      expect(statusOf(state, trailNotes)).toBe('SUBSCRIBED');
      expect(statusOf(state, offers)).toBe('SUBSCRIBED');
      expect(statusOf(state, productNews)).toBe('UNSUBSCRIBED');
    }
  });
});

it('an act that opts out of a type and in to it again keeps the opt-outs of others on it until it is confirmed', () => {
  const actor = actors.copiedContact;
  const catalogue = worldWith({ hasDoubleOptIn: false });
  const head = newSubscriber('x', 'EMAIL', 'ann@example.com', now);
  const plan = (before: SubscriberHead, by: Actor, ...wishes: Wish[]) =>
    planOf({ subscriberId: 'x', channel: 'EMAIL', actor: by, wishes, circumstances: given }, before, {
      now,
      catalogue,
    });
  const imported = plan(head, actors.importer, stop(trailNotes.unitId)).next;
  const { next } = plan(imported, actor, optOut(trailNotes), optIn(trailNotes), optIn(offers));
  expect(next.optOuts.types[trailNotes.id]?.map(({ party }) => party).sort()).toEqual([
    'CONTACT',
    'IMPORT:import:1',
  ]);
});
