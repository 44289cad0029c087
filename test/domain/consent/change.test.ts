/** `changeConsent` against a real database: its answers, what it stores, and many writers at once. */
import { leadingOf } from '../../../src/domain/consent/opt-out-sets.js';
import { describe, expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import type { ConsentDeps, Outcome } from '../../../src/domain/consent/change.js';
import type { Actor, Wish } from '../../../src/vocabulary/terms.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors, given, statusOf } from '../../support/judge.js';
import {
  fjell,
  northwind,
  offers,
  productNews,
  trailNotes,
  types,
  weekendLetters,
} from '../../support/people.js';
import { optIn, optOut, stop } from '../../support/wishes.js';

const room = await openConsentRoom();

const contact = actors.freshContact;
const answers = (outcomes: Outcome[]) =>
  outcomes.map((one) => (one.result === 'REFUSED' ? one.code : one.result));

describe('one act of changeConsent', () => {
  it('decides on each wish separately: a refusal does not stop the others', async () => {
    const id = await room.somebody();
    const wishes = [
      optIn(trailNotes),
      optIn({ id: 999 }),
      optOut(offers),
      optIn(weekendLetters),
      optIn(trailNotes),
    ];
    const { outcomes, events } = await room.act(id, contact, wishes);
    expect(answers(outcomes)).toEqual(['CHANGED', 'UNKNOWN_TYPE', 'CHANGED', 'PENDING', 'NO_CHANGE']);
    expect(outcomes.map(({ wish }) => wish)).toEqual(wishes);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('keeps statuses and events in one write of one version', async () => {
    const id = await room.somebody();
    await room.act(id, contact, [optIn(trailNotes), optOut(offers)]);
    const { subscriber, events } = await room.history(id);
    expect(subscriber).toMatchObject({ version: 1, seq: 2, eventCount: 2, chainHead: events[1]?.hash });
    expect(await room.faults(id)).toEqual([]);
  });

  it('writes no event and raises no version when nothing changes', async () => {
    const id = await room.somebody();
    await room.act(id, contact, optOut(offers));
    const before = (await room.history(id)).subscriber;
    const again = await room.act(id, contact, optOut(offers));
    expect(answers(again.outcomes)).toEqual(['NO_CHANGE']);
    expect((await room.history(id)).subscriber).toEqual(before);
  });

  it('records who, when, why, which words were shown, and how', async () => {
    const id = await room.somebody();
    room.setTime(new Date('2026-03-02T12:34:56Z'));
    const why = {
      ...given,
      locale: 'nb',
      wording: 'hash',
      userAgent: 'Firefox',
      campaign: 'spring',
      isMachine: true,
    };
    await room.act(id, { ...contact, ref: 'link:1' }, optIn(offers), why);
    expect((await room.history(id)).events[0]).toMatchObject({
      seq: 1,
      at: new Date('2026-03-02T12:34:56Z'),
      channel: 'EMAIL',
      actor: { kind: 'CONTACT', ref: 'link:1' },
      change: { op: 'STATUS', unitId: 0, typeId: offers.id, from: 'NOT_SPECIFIED', to: 'SUBSCRIBED' },
      legalBasis: given.legalBasis,
      locale: 'nb',
      wording: 'hash',
      campaign: 'spring',
      isMachine: true,
      detail: { explanation: given.explanation, userAgent: 'Firefox' },
    });
  });

  it('reports as changed a type that resumes because of another wish in the same save, with its date', async () => {
    const id = await room.somebody();
    await room.act(id, contact, [optIn(trailNotes), optIn(offers)]);
    await room.act(id, contact, stop(northwind.id));
    const { outcomes } = await room.act(id, contact, [optIn(productNews), optIn(offers), optIn(offers)]);
    expect(answers(outcomes)).toEqual(['CHANGED', 'CHANGED', 'NO_CHANGE']);
    const { subscriber, events } = await room.history(id);
    expect(statusOf(subscriber, offers)).toBe('SUBSCRIBED');
    expect(statusOf(subscriber, trailNotes)).toBe('UNSUBSCRIBED');
    expect(subscriber.subscriptions[offers.id]?.seq).toBe(events.at(-1)?.seq);
    expect(await room.faults(id)).toEqual([]);
  });
});

describe('a subscriber that the database does not know', () => {
  it('is created by the first change, with its event', async () => {
    const id = room.idOf('stranger@example.com');
    const { outcomes } = await room.act(id, actors.oneClick, stop(northwind.id));
    expect(answers(outcomes)).toEqual(['CHANGED']);
    expect((await room.history(id)).subscriber).toMatchObject({ version: 1, seq: 1, address: null });
    expect(await room.faults(id)).toEqual([]);
  });

  it('is not created by a wish that changes nothing or is refused', async () => {
    const id = room.idOf('nobody@example.com');
    const wishes: Wish[] = [{ kind: 'SET_NOT_SPECIFIED', typeId: offers.id }, optIn(offers)];
    expect(answers((await room.act(id, actors.oneClick, wishes)).outcomes)).toEqual([
      'NO_CHANGE',
      'NOT_ALLOWED',
    ]);
    expect(await room.models.subscribers.countDocuments({ _id: id })).toBe(0);
  });

  it('is created once by many writers, and its history has all of them', async () => {
    const id = room.idOf('crowd@example.com');
    const emailTypes = types.filter(({ channel }) => channel === 'EMAIL');
    await Promise.all(emailTypes.map((type) => room.act(id, actors.oneClick, optOut(type))));
    const { subscriber, events } = await room.history(id);
    expect(subscriber.version).toBe(emailTypes.length);
    expect(new Set(events.map(({ change }) => change.typeId))).toEqual(
      new Set(emailTypes.map((type) => type.id)),
    );
    expect(await room.faults(id)).toEqual([]);
  });
});

describe('double opt-in', () => {
  it('asks for one confirmation, which then subscribes', async () => {
    const id = await room.somebody();
    const asked = await room.act(id, contact, optIn(weekendLetters), { locale: 'nb' });
    expect(answers(asked.outcomes)).toEqual(['PENDING']);
    const mine = room.confirmations.filter(({ subscriberId }) => subscriberId === id);
    expect(mine).toEqual([
      { subscriberId: id, unitId: fjell.id, pendingId: asked.subscriber.pending[0]?.id, locale: 'nb' },
    ]);
    expect(answers((await room.act(id, contact, optIn(weekendLetters))).outcomes)).toEqual(['PENDING']);
    const confirm: Wish = { kind: 'CONFIRM', pendingId: mine[0]?.pendingId ?? '' };
    const { subscriber } = await room.act(id, contact, confirm);
    expect(statusOf(subscriber, weekendLetters)).toBe('SUBSCRIBED');
    expect(answers((await room.act(id, contact, confirm)).outcomes)).toEqual(['NO_CHANGE']);
    expect(await room.faults(id)).toEqual([]);
  });

  it('asks for one confirmation, however many other writes come between', async () => {
    const id = await room.somebody();
    const asked: string[] = [];
    const others = [optOut(offers), optOut(productNews), optOut(trailNotes)];
    const deps: ConsentDeps = {
      ...room.deps,
      queueConfirmation: async ({ pendingId }) => {
        asked.push(pendingId);
        const other = others.pop();
        if (other) await room.act(id, actors.apiV4, other);
      },
    };
    const { subscriber } = await changeConsent(deps, {
      subscriberId: id,
      channel: 'EMAIL',
      actor: contact,
      wishes: [optIn(weekendLetters)],
    });
    expect(asked).toHaveLength(4);
    expect(new Set(asked)).toEqual(new Set(subscriber.pending.map((wish) => wish.id)));
  });
});

describe('the undoable last save', () => {
  it('is stored in the same write, has each outcome, and stays when a later save changes nothing', async () => {
    const id = await room.somebody();
    const save = (nonce: string, wishes: Wish[]) =>
      room.change({
        subscriberId: id,
        actor: contact,
        wishes,
        lastSave: {
          nonce,
          isAsFound: false,
          describe: (outcomes) =>
            outcomes.flatMap(({ wish, result }) =>
              wish.kind === 'OPT_IN' && result === 'CHANGED'
                ? [{ what: 'TYPE', typeId: wish.typeId, outcome: 'ON', wasOn: false }]
                : [],
            ),
        },
      });
    const { subscriber } = await save('first', [optIn(trailNotes), optIn(offers)]);
    expect(subscriber.lastSave).toMatchObject({ nonce: 'first', seq: 2, isAsFound: false });
    expect(subscriber.lastSave?.changes).toHaveLength(2);
    await save('second', [optIn(trailNotes)]);
    expect((await room.history(id)).subscriber.lastSave?.nonce).toBe('first');
    const later = await room.act(id, actors.oneClick, optOut(offers));
    expect(later.subscriber.lastSave?.seq).toBeLessThan(later.subscriber.seq);
  });
});

describe('many writers at once', () => {
  it('keep every acknowledged act in the history, with contiguous versions', async () => {
    const id = await room.somebody();
    const writers = Array.from({ length: 20 }, (_, index): Actor => ({
      kind: 'API',
      version: 4,
      ref: `key:${index}`,
      scope: null,
    }));
    const results = await Promise.all(
      writers.map(async (actor, index) => {
        const wishes: Wish[] = index % 2 === 0 ? [optIn(trailNotes)] : [optOut(offers), optOut(productNews)];
        return room.act(id, actor, wishes, given);
      }),
    );
    const { subscriber, events } = await room.history(id);
    const acknowledged = results.flatMap((result) => result.events.map(({ hash }) => hash));
    expect(events.map(({ hash }) => hash).sort()).toEqual(acknowledged.sort());
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const versions = results
      .filter(({ events: made }) => made.length > 0)
      .map((result) => result.subscriber.version);
    expect(versions.sort((a, b) => a - b)).toEqual(versions.map((_, index) => index + 1));
    expect(subscriber.version).toBe(versions.length);
    expect(await room.faults(id)).toEqual([]);
  });

  it('that alternate leave at most twenty events, none lost and none torn', async () => {
    const id = await room.somebody();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        room.act(id, contact, index % 2 ? optIn(offers) : optOut(offers)),
      ),
    );
    const { subscriber, events } = await room.history(id);
    expect(events).toHaveLength(results.flatMap((result) => result.events).length);
    const last = leadingOf(subscriber.optOuts.types[offers.id]) ?? subscriber.subscriptions[offers.id];
    expect(last?.seq).toBe(subscriber.seq);
    expect(await room.faults(id)).toEqual([]);
  });
});

describe('a link epoch', () => {
  it('rises by one with each revocation and keeps every status', async () => {
    const id = await room.somebody();
    await room.act(id, contact, optIn(trailNotes));
    await Promise.all([1, 2, 3].map(() => room.act(id, actors.staff, { kind: 'REVOKE_LINKS' })));
    const { subscriber } = await room.history(id);
    expect(subscriber.epoch).toBe(3);
    expect(statusOf(subscriber)).toBe('SUBSCRIBED');
    expect(await room.faults(id)).toEqual([]);
  });
});
