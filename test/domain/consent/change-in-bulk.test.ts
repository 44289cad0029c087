/** A bulk change gives the same result as single changes, also with concurrent writers. */
import { leadingOf } from '../../../src/domain/consent/opt-out-sets.js';
import { ownStatus } from '../../../src/domain/consent/effective.js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { changeConsentInBulk } from '../../../src/domain/consent/change-in-bulk.js';
import { eventCap } from '../../../src/domain/consent/archive.js';
import type { ConsentInput, ConsentResult } from '../../../src/domain/consent/contract.js';
import type { Change, ConsentEvent, Wish } from '../../../src/vocabulary/terms.js';
import { rawCollectionOf } from '../../../src/models/raw-collection.js';
import { findSubscriber, findWholeSubscribers } from '../../../src/models/find-subscribers.js';
import { actor, why, wish } from '../../support/consent-acts.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors, given, worldWith } from '../../support/judge.js';
import { northwind, offers, trailNotes } from '../../support/people.js';
import { faultsOfHistory } from '../../../src/domain/consent/history.js';
import { bucketOf } from '../../../src/models/change.js';
import type { Subscriber } from '../../../src/models/subscriber.js';
import { runs } from '../../support/soak.js';

const room = await openConsentRoom();

type Act = Pick<ConsentInput, 'actor' | 'wishes' | 'circumstances'>;
const act: fc.Arbitrary<Act> = fc.record({
  actor,
  wishes: fc.oneof(
    { weight: 20, arbitrary: fc.array(wish, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant<Wish[]>([{ kind: 'ERASE' }]) },
  ),
  circumstances: why,
});
const optOut = (subscriberId: string): ConsentInput => ({
  subscriberId,
  channel: 'EMAIL',
  actor: actors.bulkStaff,
  wishes: [{ kind: 'OPT_OUT', typeId: trailNotes.id }],
  circumstances: given,
});
const inBulk = (inputs: ConsentInput[]) => changeConsentInBulk(room.deps, inputs);

/** A change without the random id of its pending wish. */
const unnamed = (change: Change) => ('pendingId' in change ? { ...change, pendingId: '' } : change);

/** An event without its random parts (the salt, and so every hash). */
function essence({ seq, at, actor: who, change, legalBasis, detail }: ConsentEvent) {
  return { seq, at, who, change: unnamed(change), legalBasis, words: detail?.explanation };
}
const told = ({ outcomes, events }: ConsentResult) => ({ outcomes, events: events.map(essence) });

async function recordOf(id: string) {
  const { subscriber, events } = await room.history(id);
  const { subscriptions, optOuts, snoozes, undeliverable, epoch, version, eventCount } = subscriber;
  expect(await room.faults(id)).toEqual([]);
  const state = { subscriptions, optOuts, snoozes, undeliverable, epoch, version, eventCount };
  return { ...state, events: events.map(essence) };
}

describe('changing consent in bulk', () => {
  it('gives each act the results, states, events and order that it has alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(4), act), { minLength: 1, maxLength: 25 }),
        async (isPrivacyMode, batch) => {
          room.setCatalogue(worldWith({ isPrivacyMode }));
          // The database does not know the last subscriber.
          const people = async () => [
            ...(await Promise.all([1, 2, 3, 4].map(() => room.somebody()))),
            room.idOf(`${Math.random()}@example.com`),
          ];
          const [alone, together] = [await people(), await people()];
          const inputsFor = (ids: string[]) =>
            batch.map(([who, one]) => ({ ...one, subscriberId: ids[who] ?? '', channel: 'EMAIL' as const }));
          const one: ConsentResult[] = [];
          for (const input of inputsFor(alone)) one.push(await room.change(input));
          const all = await inBulk(inputsFor(together));
          expect(all.map(told)).toEqual(one.map(told));
          for (const [index, id] of alone.entries()) {
            if (!(await findSubscriber(room.models.subscribers, id))) continue;
            expect(await recordOf(together[index] ?? '')).toEqual(await recordOf(id));
          }
        },
      ),
      runs(40, { limitMs: 20_000 }),
    );
  });

  it('reads a subscriber once for all acts that change nothing, and again after one that does', async () => {
    const subscriberId = await room.somebody();
    const again = optOut(subscriberId);
    await inBulk([again]);
    const other = { ...again, wishes: [{ kind: 'OPT_OUT' as const, typeId: offers.id }] };
    const find = vi.spyOn(room.models.subscribers, 'find');
    const results = await inBulk([again, again, other, again, other]);
    expect(find).toHaveBeenCalledTimes(2);
    find.mockRestore();
    expect(results.map(({ events }) => events.length)).toEqual([0, 0, 1, 0, 0]);
  });

  it('does nothing for an empty batch', async () => {
    expect(await inBulk([])).toEqual([]);
  });

  it('loses nothing and doubles no event when others write at the same time', async () => {
    room.setCatalogue(worldWith());
    const ids = await Promise.all(Array.from({ length: 60 }, () => room.somebody()));
    const others = ids.flatMap((id, index) => [
      room.act(id, actors.freshContact, { kind: 'OPT_IN', typeId: offers.id }),
      ...(index % 2 ? [room.act(id, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id })] : []),
    ]);
    const [first, second] = await Promise.all([
      inBulk(ids.map(optOut)),
      inBulk([...ids].reverse().map(optOut)),
      ...others,
    ]);
    for (const [index, id] of ids.entries()) {
      expect(await room.faults(id)).toEqual([]);
      const { subscriber, events } = await room.history(id);
      expect(ownStatus(subscriber, offers.id)).toBe('SUBSCRIBED');
      expect(leadingOf(subscriber.optOuts.types[trailNotes.id])?.by).toBe(index % 2 ? 'ONE_CLICK' : 'STAFF');
      const byStaff = events.filter(({ actor: who }) => who.kind === 'STAFF').length;
      const changed = [first[index], second[ids.length - 1 - index]].filter(
        (result) => result?.outcomes[0]?.result === 'CHANGED',
      ).length;
      expect(changed, 'who was told that it changed something, and what is recorded').toBe(byStaff);
      expect(byStaff).toBeLessThanOrEqual(1);
    }
  });

  it('makes one subscriber when two batches bring the same new address', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => room.idOf(`new-${index}@example.com`));
    const [first, second] = await Promise.all([inBulk(ids.map(optOut)), inBulk(ids.map(optOut))]);
    for (const [index, id] of ids.entries()) {
      const results = [first[index]?.outcomes[0]?.result, second[index]?.outcomes[0]?.result].sort();
      expect(results).toEqual(['CHANGED', 'NO_CHANGE']);
      expect((await room.history(id)).events).toHaveLength(1);
      expect(await room.faults(id)).toEqual([]);
    }
  });

  it('reads a subscriber that the caller took for unknown, or read too early', async () => {
    const [known, early] = [await room.somebody(), await room.somebody()];
    const found = await findSubscriber(room.models.subscribers, early);
    for (const id of [known, early])
      await room.act(id, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
    const address = 'unknown@early.example';
    const inputs = [
      { ...optOut(known), found: null },
      { ...optOut(early), found },
      { ...optOut(room.idOf(address)), address, found: null },
    ];
    const results = await inBulk(inputs);
    expect(results.map(({ outcomes }) => outcomes[0]?.result)).toEqual(['NO_CHANGE', 'NO_CHANGE', 'CHANGED']);
    for (const { subscriberId } of inputs) {
      expect((await room.history(subscriberId)).events).toHaveLength(1);
      expect(await room.faults(subscriberId)).toEqual([]);
    }
  });

  it('recognises its own write after later events have been added', async () => {
    const id = await room.somebody();
    const other = await room.somebody();
    const collection = rawCollectionOf(room.models.subscribers);
    const make = collection.initializeUnorderedBulkOp;
    collection.initializeUnorderedBulkOp = (...given_) => {
      collection.initializeUnorderedBulkOp = make;
      const message = make.apply(collection, given_);
      const { execute } = message;
      message.execute = async () => {
        // Between the write and the answer, the first subscriber is changed again; the second was changed before.
        await room.act(other, actors.freshContact, { kind: 'OPT_IN', typeId: offers.id });
        const answer = await execute.apply(message);
        for (let turn = 0; turn < eventCap + 5; turn++)
          await room.act(id, actors.freshContact, {
            kind: turn % 2 ? 'OPT_OUT' : 'OPT_IN',
            typeId: offers.id,
          });
        return answer;
      };
      return message;
    };
    const results = await inBulk([id, other].map(optOut));
    expect(results.map(({ outcomes }) => outcomes[0]?.result)).toEqual(['CHANGED', 'CHANGED']);
    for (const one of [id, other]) {
      const { events } = await room.history(one);
      expect(events.filter(({ actor: who }) => who.kind === 'STAFF')).toHaveLength(1);
      expect(await room.faults(one)).toEqual([]);
    }
  });

  it('writes nothing once the caller has lost its right to write', async () => {
    const id = await room.somebody();
    const stopped = changeConsentInBulk(room.deps, [optOut(id)], {
      beforeWrite: () => {
        throw new Error('lost');
      },
    });
    await expect(stopped).rejects.toThrow('lost');
    expect((await room.history(id)).events).toEqual([]);
  });
});

it('unknown addresses with the same wishes have what each would have alone, and their own hashes', async () => {
  const actor = actors.importer;
  const wishes = [{ kind: 'OPT_OUT_OF_ALL' as const, unitId: northwind.id }];
  const inputOf = (name: string, of = wishes) => {
    const address = `${name}@alike.example`;
    return { subscriberId: room.idOf(address), channel: 'EMAIL' as const, address, actor, wishes: of };
  };
  const names = ['one', 'two', 'three'];
  await changeConsentInBulk(
    room.deps,
    names.map((name) => inputOf(name)),
  );
  await changeConsentInBulk(room.deps, [inputOf('alone', [...wishes])]);
  const whole = await findWholeSubscribers(
    room.models.subscribers,
    ['alone', ...names].map((name) => room.idOf(`${name}@alike.example`)),
  );
  const [alone, ...others] = [...whole.values()].sort(
    (a, b) => Number(b.address?.startsWith('alone')) - Number(a.address?.startsWith('alone')),
  );
  expect(others).toHaveLength(3);
  for (const other of others) {
    expect(faultsOfHistory({ subscriber: other, events: other.events })).toEqual([]);
    expect(other.unpublished?.bucket).toBe(bucketOf(other._id));
    expect(other._id).toBe(room.idOf(other.address ?? ''));
    expect({ ...other, ...own(alone) }).toEqual(alone);
  }
  expect(new Set(others.map(({ chainHead }) => chainHead)).size).toBe(3);
});

/** The parts that differ from one address to the next. */
function own(one: Subscriber | undefined) {
  if (!one) throw new Error('A subscriber is missing.');
  const { _id, address, chainHead, events, unpublished } = one;
  return { _id, address, chainHead, events, unpublished };
}
