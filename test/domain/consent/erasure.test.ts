/** Erasure against a real database: all words are gone, the suppression stays, and the chain is valid. */
import { describe, expect, it } from 'vitest';
import { archiveOldest, eventCap } from '../../../src/domain/consent/archive.js';
import { changeConsent } from '../../../src/domain/consent/change.js';
import type { ConsentDeps } from '../../../src/domain/consent/change.js';
import { findOrMakeSubscribers } from '../../../src/domain/links/known-subscribers.js';
import { destinationOf } from '../../../src/domain/links/recipient.js';
import { connect } from '../../../src/models/connect.js';
import { createModels } from '../../../src/models/index.js';
import { findArchivedEvents } from '../../../src/models/archived-event.js';
import type { Wish } from '../../../src/vocabulary/terms.js';
import { openConsentRoom } from '../../support/consent-room.js';
import type { ConsentRoom } from '../../support/consent-room.js';
import { actors, given, statusOf, partiesOf } from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';

const room = await openConsentRoom();

const secret = 'Zebediah';
const said = {
  ...given,
  explanation: `${secret} said so at the counter.`,
  userAgent: `${secret}’s own browser`,
};
const erase: Wish = { kind: 'ERASE' };
const optIn: Wish = { kind: 'OPT_IN', typeId: trailNotes.id };
const optOut: Wish = { kind: 'OPT_OUT', typeId: offers.id };

/** Everything the database holds about a subscriber, as text. */
async function everythingOf(id: string): Promise<string> {
  const found = await room.models.subscribers.findById(id).lean();
  return JSON.stringify([found, await findArchivedEvents(room.models.archivedEvents, id)]);
}

/** A subscriber with more history than one document holds, with words in every event. */
async function somebodyTalkative(address: string): Promise<string> {
  const id = await room.somebody(address);
  for (let turn = 0; turn <= eventCap; turn++)
    await room.act(
      id,
      actors.freshContact,
      { kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId: offers.id },
      said,
    );
  await room.act(id, actors.staff, [optIn, { kind: 'OPT_IN', typeId: weekendLetters.id }], said);
  return id;
}

it('erasure removes address and words from document and archive, and keeps the chain valid', async () => {
  const id = await somebodyTalkative('zebediah@example.com');
  expect((await everythingOf(id)).includes(secret)).toBe(true);
  await room.act(id, actors.staff, erase, { ...said, locale: 'en' });
  const left = await everythingOf(id);
  for (const word of [secret, 'zebediah@']) expect(left.includes(word), word).toBe(false);
  const { subscriber, events } = await room.history(id);
  expect(subscriber).toMatchObject({ address: null, locale: null, lastSave: null, pending: [] });
  expect(events).toHaveLength(subscriber.seq);
  expect(await room.faults(id)).toEqual([]);
});

it('erasure keeps the suppression: it applies to a new link, and only the contact can opt in again', async () => {
  const address = 'back-again@example.com';
  const id = await somebodyTalkative(address);
  await room.act(id, actors.freshContact, erase);
  const ask = (actor: Parameters<ConsentRoom['act']>[1]) => room.act(id, actor, optIn, given);
  expect((await ask(actors.freshContact)).outcomes[0]).toMatchObject({ code: 'ERASED' });

  expect(room.idOf(address.toUpperCase())).toBe(id);
  const known = await findOrMakeSubscribers({ ...room.deps, subscriberIds: room.subscriberIds }, [
    destinationOf(room, await room.deps.catalogue(), { address, unitId: 0 }),
  ]);
  expect(known.get(id)?.epoch, 'links from before can only opt out').toBe(1);
  const { subscriber } = await room.history(id);
  expect(subscriber.address).toBe(address);
  expect(statusOf(subscriber, trailNotes)).toBe('UNSUBSCRIBED');
  for (const actor of [actors.staff, actors.bulkStaff, actors.importer, actors.workflow, actors.apiV4])
    expect((await ask(actor)).outcomes[0]?.result, actor.kind).toBe('REFUSED');
  expect((await ask(actors.freshContact)).outcomes[0]?.result).toBe('CHANGED');
  expect(await room.faults(id)).toEqual([]);
});

it('erasure by staff keeps the person’s opt-out: staff cannot lift it singly or in bulk', async () => {
  const id = await room.somebody('forgotten@example.com');
  await room.act(id, actors.staff, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }, erase], given);
  // A new contact brings the address back.
  await room.models.subscribers.updateOne({ _id: id }, { $set: { address: 'forgotten@example.com' } });
  const lift = (unitId: number | null): Wish => ({ kind: 'LIFT_OPT_OUT_OF_ALL', unitId });
  for (const actor of [actors.staff, actors.bulkStaff])
    for (const wish of [optIn, lift(northwind.id), lift(null)]) await room.act(id, actor, wish, given);
  expect(statusOf((await room.history(id)).subscriber, trailNotes)).toBe('UNSUBSCRIBED');
  expect((await room.act(id, actors.staff, lift(null), given)).outcomes[0]).toMatchObject({
    code: 'NOT_SET_BY_STAFF',
  });
  // After the person opts in to one unit, the other units keep the person's opt-out, next to a later one by staff.
  await room.act(id, actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: fjell.id }, given);
  expect((await room.act(id, actors.freshContact, optIn, given)).outcomes[0]?.result).toBe('CHANGED');
  await room.act(id, actors.staff, lift(fjell.id), given);
  const { subscriber } = await room.history(id);
  expect(partiesOf(subscriber.optOuts.units[fjell.id])).toEqual(['CONTACT']);
  expect(await room.faults(id)).toEqual([]);
});

it('erasing twice changes nothing', async () => {
  const id = await room.somebody();
  await room.act(id, actors.staff, erase);
  const before = await everythingOf(id);
  expect((await room.act(id, actors.staff, erase)).outcomes[0]?.result).toBe('NO_CHANGE');
  expect(await everythingOf(id)).toBe(before);
});

describe('erasure while the database fails', () => {
  /** The test's consent deps, with an archive whose connection has failed. */
  async function withoutArchive(): Promise<ConsentDeps> {
    const gone = await connect(room.database.uri);
    const { archivedEvents } = createModels(gone);
    await gone.close();
    return { ...room.deps, models: { ...room.models, archivedEvents } };
  }

  it('never reports success, keeps state and history in agreement, and completes when repeated', async () => {
    const id = await somebodyTalkative('halfway@example.com');
    const ask = { subscriberId: id, channel: 'EMAIL', actor: actors.staff, wishes: [erase] } as const;
    await expect(changeConsent(await withoutArchive(), { ...ask, wishes: [erase] })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    expect(await room.faults(id)).toEqual([]);
    await changeConsent(room.deps, { ...ask, wishes: [erase] });
    expect((await everythingOf(id)).includes(secret)).toBe(false);
    expect(await room.faults(id)).toEqual([]);
  });
});

it('erasure removes the words although archiving runs at the same time', async () => {
  const id = await room.somebody();
  for (let turn = 0; turn < eventCap; turn++)
    await room.act(
      id,
      actors.freshContact,
      { kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId: offers.id },
      said,
    );
  await Promise.all([
    room.act(id, actors.freshContact, [optOut, { kind: 'OPT_IN', typeId: trailNotes.id }], said),
    archiveOldest(room.models, id),
    room.act(id, actors.staff, erase),
    archiveOldest(room.models, id),
  ]);
  await room.act(id, actors.staff, erase);
  const { events } = await room.history(id);
  const erasedAt = events.findIndex(({ change }) => change.op === 'ERASED');
  // What the contact said after the erasure may stay.
  expect(events.slice(0, erasedAt + 1).filter(({ detail }) => detail)).toEqual([]);
  expect(await room.faults(id)).toEqual([]);
});
