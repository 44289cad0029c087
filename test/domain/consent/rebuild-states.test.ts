/** The migration to opt-outs by party rebuilds states from histories of an older release, archived events included. */
import { expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { makeEvents } from '../../../src/domain/consent/events.js';
import { rebuildStates } from '../../../src/domain/consent/rebuild-states.js';
import type { Actor, Change } from '../../../src/vocabulary/terms.js';
import { archivedEventKey } from '../../../src/models/archived-event.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors, partiesOf, yesterday } from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes, types } from '../../support/people.js';

const room = await openConsentRoom();
for (const { id, ...type } of types) await room.models.types.create({ _id: id, ...type });

type Act = [Actor, ...Change[]];
const machine: Actor = { kind: 'ONE_CLICK', ref: 'header' };
const all = (unitId: number | null, from: boolean, to: boolean, marks: object = {}): Change => ({
  ...{ op: 'OPT_OUT_OF_ALL', unitId, typeId: null, from, to },
  ...marks,
});
const status = (
  { id: typeId, unitId }: { id: number; unitId: number },
  from: 'SUBSCRIBED' | 'UNSUBSCRIBED' | 'NOT_SPECIFIED',
  to: typeof from,
  marks: object = {},
): Change => ({ op: 'STATUS', unitId, typeId, from, to, ...marks });

/** A document of an older release: the given events, the oldest of them archived, and a state of the older form. */
async function older(acts: Act[], { archived = 0 } = {}): Promise<string> {
  const id = await room.somebody();
  let head = { seq: 0, chainHead: '' };
  const events = acts.flatMap(([actor, ...changes]) => {
    const circumstances = actor === machine ? { isMachine: true } : {};
    const made = makeEvents(head, changes, { at: yesterday, channel: 'EMAIL', actor, circumstances });
    head = { seq: made.at(-1)?.seq ?? 0, chainHead: made.at(-1)?.hash ?? '' };
    return made;
  });
  for (const event of events.slice(0, archived))
    await room.models.archivedEvents.create({ _id: archivedEventKey(id, event.seq), event });
  const kept = events.slice(archived);
  await room.models.subscribers.collection.updateOne(
    { _id: id as never },
    {
      $set: {
        ...{ events: kept, eventCount: kept.length, ...head, version: 3, updatedAt: yesterday },
        ...{ statuses: {}, optOuts: { portal: null, units: {} } },
      },
      $unset: { subscriptions: '' },
    },
  );
  return id;
}

it('the migration gives every party in an older history one entry and keeps the chain', async () => {
  const both = await older([
    [actors.staff, all(northwind.id, false, true)],
    [machine, all(northwind.id, true, true, { keepsBoth: true })],
    [actors.importer, all(northwind.id, true, true, { keepsBoth: true })],
  ]);
  const corrected = await older([
    [actors.importer, status(offers, 'NOT_SPECIFIED', 'UNSUBSCRIBED')],
    [machine, status(offers, 'UNSUBSCRIBED', 'UNSUBSCRIBED', { keepsBoth: true })],
    [actors.staff, status(offers, 'UNSUBSCRIBED', 'UNSUBSCRIBED', { isHandedBack: true })],
  ]);
  const lifted = await older(
    [
      [actors.freshContact, status(trailNotes, 'NOT_SPECIFIED', 'SUBSCRIBED')],
      [actors.importer, all(null, false, true)],
      [
        actors.freshContact,
        all(null, true, false),
        all(fjell.id, false, true, { isRemainder: true }),
        status(trailNotes, 'SUBSCRIBED', 'UNSUBSCRIBED', { isRemainder: true }),
        status(offers, 'NOT_SPECIFIED', 'SUBSCRIBED'),
      ],
    ],
    { archived: 3 },
  );
  const erased = await older([
    [actors.staff, all(null, false, true), { op: 'ERASED', unitId: null, typeId: null }],
  ]);
  await rebuildStates(room.models);

  const stateOf = async (id: string) => (await room.history(id)).subscriber;
  expect(partiesOf((await stateOf(both)).optOuts.units[northwind.id])).toEqual([
    'STAFF',
    'AUTOMATED',
    'IMPORT:import:1',
  ]);
  expect(partiesOf((await stateOf(corrected)).optOuts.types[offers.id])).toEqual(['IMPORT:import:1']);
  const { optOuts, ...rest } = await stateOf(lifted);
  expect([
    optOuts.portal,
    partiesOf(optOuts.units[fjell.id]),
    partiesOf(optOuts.types[trailNotes.id]),
  ]).toEqual([null, ['CONTACT'], ['CONTACT']]);
  expect(effectiveStatus({ optOuts, ...rest }, offers).status).toBe('SUBSCRIBED');
  expect(partiesOf((await stateOf(erased)).optOuts.portal)).toEqual(['STAFF', 'CONTACT']);
  for (const id of [both, corrected, lifted, erased]) {
    expect(await room.faults(id)).toEqual([]);
    expect(await room.models.subscribers.findById(id).lean()).not.toHaveProperty('statuses');
  }
  expect((await stateOf(both)).machineMade).toEqual({ at: yesterday, of: ['all', '0'] });

  const before = await room.models.subscribers.find({}).lean();
  await rebuildStates(room.models);
  expect(await room.models.subscribers.find({}).lean()).toEqual(before);
});
