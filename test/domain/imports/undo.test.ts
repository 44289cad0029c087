/** What an import writes beside the acts of others, and what its undo removes: one opt-out per party. */
import { trusted } from 'mongoose';
import { expect, it } from 'vitest';
import { maySend } from '../../../src/domain/marketing/may-send.js';
import { undoImport } from '../../../src/domain/imports/undo.js';
import { findImports, type Import } from '../../../src/models/import.js';
import { importPartyOf, openImportRoom } from '../../support/import-room.js';
import { actors, given } from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes } from '../../support/people.js';
import { lift, optIn, stop } from '../../support/wishes.js';

const room = await openImportRoom();

const listOf = (...names: string[]) => `Email\n${names.map((name) => `${name}@example.com\n`).join('')}`;
const id = (name: string) => room.idOf(`${name}@example.com`);
const partiesOf = async (name: string, unitId: number | null = northwind.id) => {
  const { optOuts } = (await room.history(id(name))).subscriber;
  return ((unitId === null ? optOuts.portal : optOuts.units[unitId]) ?? []).map(({ party }) => party);
};
const outOf = async (name: string, typeId: number) => {
  const { imports } = room;
  return maySend(imports, { address: `${name}@example.com`, typeId });
};

it('a second import of the same file has its own entry, changes no status, and outlives the undo of the first', async () => {
  const first = await room.imported(listOf('ann', 'bob'));
  const second = await room.imported(listOf('ann', 'bob'));
  expect(second).toMatchObject({ counts: { optedOutBefore: 2 }, result: { changed: 0, unchanged: 2 } });
  expect(await partiesOf('ann')).toEqual([importPartyOf(first), importPartyOf(second)]);
  const undo = await room.undone(first);
  expect(undo).toMatchObject({
    kind: 'UNDO',
    undoes: first._id,
    state: 'DONE',
    result: { changed: 2, unchanged: 0 },
  });
  expect(await partiesOf('ann')).toEqual([importPartyOf(second)]);
  expect((await outOf('bob', trailNotes.id)).isEligible).toBe(false);
  await room.undone(second);
  expect(await partiesOf('ann')).toEqual([]);
  expect((await outOf('bob', trailNotes.id)).isEligible).toBe(true);
});

it('the undo is in the list of imports and in each history, and a second one changes nothing', async () => {
  const one = await room.imported(listOf('cara'));
  const undo = await room.undone(one);
  const { events } = await room.history(id('cara'));
  expect(events.map(({ actor }) => actor.ref)).toEqual([`import:${one._id}`, `import:${undo._id}`]);
  expect((await room.undone(one))._id).toBe(undo._id);
  expect((await room.history(id('cara'))).events).toHaveLength(2);
  const newest = await findImports(room.models, { scope: null, before: null, limit: 100 });
  expect(newest.map(({ _id }) => _id)).toEqual(expect.arrayContaining([one._id, undo._id]));
  expect((await room.theImport(one._id)).undoneBy).toBe(undo._id);
  await expect(undoImport(room.imports, { id: undo._id, scope: null }, 'user:1')).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

it('leaves what others opted out before and after the import, also where an opt-in moved its entry down', async () => {
  await room.act(id('dan'), actors.staff, stop(northwind.id));
  await room.act(id('eva'), actors.oneClick, stop(northwind.id));
  const one = await room.imported(listOf('dan', 'eva', 'fay', 'gus'));
  // The contact's own opt-out is enough: the import adds nothing to it.
  expect(one.result).toEqual({ changed: 2, unchanged: 2 });
  expect(await partiesOf('eva')).toEqual(['CONTACT']);
  room.later(10);
  await room.act(id('fay'), actors.oneClick, stop(northwind.id));
  await room.act(id('gus'), actors.freshContact, optIn(trailNotes));
  const { subscriber } = await room.history(id('gus'));
  expect(subscriber.optOuts.types[offers.id]).toMatchObject([{ party: importPartyOf(one) }]);
  expect((await room.undone(one)).result).toEqual({ changed: 3, unchanged: 1 });
  expect(await partiesOf('dan')).toEqual(['STAFF']);
  expect(await partiesOf('eva')).toEqual(['CONTACT']);
  expect(await partiesOf('fay')).toEqual(['CONTACT']);
  const after = (await room.history(id('gus'))).subscriber;
  expect(after.optOuts).toEqual({ portal: null, units: {}, types: {} });
  expect(after.subscriptions[trailNotes.id]).toBeDefined();
});

it('a contact on the list stays a contact, its facets follow, and it can be opted in again by itself only', async () => {
  const [member] = await room.crowd(1);
  const one = await room.imported(listOf('member-0', 'hal'), { unitId: null });
  expect(one.counts).toMatchObject({ contacts: 1, unknown: 1 });
  const contact = await room.models.contacts.findById(member?.contactId).lean();
  expect(contact?.facets).toContain('EMAIL:out-of-all');
  expect(await room.models.contacts.estimatedDocumentCount()).toBe(1);
  expect((await outOf('member-0', trailNotes.id)).rule).toBe('PORTAL_WIDE_STATUS');
  expect(await partiesOf('hal', null)).toEqual([importPartyOf(one)]);
  for (const actor of [actors.workflow, actors.apiV3, actors.importer]) {
    const { outcomes } = await room.act(id('hal'), actor, optIn(trailNotes), given);
    expect(outcomes[0]?.result).toBe('REFUSED');
  }
  const lifted = await room.act(id('hal'), actors.staff, lift(null));
  expect(lifted.outcomes).toMatchObject([{ result: 'REFUSED', code: 'NOT_SET_BY_STAFF' }]);
});

it('a list of one unit does not tell which addresses are contacts of another', async () => {
  const moved = await room.models.contacts.updateMany({}, { $set: { unitIds: [fjell.id] } });
  expect(moved.matchedCount).toBe(1);
  const asked = await room.checked(listOf('member-0', 'ingrid'), { unitId: northwind.id });
  expect(asked.counts).toMatchObject({ distinct: 2, contacts: 0 });
  const theirs = await room.checked(listOf('member-0', 'ingrid'), { unitId: fjell.id });
  expect(theirs.counts).toMatchObject({ distinct: 2, contacts: 1 });
});

it('an erased address that is imported stays erased and suppressed', async () => {
  await room.act(await room.somebody('ida@example.com'), actors.staff, { kind: 'ERASE' });
  const one = await room.imported(listOf('ida'), { unitId: fjell.id });
  expect(one.result).toEqual({ changed: 0, unchanged: 1 });
  const { subscriber } = await room.history(id('ida'));
  expect(subscriber).toMatchObject({ address: null, contactId: null });
  expect((await outOf('ida', trailNotes.id)).rule).toBe('PORTAL_WIDE_STATUS');
  await room.undone(one);
  expect((await outOf('ida', trailNotes.id)).isEligible).toBe(false);
});

it('two imports of overlapping lists at once give the union, each with its entries', async () => {
  const names = Array.from({ length: 900 }, (_, index) => `person${index}`);
  const lists = [names.slice(0, 600), names.slice(300)];
  const checked: Import[] = [];
  for (const list of lists) checked.push(await room.checked(listOf(...list)));
  for (const one of checked) await room.confirmed(one);
  await Promise.all([room.workNow(), room.workNow()]);
  const [a, b] = [await room.theImport(checked[0]?._id ?? ''), await room.theImport(checked[1]?._id ?? '')];
  expect([a.state, b.state]).toEqual(['DONE', 'DONE']);
  const ids = names.map(id);
  const found = await room.models.subscribers.find({ _id: trusted({ $in: ids }) }, { optOuts: 1 }).lean();
  const sets = new Map(found.map(({ _id, optOuts }) => [_id, optOuts.units[northwind.id]]));
  const parties = ids.map((one) => (sets.get(one) ?? []).map(({ party }) => party).sort());
  expect(parties).toEqual(
    ids.map((_, index) =>
      [...(index < 600 ? [importPartyOf(a)] : []), ...(index >= 300 ? [importPartyOf(b)] : [])].sort(),
    ),
  );
  const sum = (one: Import) => (one.result?.changed ?? 0) + (one.result?.unchanged ?? 0);
  expect([sum(a), sum(b)]).toEqual([600, 600]);
  expect((a.result?.changed ?? 0) + (b.result?.changed ?? 0)).toBe(900);
});

it('a phone list opts out of messages by the channel that was chosen, with a default country', async () => {
  const one = await room.imported('Mobile\n+47 900 00 001\n90000002\n0047 90000001\nnone\n', {
    channel: 'SMS',
    unitId: fjell.id,
  });
  expect(one.counts).toMatchObject({ rows: 4 });
  const found = await room.models.subscribers.findById(room.subscriberIds('SMS', '+4790000001')).lean();
  expect(found).toMatchObject({ channel: 'SMS', address: '+4790000001' });
  expect(found?.optOuts.units[fjell.id]).toHaveLength(1);
  expect(
    await room.models.subscribers.findById(room.subscriberIds('WHATSAPP', '+4790000001')).lean(),
  ).toBeNull();
});
