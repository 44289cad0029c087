/** The columns of subscriptions and of the marketing contact status: what they change, what never changes, and what the undo leaves alone. */
import { expect, it } from 'vitest';
import { removeContact } from '../../../src/domain/contacts/delete.js';
import { contactResults } from '../../../src/domain/imports/list-file.js';
import {
  addressesOfEachTest,
  importPartyOf,
  openContactImportRoom,
  rowsOfText,
  withBasis,
} from '../../support/contact-import-room.js';
import { actors, given, worldWith } from '../../support/judge.js';
import { northwind, offers, trailNotes } from '../../support/people.js';
import { refusalWords } from '../../../src/vocabulary/words.js';
import { optIn, optOut, stop } from '../../support/wishes.js';

const room = await openContactImportRoom();

const all = ({ _id: id }: { _id: string }) => ({ id, scope: null });
const at = addressesOfEachTest();

const lines = (...rows: string[]) => [`E-mail,${trailNotes.name},${offers.name}`, ...rows];
const stateOf = async (name: string) => (await room.history(room.idOf(at(name)))).subscriber;

it('subscriptions are opted in to with basis and explanation, and opted out of, in the words of eight languages', async () => {
  const one = await room.importedContacts(
    lines(`${at('ann')},yes,nei`, `${at('bob')},Tak,`, `${at('cara')},,Non`, `${at('dan')},maybe,`),
    withBasis,
  );
  expect(one.contactResult).toMatchObject({
    created: 3,
    rejected: 1,
    optIns: 2,
    optOuts: 2,
    refusedOptIns: 0,
  });
  const ann = await stateOf('ann');
  expect(ann.subscriptions[trailNotes.id]).toMatchObject({ by: 'IMPORT', ...withBasis });
  expect(ann.optOuts.types[offers.id]).toMatchObject([{ party: importPartyOf(one) }]);
  expect(await room.faults(ann._id)).toEqual([]);
  const { events } = await room.history(ann._id);
  expect(events.map(({ actor }) => actor)).toMatchObject([
    { kind: 'IMPORT', ref: `import:${one._id}:2`, by: 'user:1' },
    { kind: 'IMPORT', ref: `import:${one._id}:2`, by: 'user:1' },
  ]);
});

it('subscriptions are refused without basis or explanation, and the row is written all the same', async () => {
  const one = await room.importedContacts(lines(`${at('ann')},yes,no`));
  expect(one.contactCounts).toMatchObject({ created: 1, optIns: 0, optOuts: 1, refusedOptIns: 1 });
  expect(one.contactResult).toMatchObject({ created: 1, optIns: 0, optOuts: 1, refusedOptIns: 1 });
  expect((await stateOf('ann')).subscriptions[trailNotes.id]).toBeUndefined();
});

it('subscriptions are not opted in to by a word that may mean something else', async () => {
  const words = ['in', 'opted', 'O', 'out', 'OK'];
  const rows = words.map((word) => `${at(word.toLowerCase())},${word}`);
  const header = `E-mail,${trailNotes.name}`;
  const one = await room.importedContacts([header, `${at('ann')},oui`, ...rows], withBasis);
  expect(one.contactResult).toMatchObject({ rejected: words.length, optIns: 1 });
});

it('subscriptions to a type that is gone since the check are in the result, and change nothing', async () => {
  const rows = [`${at('ann')},yes`, `${at('bob')},no`];
  const checked = await room.prepared([`E-mail,${trailNotes.name}`, ...rows], withBasis);
  const world = worldWith();
  const types = new Map([...world.types].filter(([id]) => id !== trailNotes.id));
  room.setCatalogue({ ...world, types });
  await room.confirmed(checked);
  await room.workNow();
  room.setCatalogue(world);
  const one = await room.theImport(checked._id);
  expect(one.contactResult).toMatchObject({ created: 2, optIns: 0, optOuts: 0, refusedOptIns: 1 });
  const [, ...results] = await rowsOfText(await contactResults(room.imports, all(one)));
  expect(results.map(([, , , , reason]) => reason)).toEqual(Array(2).fill(refusalWords.UNKNOWN_TYPE));
});

it('subscriptions are never opted in to after an opt-out by anyone, which stays as it is', async () => {
  const outs = {
    click: [actors.oneClick, stop(northwind.id)],
    staff: [actors.staff, optOut(trailNotes)],
    portal: [actors.staff, stop(null)],
    list: [actors.importer, stop(northwind.id)],
  } as const;
  for (const [name, [actor, wish]] of Object.entries(outs)) await room.act(room.idOf(at(name)), actor, wish);
  const before = await Promise.all(Object.keys(outs).map(stateOf));
  const one = await room.importedContacts(
    ['E-mail,First name,' + trailNotes.name, ...Object.keys(outs).map((name) => `${at(name)},Ann,yes`)],
    withBasis,
  );
  expect(one.contactResult).toMatchObject({ created: 4, optIns: 0, refusedOptIns: 4 });
  for (const [index, name] of Object.keys(outs).entries()) {
    const { optOuts, seq, subscriptions } = await stateOf(name);
    expect({ optOuts, seq, subscriptions }).toEqual({
      ...{ optOuts: before[index]?.optOuts, seq: before[index]?.seq, subscriptions: {} },
    });
    expect(await room.contactOf(at(name))).toMatchObject({ firstName: 'Ann' });
  }
  const reasons = (await rowsOfText(await contactResults(room.imports, all(one)))).map((row) =>
    row.slice(4).join(),
  );
  expect(reasons.slice(1).every((reason) => reason.includes(trailNotes.name))).toBe(true);
});

it('subscriptions of an exported file change nothing when it is imported again, whatever its columns say (case F1)', async () => {
  for (const name of ['out', 'staff', 'in']) await room.contact({ email: at(name), firstName: name });
  await room.act(room.idOf(at('out')), actors.oneClick, stop(null));
  await room.act(room.idOf(at('staff')), actors.staff, optOut(trailNotes));
  await room.act(room.idOf(at('in')), actors.staff, optIn(trailNotes), given);
  const names = ['out', 'staff', 'in'];
  const before = await Promise.all(names.map(stateOf));
  for (const words of [
    ['Opted out', 'Opted out', 'Subscribed'],
    ['yes', 'yes', 'yes'],
    ['no', 'no', 'yes'],
  ]) {
    const rows = names.map((name, index) => `${at(name)},${name},${words[index]}`);
    const header = `E-mail,First name,Subscription to ${trailNotes.name} (${northwind.name})`;
    const one = await room.importedContacts([header, ...rows], { ...withBasis, emptyClears: true });
    expect(one.contactResult).toMatchObject({ unchanged: 3, optIns: 0, optOuts: 0 });
  }
  expect(await Promise.all(names.map(stateOf))).toEqual(before);
});

it('subscriptions of a rejected row count if they are opt-outs: an opt-out is never lost', async () => {
  const one = await room.importedContacts(
    [`E-mail,First name,${trailNotes.name},${offers.name}`, `${at('ann')},${'x'.repeat(101)},no,yes`],
    withBasis,
  );
  expect(one.contactResult).toMatchObject({ rejected: 1, created: 0, optOuts: 1, optIns: 0 });
  expect((await stateOf('ann')).optOuts.types[trailNotes.id]).toMatchObject([{ by: 'IMPORT' }]);
});

it('subscriptions stay suppressed for an erased address', async () => {
  await room.contact({ email: at('ann') });
  await room.act(room.idOf(at('ann')), actors.staff, { kind: 'ERASE' });
  const gone = await room.contactOf(at('ann'));
  if (gone) await removeContact(room.imports, gone);
  const one = await room.importedContacts(lines(`${at('ann')},yes,yes`), withBasis);
  expect(one.contactResult).toMatchObject({ created: 1, optIns: 0, refusedOptIns: 2 });
  expect((await stateOf('ann')).optOuts.portal).toMatchObject([{ party: 'CONTACT' }]);
});

it('subscriptions take the later row of an address only where the rules allow it: no, then yes, stays no', async () => {
  const one = await room.importedContacts(
    [
      `E-mail,${trailNotes.name}`,
      `${at('ann')},no`,
      `${at('ann')},yes`,
      `${at('bob')},yes`,
      `${at('bob')},no`,
    ],
    withBasis,
  );
  expect(one.contactResult).toMatchObject({ optIns: 1, optOuts: 2, refusedOptIns: 1 });
  for (const name of ['ann', 'bob'])
    expect((await stateOf(name)).optOuts.types[trailNotes.id]).toHaveLength(1);
});

it('the undo deletes what the import created and nobody has changed since, and leaves consent alone', async () => {
  const old = await room.contact({ email: at('old'), firstName: 'Olga' });
  const one = await room.importedContacts(
    [
      `E-mail,First name,${trailNotes.name},${offers.name}`,
      ...['old', 'kept', 'gone'].map((name) => `${at(name)},New,yes,no`),
    ],
    withBasis,
  );
  expect(one.contactResult).toMatchObject({ created: 2, changed: 1, optIns: 3, optOuts: 3 });
  const kept = await room.contactOf(at('kept'));
  if (kept) await room.edit(kept, { lastName: 'Edited' });
  const undo = await room.undone(one);
  expect(undo).toMatchObject({
    kind: 'UNDO_CONTACTS',
    state: 'DONE',
    result: { changed: 1, unchanged: 1 },
  });
  expect(await room.contactOf(at('gone'))).toBeNull();
  expect(await room.contactOf(at('kept'))).toMatchObject({ lastName: 'Edited' });
  expect(await room.stored(old._id)).toMatchObject({ firstName: 'New' });
  const { subscriber } = await room.history(room.idOf(at('gone')));
  expect(subscriber).toMatchObject({ contactId: null });
  expect(subscriber.optOuts.types[offers.id]).toHaveLength(1);
  expect(subscriber.subscriptions[trailNotes.id]).toBeDefined();
  expect(await room.undone(one), 'once more').toMatchObject({ _id: undo._id });
  expect((await room.theImport(one._id)).undoneBy).toBe(undo._id);
  const again = await room.importedContacts(['E-mail,First name', `${at('gone')},Back`]);
  expect(again.contactResult).toMatchObject({ created: 1 });
});

it('a marketing contact status counts at once for a new contact, and non-marketing at the next update for a known one', async () => {
  for (const name of ['ann', 'bob']) await room.contact({ email: at(name) });
  const lines = [
    'E-mail,Marketing contact status',
    `${at('ann')},Non-marketing`,
    `${at('bob')},yes`,
    `${at('cara')},no`,
    `${at('dan')},`,
    `${at('eva')},maybe`,
  ];
  const one = await room.importedContacts(lines);
  expect(one.contactResult).toMatchObject({ changed: 1, unchanged: 1, created: 2, rejected: 1 });
  const now = await Promise.all(['ann', 'bob', 'cara', 'dan'].map((name) => room.contactOf(at(name))));
  expect(now.map((contact) => [contact?.isMarketing, Boolean(contact?.leavesMarketingSince)])).toEqual([
    ...[
      [true, true],
      [true, false],
      [false, false],
      [true, false],
    ],
  ]);
  const again = await room.importedContacts(lines);
  expect(again.contactResult).toMatchObject({ changed: 0, unchanged: 4 });
  expect((await room.undone(one)).result).toEqual({ changed: 2, unchanged: 0 });
});
