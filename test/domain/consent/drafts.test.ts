/** Acts that change hundreds of types at once copy each record of the state once and change no other state. */
import { describe, expect, it } from 'vitest';
import { replay } from '../../../src/domain/consent/apply.js';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { Drafts } from '../../../src/domain/consent/drafts.js';
import { stateOnly } from '../../../src/domain/consent/history.js';
import { planOf } from '../../../src/domain/consent/plan.js';
import type { Wish } from '../../../src/vocabulary/terms.js';
import { newSubscriber } from '../../../src/models/subscriber.js';
import type { SubscriberHead } from '../../../src/models/subscriber.js';
import { actors, now } from '../../support/judge.js';
import { northwind, trailNotes } from '../../support/people.js';

describe('drafts of a state', () => {
  it('copy a record once, and then change the copy', () => {
    const drafts = new Drafts();
    const [one, other] = [{ n: 1 }, { n: 2 }];
    const given: Record<string, { n: number }> = { a: one };
    const first = drafts.with(given, 'b', other);
    expect([given, first]).toEqual([{ a: one }, { a: one, b: other }]);
    expect(drafts.with(first, 'a', null)).toBe(first);
    expect(first).toEqual({ b: other });
    expect(drafts.isEmpty(first)).toBe(false);
    expect(drafts.isEmpty(drafts.with(first, 'b', null))).toBe(true);
    expect(new Drafts().with(given, 'a', one)).toBe(given);
    expect(new Drafts().with(given, 'b', null)).toBe(given);
  });
});

describe('an opt-in that lifts the opt-out of all of 2,000 types, and its Undo', () => {
  const types = Array.from({ length: 2000 }, (_, at) => ({ ...trailNotes, id: at + 1, order: at }));
  const catalogue = catalogueOf([northwind], types, false);
  const lastSave = { nonce: 'n', isAsFound: false, describe: () => [] };
  const planned = (head: SubscriberHead, ...wishes: Wish[]) =>
    planOf({ subscriberId: 'x', channel: 'EMAIL', actor: actors.freshContact, wishes, lastSave }, head, {
      now,
      catalogue,
    });
  const frozen = (head: SubscriberHead): SubscriberHead => {
    const { optOuts, subscriptions, snoozes, undoable } = head;
    const records = [optOuts, optOuts.units, optOuts.types, subscriptions, snoozes, undoable?.before];
    for (const record of [head, ...records]) Object.freeze(record);
    return head;
  };

  it('leave the state before as it was, and replay to the same state', () => {
    const out = planned(newSubscriber('x', 'EMAIL', 'ann@example.com', now), {
      ...{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
    });
    const lifted = planned(frozen(out.next), { kind: 'OPT_IN', typeId: 1 });
    const undone = planned(frozen(lifted.next), { kind: 'UNDO_SAVE', save: out.next.seq + 1 });
    const events = [...out.events, ...lifted.events, ...undone.events];
    const replayed = replay(events);
    expect(events).toHaveLength(1 + 2 * 2001);
    expect(undone.next.optOuts).toEqual(out.next.optOuts);
    expect([undone.next.undoable, undone.next.subscriptions]).toEqual([null, {}]);
    expect(stateOnly(replayed, now)).toEqual(stateOnly(undone.next, now));
  });
});
