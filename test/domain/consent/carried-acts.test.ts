/** What is carried over when two subscribers turn out to be one address: no opt-out of either is lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange, emptyState, replay, standingOf } from '../../../src/domain/consent/apply.js';
import { carryActs } from '../../../src/domain/consent/carried-acts.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { faultOfEvent, makeEvents } from '../../../src/domain/consent/events.js';
import { stateOnly } from '../../../src/domain/consent/history.js';
import { hasParty } from '../../../src/domain/consent/opt-out-sets.js';
import { decide } from '../../../src/domain/consent/decide.js';
import type { Actor, ConsentEvent, ConsentState, OptOutSet, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given, now, worldWith, yesterday } from '../../support/judge.js';
import { fjell, productNews, northwind, trailNotes, weekendLetters } from '../../support/people.js';
import { runs } from '../../support/soak.js';

const catalogue = worldWith({ hasDoubleOptIn: false });
const { types } = catalogue;
const about = { types, now, isErased: false };

interface Known {
  events: ConsentEvent[];
  state: ConsentState;
  chain: { seq: number; chainHead: string };
}

/** A subscriber that made these choices one after another, ten minutes apart. */
function after(acts: readonly (readonly [Actor, Wish])[], from = yesterday): Known {
  const events: ConsentEvent[] = [];
  let state = emptyState();
  let chain = { seq: 0, chainHead: '' };
  for (const [number, [actor, wish]] of acts.entries()) {
    const at = new Date(from.getTime() + number * 600_000);
    const verdict = decide(state, wish, actor, {
      ...{ catalogue, channel: 'EMAIL', now: at, circumstances: given, hasAddress: true },
      ...{ newPendingId: () => 'pending', pendingLifetimeMs: 1, before: state },
    });
    if (verdict.kind !== 'CHANGE') continue;
    for (const event of makeEvents(chain, verdict.changes, {
      at,
      channel: 'EMAIL',
      actor,
      circumstances: given,
    })) {
      state = applyChange(state, event.change, standingOf(event));
      chain = { seq: event.seq, chainHead: event.hash };
      events.push(event);
    }
  }
  return { events, state, chain };
}

const otherId = 'another spelling';
const merged = (into: Omit<Known, 'events'>, from: Known) =>
  carryActs(into, { id: otherId, channel: 'EMAIL', state: from.state }, about);

const out = (typeId = trailNotes.id): Wish => ({ kind: 'OPT_OUT', typeId });
const yes = (typeId = trailNotes.id): Wish => ({ kind: 'OPT_IN', typeId });
const outOfAll = (unitId: number | null): Wish => ({ kind: 'OPT_OUT_OF_ALL', unitId });

describe('merging two subscribers of one address', () => {
  it('keeps an opt-out with its party, time and reasons although the other is subscribed', () => {
    const earlier = new Date(yesterday.getTime() - 3_600_000);
    const { events, state } = merged(
      after([[actors.freshContact, yes()]]),
      after([[actors.freshContact, out()]], earlier),
    );
    expect(effectiveStatus(state, trailNotes)).toMatchObject({ status: 'UNSUBSCRIBED' });
    expect(state.optOuts.types[trailNotes.id]).toMatchObject([
      { party: 'CONTACT', by: 'CONTACT', at: earlier, seq: 2 },
    ]);
    expect(events).toMatchObject([{ carriedFrom: otherId, actor: { kind: 'CONTACT' } }]);
  });

  it('keeps an opt-in only where the other has not opted out', () => {
    const from = after([
      [actors.freshContact, yes()],
      [actors.freshContact, yes(weekendLetters.id)],
    ]);
    const { state } = merged(after([[actors.staff, outOfAll(northwind.id)]]), from);
    expect(effectiveStatus(state, trailNotes).status).toBe('UNSUBSCRIBED');
    expect(effectiveStatus(state, weekendLetters).status).toBe('SUBSCRIBED');
  });

  it('keeps the mark that mail bounced and the revocation of links', () => {
    const from = after([
      [actors.system, { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }],
      [actors.staff, { kind: 'REVOKE_LINKS' }],
    ]);
    const { state } = merged(after([]), from);
    expect(state).toMatchObject({ undeliverable: { reason: 'HARD_BOUNCE' }, epoch: 1 });
  });
});

describe('merging any two random histories', () => {
  const ids = [trailNotes.id, weekendLetters.id, productNews.id];
  const unitIds = [northwind.id, fjell.id];
  const who = fc.constantFrom<Actor>(
    ...[actors.freshContact, actors.oneClick, actors.staff, actors.bulkStaff, actors.importer, actors.apiV4],
    { kind: 'IMPORT', ref: 'import:2' },
  );
  const what = fc.oneof(
    fc.constantFrom(...ids).map(out),
    fc.constantFrom(...ids).map(yes),
    fc.constantFrom(...unitIds, null).map(outOfAll),
    fc.constantFrom(...unitIds, null).map((unitId): Wish => ({ kind: 'LIFT_OPT_OUT_OF_ALL', unitId })),
  );
  const acts = fc.array(fc.tuple(who, what), { maxLength: 12 });

  const sets = ({ optOuts: { portal, units, types: own } }: ConsentState): [string, OptOutSet][] => [
    ...(portal ? [['portal', portal] as [string, OptOutSet]] : []),
    ...Object.entries(units).map(([id, set]): [string, OptOutSet] => [`unit ${id}`, set]),
    ...Object.entries(own).map(([id, set]): [string, OptOutSet] => [`type ${id}`, set]),
  ];

  it('keeps every opt-out and a valid chain, replays to the same state, and changes nothing when repeated', () => {
    fc.assert(
      fc.property(acts, acts, (one, other) => {
        const [into, from] = [after(one), after(other, new Date(yesterday.getTime() + 30_000))];
        const { events, state } = merged(into, from);
        const result = new Map(sets(state));
        for (const [target, set] of [...sets(into.state), ...sets(from.state)]) {
          const all = result.get(target);
          expect(all, target).toBeDefined();
          if (hasParty(set, 'CONTACT')) expect(hasParty(all, 'CONTACT'), target).toBe(true);
          if (!hasParty(all, 'CONTACT')) for (const { party } of set) expect(hasParty(all, party)).toBe(true);
        }
        for (const type of types.values())
          if ([into, from].some((known) => effectiveStatus(known.state, type).status === 'UNSUBSCRIBED'))
            expect(effectiveStatus(state, type).status, type.name).toBe('UNSUBSCRIBED');
        let chain = { seq: 0, chainHead: '' };
        for (const event of [...into.events, ...events]) {
          expect(faultOfEvent(chain, event)).toBeNull();
          chain = { seq: event.seq, chainHead: event.hash };
        }
        expect(stateOnly(replay([...into.events, ...events]), now)).toEqual(stateOnly(state, now));
        expect(merged({ state, chain }, from).events).toEqual([]);
      }),
      runs(500),
    );
  });
});
